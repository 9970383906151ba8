//! Puts a field where it belongs in the parsed line.

use std::borrow::Cow;

use super::level::level;
use super::{Role, from_value};
use crate::formats::header::file_and_line;
use crate::names;
use crate::parsed::ParsedLine;
use crate::time::Context;
use crate::trace;
use crate::value::Value;

/// Uses a field for what it means. `Err` gives the value back: it means nothing, does not fit its meaning, or the line has
/// such a field already. It is then an attribute of its own name.
pub(crate) fn assign<'a>(
    role: Role,
    value: Value<'a>,
    line: &mut ParsedLine<'a>,
    context: &Context,
) -> Result<(), Value<'a>> {
    match role {
        Role::Attribute | Role::Message(_) => Err(value),
        Role::Time => time(value, line, context),
        Role::Level(scale) => severity(level(&value, scale), value, line),
        Role::Logger => text_into(&mut line.scope_name, value),
        Role::EventName => text_into(&mut line.event_name, value),
        Role::Host => text_into_option(&mut line.resource.host_name, value),
        Role::Service => text_into_option(&mut line.resource.service_name, value),
        Role::ServiceVersion => text_into_option(&mut line.resource.service_version, value),
        Role::Pid => pid(value, line),
        Role::ThreadName | Role::ThreadId if matches!(value, Value::I64(_)) => {
            renamed(names::THREAD_ID, value, line)
        }
        Role::ThreadName => renamed(names::THREAD_NAME, value, line),
        Role::ThreadId => renamed(names::THREAD_ID, value, line),
        Role::File => renamed(names::CODE_FILE_PATH, value, line),
        Role::Line => renamed(names::CODE_LINE_NUMBER, whole_number(value), line),
        Role::Function => renamed(names::CODE_FUNCTION_NAME, value, line),
        Role::Caller => caller(value, line),
        Role::Position => position(value, line),
        Role::ExceptionType => renamed(names::EXCEPTION_TYPE, value, line),
        Role::ExceptionMessage => renamed(names::EXCEPTION_MESSAGE, value, line),
        Role::ExceptionStacktrace => renamed(names::EXCEPTION_STACKTRACE, value, line),
        _ => trace_context(role, value, line),
    }
}

/// Some loggers write the level as a name and as a number: the text is the name's, the number the name's too if it is a known one.
fn severity<'a>(
    found: Option<(u8, Cow<'a, str>)>,
    value: Value<'a>,
    line: &mut ParsedLine<'a>,
) -> Result<(), Value<'a>> {
    let Some((number, text)) = found else { return Err(value) };
    match (is_digits(&text), is_digits(&line.severity_text)) {
        _ if line.severity_text.is_empty() => (line.severity_number, line.severity_text) = (number, text),
        (false, true) => {
            line.severity_text = text;
            if number > 0 {
                line.severity_number = number;
            }
        }
        (true, false) if line.severity_number == 0 => line.severity_number = number,
        (true, false) => {}
        _ => return Err(value),
    }
    Ok(())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn time<'a>(value: Value<'a>, line: &mut ParsedLine<'a>, context: &Context) -> Result<(), Value<'a>> {
    if line.time_unix_nano.is_some() {
        return Err(value);
    }
    let Some(stamp) = from_value(&value, context) else { return Err(value) };
    line.time_unix_nano = Some(stamp.nanos);
    line.zone_assumed = stamp.zone_assumed;
    Ok(())
}

/// Ids that are none (the wrong length, all zeros) stay attributes.
fn trace_context<'a>(role: Role, value: Value<'a>, line: &mut ParsedLine<'a>) -> Result<(), Value<'a>> {
    let text = value_text(&value);
    let used = match role {
        Role::TraceId => set(&mut line.trace_id, trace::trace_id(&text)),
        Role::SpanId => set(&mut line.span_id, trace::span_id(&text)),
        Role::DatadogTraceId => set(&mut line.trace_id, trace::decimal_trace_id(&text)),
        Role::DatadogSpanId => set(&mut line.span_id, trace::decimal_span_id(&text)),
        Role::TracePath => {
            let id = text.rsplit('/').next().unwrap_or_default();
            set(&mut line.trace_id, trace::trace_id(id))
        }
        Role::TraceFlags => match (&value, trace::flags(&text)) {
            (Value::I64(flags @ 0..=255), _) => add_flags(line, u8::try_from(*flags).unwrap_or_default()),
            (Value::Str(_), Some(flags)) => add_flags(line, flags),
            _ => false,
        },
        Role::TraceSampled => match value {
            Value::Bool(is_sampled) => add_flags(line, if is_sampled { trace::SAMPLED } else { 0 }),
            _ => false,
        },
        Role::Traceparent => match trace::traceparent(&text) {
            Some((trace_id, span_id, flags)) if line.trace_id.is_none() => {
                (line.trace_id, line.span_id) = (Some(trace_id), Some(span_id));
                add_flags(line, flags)
            }
            _ => false,
        },
        _ => false,
    };
    drop(text);
    if used { Ok(()) } else { Err(value) }
}

fn set<T>(place: &mut Option<T>, found: Option<T>) -> bool {
    let used = place.is_none() && found.is_some();
    if used {
        *place = found;
    }
    used
}

fn add_flags(line: &mut ParsedLine<'_>, flags: u8) -> bool {
    line.trace_flags |= flags;
    true
}

fn text_into<'a>(place: &mut Cow<'a, str>, value: Value<'a>) -> Result<(), Value<'a>> {
    match value {
        Value::Str(text) if place.is_empty() => {
            *place = text;
            Ok(())
        }
        other => Err(other),
    }
}

fn text_into_option<'a>(place: &mut Option<Cow<'a, str>>, value: Value<'a>) -> Result<(), Value<'a>> {
    match value {
        Value::Str(text) if place.is_none() && !text.is_empty() => {
            *place = Some(text);
            Ok(())
        }
        other => Err(other),
    }
}

fn pid<'a>(value: Value<'a>, line: &mut ParsedLine<'a>) -> Result<(), Value<'a>> {
    match whole_number(value) {
        Value::I64(pid) if line.resource.process_pid.is_none() => {
            line.resource.process_pid = Some(pid);
            Ok(())
        }
        other => Err(other),
    }
}

/// Under OpenTelemetry's name, unless it is nothing or the line has that attribute already.
fn renamed<'a>(name: &'static str, value: Value<'a>, line: &mut ParsedLine<'a>) -> Result<(), Value<'a>> {
    /// Loggers write such fields early; a line of thousands of fields is not searched for each of them.
    const MAX_SEARCHED: usize = 64;
    let is_there = line.attributes.iter().take(MAX_SEARCHED).any(|(known, _)| known == name);
    if is_there || !matches!(value, Value::Str(_) | Value::I64(_)) {
        return Err(value);
    }
    line.add(name, value);
    Ok(())
}

fn caller<'a>(value: Value<'a>, line: &mut ParsedLine<'a>) -> Result<(), Value<'a>> {
    let found = match &value {
        Value::Str(Cow::Borrowed(text)) => {
            file_and_line(text).map(|(file, number)| (Value::from(file), number))
        }
        Value::Str(Cow::Owned(text)) => {
            file_and_line(text).map(|(file, number)| (Value::from(file.to_owned()), number))
        }
        _ => None,
    };
    let Some((file, number)) = found else { return Err(value) };
    line.add(names::CODE_FILE_PATH, file);
    line.add(names::CODE_LINE_NUMBER, number);
    Ok(())
}

/// slog's and Google's object of file, line and function, and nothing else.
fn position<'a>(value: Value<'a>, line: &mut ParsedLine<'a>) -> Result<(), Value<'a>> {
    let Value::Map(fields) = value else { return Err(value) };
    let is_position = fields.iter().all(|(name, _)| matches!(name.as_ref(), "file" | "line" | "function"))
        && !fields.is_empty();
    if !is_position {
        return Err(Value::Map(fields));
    }
    for (name, value) in fields {
        match name.as_ref() {
            "file" => line.add(names::CODE_FILE_PATH, value),
            "line" => line.add(names::CODE_LINE_NUMBER, whole_number(value)),
            _ => line.add(names::CODE_FUNCTION_NAME, value),
        }
    }
    Ok(())
}

/// Digits as a number; some loggers write numbers as text.
fn whole_number(value: Value<'_>) -> Value<'_> {
    match &value {
        Value::Str(text) => text.parse().map_or(value, Value::I64),
        _ => value,
    }
}

fn value_text<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    match value {
        Value::Str(text) => Cow::Borrowed(text),
        Value::I64(number) => Cow::Owned(number.to_string()),
        _ => Cow::Borrowed(""),
    }
}
