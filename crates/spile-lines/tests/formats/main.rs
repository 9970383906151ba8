//! Lines as real programs write them, and what is read out of each.
//!
//! Every case is a line and a summary of what it must say; [`summary`] leaves out all that is empty, and the body where it is the whole line.
#![allow(clippy::unwrap_used)]

mod containers;
mod json;
mod logfmt;
mod syslog;
mod text;
mod web;

use std::fmt::Write as _;

use jiff::Timestamp;
use spile_lines::{BodyKind, LineParser, ParsedLine, Value, severity_name};

/// 1 June 2024, 12:00 UTC.
const NOW: u64 = 1_717_243_200_000_000_000;

/// What a parsed line says, in one line.
fn summary(line: &ParsedLine<'_>, whole: &str) -> String {
    let mut out = line.format.to_string();
    if let Some(wrapper) = line.wrapper {
        write!(out, " in {wrapper:?}").unwrap();
    }
    if let Some(nanos) = line.time_unix_nano {
        let time = Timestamp::from_nanosecond(nanos.into()).unwrap();
        write!(out, " {time}{}", if line.zone_assumed { "?" } else { "" }).unwrap();
    }
    if line.severity_number > 0 || !line.severity_text.is_empty() {
        write!(out, " {}", severity_name(line.severity_number)).unwrap();
        if line.severity_text != severity_name(line.severity_number) {
            write!(out, "({})", line.severity_text).unwrap();
        }
    }
    for (name, text) in [("scope", &line.scope_name), ("event", &line.event_name)] {
        if !text.is_empty() {
            write!(out, " {name}={text}").unwrap();
        }
    }
    for (name, value) in line.resource.iter() {
        write!(out, " {name}={}", show(&value)).unwrap();
    }
    if let Some(id) = line.trace_id {
        write!(out, " trace={:032x}", u128::from_be_bytes(id)).unwrap();
    }
    if let Some(id) = line.span_id {
        write!(out, " span={:016x}", u64::from_be_bytes(id)).unwrap();
    }
    if line.trace_flags != 0 {
        write!(out, " flags={}", line.trace_flags).unwrap();
    }
    match line.body_kind {
        BodyKind::Text if line.body == whole => {}
        BodyKind::Text => write!(out, " body={:?}", line.body).unwrap(),
        kind if line.body == whole => write!(out, " body as {kind:?}").unwrap(),
        kind => write!(out, " body as {kind:?}={:?}", line.body).unwrap(),
    }
    for (at, (name, value)) in line.attributes.iter().enumerate() {
        write!(out, "{} {name}={}", if at == 0 { " |" } else { "" }, show(value)).unwrap();
    }
    out
}

/// A value so that its type is seen: texts in quotes.
fn show(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::I64(number) => number.to_string(),
        Value::F64(number) => format!("{number:?}"),
        Value::Str(text) => format!("{text:?}"),
        Value::Array(values) => format!("[{}]", values.iter().map(show).collect::<Vec<_>>().join(",")),
        Value::Map(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| format!("{name}:{}", show(value))).collect();
            format!("{{{}}}", fields.join(","))
        }
    }
}

/// Checks a table of lines and summaries; shows all that differ.
#[track_caller]
fn check(cases: &[(&str, &str)]) {
    check_with(&LineParser::new(), cases);
}

#[track_caller]
fn check_with(parser: &LineParser, cases: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (line, want) in cases {
        let got = summary(&parser.parse(*line, NOW), line);
        if got != *want {
            writeln!(wrong, "line {line}\nwant {want}\n got {got}\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
