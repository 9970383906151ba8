//! The formats, record by record.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use jiff::tz::{TimeZone, offset};
use serde_json::{Value as Json, json};
use spile_client::proto::any_value::Value;
use spile_client::proto::{
    AnyValue, ArrayValue, BodyKind, KeyValue, KeyValueList, LogRecord, Resource, SeverityNumber,
};
use spile_client::{TailRecord, key_value, resource};

use super::table::print_table;
use super::{Clock, Printer, Role, Target};
use crate::args::Format;

const PIPE: Target = Target { guarded: false, coloured: false };
const TERMINAL: Target = Target { guarded: true, coloured: true };
const PLAIN_TERMINAL: Target = Target { guarded: true, coloured: false };

/// 2026-11-22T10:00:00.123456789Z.
const TIME: u64 = 1_795_341_600_123_456_789;

fn record(body: &str) -> LogRecord {
    LogRecord {
        time_unix_nano: TIME,
        severity_number: SeverityNumber::Error.into(),
        body: body.to_owned(),
        ..LogRecord::default()
    }
}

fn print_with(
    format: Format,
    target: Target,
    clock: Clock,
    record: &LogRecord,
    resource: &Arc<Resource>,
) -> Vec<u8> {
    let mut out = Vec::new();
    Printer::new(format, target, clock).record(
        &TailRecord { offset: 7, record, resource },
        Role::Alone,
        &mut out,
    );
    out
}

fn print(format: Format, target: Target, record: &LogRecord) -> String {
    let service = resource([("service.name", "checkout")]);
    String::from_utf8(print_with(format, target, Clock::new(false), record, &service)).unwrap()
}

#[test]
fn the_default_line_has_time_severity_service_and_text() {
    let line = print(Format::Default, PIPE, &record("payment refused"));
    assert_eq!(line, "2026-11-22T10:00:00.123Z ERROR checkout payment refused\n");
}

fn print_as(role: Role, format: Format, target: Target) -> String {
    let (record, resource) = (record("x"), Arc::default());
    let mut out = Vec::new();
    let printer = Printer::new(format, target, Clock::new(false));
    printer.record(&TailRecord { offset: 7, record: &record, resource: &resource }, role, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn context_is_told_apart_from_what_matches() {
    let time = "2026-11-22T10:00:00.123Z";
    assert_eq!(print_as(Role::Match, Format::Default, PIPE), format!("{time}:ERROR x\n"));
    assert_eq!(print_as(Role::Context, Format::Default, PIPE), format!("{time}-ERROR x\n"));
    let quiet = format!("\x1b[2m{time}-ERROR x\x1b[0m\n");
    assert_eq!(print_as(Role::Context, Format::Default, TERMINAL), quiet);
    assert_eq!(print_as(Role::Context, Format::Raw, PIPE), "x\n");
    assert!(print_as(Role::Context, Format::Jsonl, PIPE).starts_with("{\"offset\":7,\"context\":true,"));
    assert!(!print_as(Role::Match, Format::Jsonl, PIPE).contains("context"));
}

#[test]
fn what_is_not_known_leaves_no_hole() {
    let bare = LogRecord { body: "x".to_owned(), ..LogRecord::default() };
    let nobody = Arc::default();
    let line = print_with(Format::Default, PIPE, Clock::new(false), &bare, &nobody);
    assert_eq!(line, b"- -     x\n");
    let observed = LogRecord { observed_time_unix_nano: TIME, ..bare };
    let line = print_with(Format::Default, PIPE, Clock::new(false), &observed, &nobody);
    assert_eq!(line, b"2026-11-22T10:00:00.123Z -     x\n");
}

#[test]
fn severities_have_their_short_names() {
    for (number, name) in [
        (0, "-    "),
        (1, "TRACE"),
        (9, "INFO "),
        (10, "INFO2"),
        (18, "ERROR2"),
        (24, "FATAL4"),
        (99, "-    "),
    ] {
        let line = print(Format::Default, PIPE, &LogRecord { severity_number: number, ..record("x") });
        assert_eq!(line, format!("2026-11-22T10:00:00.123Z {name} checkout x\n"));
    }
}

#[test]
fn local_time_has_its_offset() {
    let berlin = Clock::in_zone(TimeZone::fixed(offset(1)));
    let line = print_with(Format::Default, PIPE, berlin, &record("x"), &Arc::default());
    assert_eq!(line, b"2026-11-22T11:00:00.123+01:00 ERROR x\n");
}

#[test]
fn colours_wrap_and_end() {
    let line = print(Format::Default, TERMINAL, &record("x"));
    assert!(
        line.contains("\x1b[31mERROR\x1b[0m checkout") || line.contains("\x1b[31mERROR\x1b[0m "),
        "{line:?}"
    );
    assert!(line.ends_with("\x1b[0m x\n"), "the text itself has no colour that could run on: {line:?}");
    let fatal = LogRecord { severity_number: 21, ..record("x") };
    assert!(print(Format::Default, TERMINAL, &fatal).contains("\x1b[1m\x1b[31mFATAL"));
    assert!(!print(Format::Default, PLAIN_TERMINAL, &fatal).contains('\x1b'));
}

#[test]
fn hostile_text_is_harmless_on_a_terminal_in_every_format() {
    let hostile = "\x1b[2J\u{9b}1m\u{202e}\x07\r\0";
    let evil = resource([("service.name", hostile), (hostile, hostile)]);
    let record = LogRecord {
        severity_text: hostile.to_owned(),
        event_name: hostile.to_owned(),
        scope_name: hostile.to_owned(),
        attributes: vec![key_value(hostile.to_owned(), hostile)],
        ..record(hostile)
    };
    for kind in [BodyKind::Unspecified, BodyKind::Escaped] {
        let record = LogRecord { body_kind: kind.into(), ..record.clone() };
        for format in [Format::Default, Format::Raw, Format::Json, Format::Jsonl] {
            let out = print_with(format, PLAIN_TERMINAL, Clock::new(false), &record, &evil);
            let out = String::from_utf8(out).unwrap();
            let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!out.contains(harmful), "{format:?}: {out:?}");
        }
    }
}

#[test]
fn raw_to_a_pipe_is_exact() {
    for body in ["\x1b[31mred\x1b[0m", "two\nlines", "", "back\\slash \\x41"] {
        assert_eq!(print(Format::Raw, PIPE, &record(body)), format!("{body}\n"));
    }
    let bytes = b"caf\xe9 \\ \\x41 \0 ok";
    let escaped = LogRecord { body_kind: BodyKind::Escaped.into(), ..record(&spile_lines::escape(bytes)) };
    let out = print_with(Format::Raw, PIPE, Clock::new(false), &escaped, &Arc::default());
    assert_eq!(out, [&bytes[..], b"\n"].concat());
    assert_eq!(print(Format::Raw, PLAIN_TERMINAL, &escaped), "caf\\xe9 \\ \\x41 \\x00 ok\n");
}

#[test]
fn a_text_of_several_lines_is_indented_in_the_default_format() {
    let stack = record("panic\n  at main.rs:1\n");
    for target in [PIPE, PLAIN_TERMINAL] {
        let line = print(Format::Default, target, &stack);
        assert_eq!(line, "2026-11-22T10:00:00.123Z ERROR checkout panic\n      at main.rs:1\n    \n");
    }
}

fn value(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

fn everything() -> LogRecord {
    let list = KeyValueList { values: vec![key_value("inner".to_owned(), true)] };
    let array = ArrayValue { values: vec![value(Value::IntValue(1)), AnyValue { value: None }] };
    let attribute = |key: &str, content| KeyValue { key: key.to_owned(), value: Some(value(content)) };
    LogRecord {
        observed_time_unix_nano: 1,
        severity_text: "Err".to_owned(),
        attributes: vec![
            attribute("text", Value::StringValue("a\"b".to_owned())),
            attribute("int", Value::IntValue(i64::MIN)),
            attribute("half", Value::DoubleValue(0.5)),
            attribute("nan", Value::DoubleValue(f64::NAN)),
            attribute("less", Value::DoubleValue(f64::NEG_INFINITY)),
            attribute("bytes", Value::BytesValue(vec![0, 255])),
            attribute("list", Value::KvlistValue(list)),
            attribute("array", Value::ArrayValue(array)),
        ],
        dropped_attributes_count: 2,
        flags: 1,
        trace_id: vec![0xab; 16],
        span_id: vec![1; 8],
        event_name: "paid".to_owned(),
        scope_name: "shop.pay".to_owned(),
        body_kind: BodyKind::Json.into(),
        ..record("{\"a\":1}")
    }
}

#[test]
fn json_has_every_field_with_its_type() {
    let line = print(Format::Jsonl, PIPE, &everything());
    assert_eq!(line.matches('\n').count(), 1);
    let expected = json!({
        "offset": 7,
        "time": "2026-11-22T10:00:00.123456789Z",
        "timeUnixNano": "1795341600123456789",
        "observedTime": "1970-01-01T00:00:00.000000001Z",
        "observedTimeUnixNano": "1",
        "severityNumber": 17,
        "severity": "ERROR",
        "severityText": "Err",
        "body": "{\"a\":1}",
        "bodyKind": "json",
        "eventName": "paid",
        "scopeName": "shop.pay",
        "traceId": "abababababababababababababababab",
        "spanId": "0101010101010101",
        "flags": 1,
        "attributes": {
            "text": "a\"b",
            "int": i64::MIN,
            "half": 0.5,
            "nan": "NaN",
            "less": "-Infinity",
            "bytes": "AP8=",
            "list": {"inner": true},
            "array": [1, null],
        },
        "droppedAttributesCount": 2,
        "resource": {"service.name": "checkout"},
    });
    assert_eq!(serde_json::from_str::<Json>(&line).unwrap(), expected);
    let pretty = print(Format::Json, PIPE, &everything());
    assert!(pretty.contains("\n  \"offset\": 7,\n"), "{pretty}");
    assert_eq!(serde_json::from_str::<Json>(&pretty).unwrap(), expected);
}

#[test]
fn json_leaves_out_what_is_empty() {
    let bare = LogRecord { body: "x".to_owned(), ..LogRecord::default() };
    let line = print_with(Format::Jsonl, PIPE, Clock::new(false), &bare, &Arc::default());
    let expected = "{\"offset\":7,\"severityNumber\":0,\"severity\":\"-\",\"severityText\":\"\",\"body\":\"x\",\
                    \"attributes\":{},\"resource\":{}}\n";
    assert_eq!(String::from_utf8(line).unwrap(), expected);
}

#[test]
fn columns_are_as_wide_as_their_widest_cell() {
    let rows = [["NAME", "N"], ["a", "1"], ["longer", "100"]].map(|row| row.map(str::to_owned));
    let mut out = Vec::new();
    print_table(&rows, [false, true], &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), "NAME      N\na         1\nlonger  100\n");
}
