//! From what a line says to the record that is stored.

use spile_lines::{BodyKind, ParsedLine, Value, names};
use spile_proto::v1::{self, AnyValue, ArrayValue, KeyValue, KeyValueList, LogRecord, any_value};

/// A body that does not fit into a record with its attributes is cut to this, bytes.
const REDUCED_BODY_BYTES: usize = 64 * 1024;

/// A text attribute.
pub(crate) fn text_attribute(key: &str, value: impl Into<String>) -> KeyValue {
    attribute(key, any_value::Value::StringValue(value.into()))
}

/// A whole-number attribute.
pub(crate) fn number_attribute(key: &str, value: i64) -> KeyValue {
    attribute(key, any_value::Value::IntValue(value))
}

fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }) }
}

/// The record of a line. What says where the line comes from is not in it, but for the process: it changes too often to be part of a
/// resource.
pub(crate) fn record(line: ParsedLine<'_>) -> LogRecord {
    let ParsedLine {
        format: _,
        wrapper: _,
        time_unix_nano,
        zone_assumed: _,
        severity_number,
        severity_text,
        body,
        body_kind,
        event_name,
        trace_id,
        span_id,
        trace_flags,
        scope_name,
        resource,
        attributes,
    } = line;
    let process = resource.process_pid.map(|pid| number_attribute(names::PROCESS_PID, pid));
    let attributes = attributes
        .into_iter()
        .map(|(key, value)| KeyValue { key: key.into_owned(), value: Some(any_value(value)) });
    LogRecord {
        time_unix_nano: time_unix_nano.unwrap_or(0),
        severity_number: severity_number.into(),
        severity_text: severity_text.into_owned(),
        body: body.into_owned(),
        attributes: attributes.chain(process).collect(),
        flags: trace_flags.into(),
        trace_id: trace_id.map(Vec::from).unwrap_or_default(),
        span_id: span_id.map(Vec::from).unwrap_or_default(),
        event_name: event_name.into_owned(),
        scope_name: scope_name.into_owned(),
        body_kind: kind(body_kind).into(),
        ..LogRecord::default()
    }
}

/// What is kept of a record that is too large or too deep: its text, cut, and what is cheap.
pub(crate) fn reduced(record: LogRecord) -> LogRecord {
    let LogRecord { mut body, attributes, time_unix_nano, severity_number, body_kind, .. } = record;
    let mut kept = Vec::new();
    let end = body.floor_char_boundary(REDUCED_BODY_BYTES);
    let cut = (body.len() - end) as u64;
    if cut > 0 {
        body.truncate(end);
        body.push_str(&spile_lines::cut_mark(cut));
        kept.push(number_attribute(names::SPILE_CUT_BYTES, cut as i64));
    }
    LogRecord {
        time_unix_nano,
        severity_number,
        body,
        body_kind,
        attributes: kept,
        dropped_attributes_count: attributes.len().try_into().unwrap_or(u32::MAX),
        ..LogRecord::default()
    }
}

fn kind(kind: BodyKind) -> v1::BodyKind {
    match kind {
        BodyKind::Text => v1::BodyKind::Unspecified,
        BodyKind::Json => v1::BodyKind::Json,
        BodyKind::Escaped => v1::BodyKind::Escaped,
    }
}

fn any_value(value: Value<'_>) -> AnyValue {
    let value = match value {
        Value::Null => None,
        Value::Bool(value) => Some(any_value::Value::BoolValue(value)),
        Value::I64(value) => Some(any_value::Value::IntValue(value)),
        Value::F64(value) => Some(any_value::Value::DoubleValue(value)),
        Value::Str(text) => Some(any_value::Value::StringValue(text.into_owned())),
        Value::Array(values) => {
            let values = values.into_iter().map(any_value).collect();
            Some(any_value::Value::ArrayValue(ArrayValue { values }))
        }
        Value::Map(fields) => {
            let pair = |(key, value): (std::borrow::Cow<'_, str>, _)| KeyValue {
                key: key.into_owned(),
                value: Some(any_value(value)),
            };
            Some(any_value::Value::KvlistValue(KeyValueList {
                values: fields.into_iter().map(pair).collect(),
            }))
        }
    };
    AnyValue { value }
}
