//! Cells and rows.
#![allow(clippy::unwrap_used)]

use spile_client::proto::{BodyKind, LogRecord};
use spile_client::{TailRecord, key_value, resource};

use super::{COLUMNS, heading, row};
use crate::output::Target;

const FILE: Target = Target { guarded: false, coloured: false };
const TERMINAL: Target = Target { guarded: true, coloured: false };

fn print(record: &LogRecord, target: Target) -> String {
    let resource = resource([("service.name", "shop, \"the\" one")]);
    let mut out = Vec::new();
    row(&TailRecord { offset: 7, record, resource: &resource }, target, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_heading_names_the_columns_as_parquet_does() {
    let mut out = Vec::new();
    heading(&mut out);
    assert!(out.ends_with(b",resource_attributes\r\n"));
    let schema = spile_columns::schema();
    for name in COLUMNS {
        assert!(schema.field_with_name(name).is_ok(), "{name}");
    }
}

#[test]
fn a_row_has_every_field() {
    let record = LogRecord {
        time_unix_nano: 1_795_341_600_123_456_789,
        severity_number: 17,
        severity_text: "err".to_owned(),
        body: "two\nlines, and a \"quote\"".to_owned(),
        attributes: vec![key_value("code".to_owned(), 500_i64)],
        dropped_attributes_count: 2,
        flags: 1,
        trace_id: vec![0xab; 16],
        span_id: vec![1; 8],
        observed_time_unix_nano: 1,
        event_name: "paid".to_owned(),
        resource_hash: 9,
        scope_name: "shop.pay".to_owned(),
        body_kind: BodyKind::Json.into(),
    };
    let expected = concat!(
        "7,2026-11-22T10:00:00.123456789Z,1970-01-01T00:00:00.000000001Z,17,err,",
        "\"shop, \"\"the\"\" one\",\"two\nlines, and a \"\"quote\"\"\",json,\"{\"\"code\"\":500}\",2,1,",
        "abababababababababababababababab,0101010101010101,paid,shop.pay,",
        "\"{\"\"service.name\"\":\"\"shop, \\\"\"the\\\"\" one\"\"}\"\r\n",
    );
    assert_eq!(print(&record, FILE), expected);
}

#[test]
fn what_a_record_does_not_have_is_empty() {
    let bare = LogRecord { body: "x".to_owned(), ..LogRecord::default() };
    assert!(print(&bare, FILE).starts_with("7,,,0,,"), "{}", print(&bare, FILE));
    assert!(print(&bare, FILE).contains(",x,,,,,,,,,"), "{}", print(&bare, FILE));
}

#[test]
fn a_file_is_exact_and_a_terminal_is_safe() {
    let hostile = LogRecord { body: "\x1b[2J\r".to_owned(), ..LogRecord::default() };
    assert!(print(&hostile, FILE).contains("\"\x1b[2J\r\""));
    assert!(print(&hostile, TERMINAL).contains("\\x1b[2J\\r"));
}
