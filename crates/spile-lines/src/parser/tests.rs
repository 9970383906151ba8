//! What holds for lines of all formats: bytes that are no text, cuts, wrappers, nesting.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::escape::unescape;
use crate::formats::json;
use crate::split::LineSplitter;
use crate::value::Value;
use crate::{Assembled, CriAssembler, Format};

/// 1 June 2024, 12:00 UTC.
const NOW: u64 = 1_717_243_200_000_000_000;

fn parse<T: AsRef<[u8]> + ?Sized>(line: &T) -> ParsedLine<'_> {
    LineParser::new().parse(line, NOW)
}

#[test]
fn text_is_borrowed_from_the_line() {
    for line in
        ["plain", "2024-01-31 23:59:59 INFO a.b: x", "<13>Jan  1 00:00:00 h a: x", r#"{"msg":"x","k":"v"}"#]
    {
        let parsed = parse(line);
        assert!(matches!(parsed.body, Cow::Borrowed(_)), "{line}");
        assert!(parsed.attributes.iter().all(|(name, _)| matches!(name, Cow::Borrowed(_))), "{line}");
    }
}

#[test]
fn bytes_that_are_no_text_are_escaped_and_the_line_still_read() {
    let bytes = b"2024-01-31 23:59:59 WARN a.b: caf\xe9 C:\\x\0";
    let parsed = parse(bytes);
    assert_eq!(parsed.body, r"2024-01-31 23:59:59 WARN a.b: caf\xe9 C:\\x\x00");
    assert_eq!(
        (parsed.body_kind, parsed.format, parsed.severity_number),
        (BodyKind::Escaped, Format::Timestamped, 13)
    );
    assert_eq!(unescape(&parsed.body), bytes);
}

#[test]
fn framed_syslog_that_is_no_text_keeps_the_bytes_of_its_message() {
    let parsed = parse(b"<13>Jan  1 00:00:00 host app: \xff\\");
    assert_eq!((parsed.body.as_ref(), parsed.body_kind), (r"\xff\\", BodyKind::Escaped));
    assert_eq!(parsed.resource.service_name.as_deref(), Some("app"));
}

#[test]
fn json_that_is_no_text_is_kept_whole_and_its_fields_read() {
    let bytes = b"{\"level\":\"error\",\"msg\":\"caf\xe9\\n\",\"n\":1}";
    let parsed = parse(bytes);
    assert_eq!(
        (parsed.body_kind, parsed.format, parsed.severity_number),
        (BodyKind::Escaped, Format::Json, 17)
    );
    assert_eq!(unescape(&parsed.body), bytes);
    assert_eq!(parsed.attribute("n"), Some(&Value::I64(1)));
}

#[test]
fn escaped_form_is_bounded_and_the_rest_counted() {
    let bytes = [0xFF_u8; 1000];
    let parser = LineParser::new().with_max_escaped_bytes(400);
    let parsed = parser.parse(&bytes[..], NOW);
    assert_eq!(parsed.body, format!("{}{}", r"\xff".repeat(100), cut_mark(900)));
    assert_eq!(parsed.attribute(names::SPILE_CUT_BYTES), Some(&Value::I64(900)));
}

#[test]
fn cuts_of_splitter_and_escape_are_counted_together() {
    let mut splitter = LineSplitter::with_max_line_bytes(200);
    let input = [&[0xFF_u8; 1000][..], b"\n"].concat();
    let mut bytes = &input[..];
    let line = splitter.next_line(&mut bytes).unwrap();
    let parsed = LineParser::new().with_max_escaped_bytes(400).parse_line(&line, NOW);
    assert_eq!(parsed.body, format!("{}{}", r"\xff".repeat(100), cut_mark(900)));
    assert_eq!(parsed.attribute(names::SPILE_CUT_BYTES), Some(&Value::I64(900)));
}

/// The first line of `input`, cut at `max` bytes.
fn parse_cut(input: &str, max: usize) -> ParsedLine<'static> {
    let mut splitter = LineSplitter::with_max_line_bytes(max);
    let input = format!("{input}\n");
    let mut bytes = input.as_bytes();
    LineParser::new().parse_line(&splitter.next_line(&mut bytes).unwrap(), NOW).into_owned()
}

#[test]
fn cut_line_says_so_in_text_and_attribute() {
    let parsed = parse_cut("2024-01-31 23:59:59 ERROR a.b: long text", 32);
    assert_eq!(parsed.body, "2024-01-31 23:59:59 ERROR a.b: l…[spile: cut 8 bytes]");
    assert_eq!(parsed.attribute(names::SPILE_CUT_BYTES), Some(&Value::I64(8)));
    assert_eq!(parsed.severity_number, 17);
}

#[test]
fn cut_json_keeps_what_came_before_the_cut() {
    let line = r#"{"level":"error","ts":1706745599,"request_id":7,"msg":"very long text","dump":{"a":1}}"#;
    let parsed = parse_cut(line, 60);
    assert_eq!((parsed.format, parsed.body_kind, parsed.severity_number), (Format::Json, BodyKind::Text, 17));
    assert_eq!(parsed.time_unix_nano, Some(1_706_745_599_000_000_000));
    assert!(parsed.body.starts_with(&line[..60]) && parsed.body.ends_with(&cut_mark(26)));
    assert_eq!(parsed.attribute("request_id"), Some(&Value::I64(7)));
    assert_eq!(parsed.attribute("msg"), None, "half a text is no text");

    assert_eq!(parse(&line[..60]).format, Format::Plain, "only a cut excuses broken JSON");
}

#[test]
fn wrapper_has_the_say_over_times_without_a_zone() {
    let parser = LineParser::new().with_default_offset("-08:00".parse().unwrap());
    let zoneless = parser.parse("2024-01-31T23:59:59Z stdout F 2024-01-31 10:00:00 INFO a.b: x", NOW);
    assert_eq!((zoneless.time_unix_nano, zoneless.zone_assumed), (Some(1_706_745_599_000_000_000), false));
    let zoned = parser.parse("2024-01-31T23:59:59Z stdout F 2024-01-31T10:00:00Z INFO a.b: x", NOW);
    assert_eq!(zoned.time_unix_nano, Some(1_706_695_200_000_000_000));
}

#[test]
fn joined_container_line_is_read_like_any_other() {
    let mut assembler = CriAssembler::new();
    let first = b"2024-01-31T23:59:59Z stderr P {\"level\":\"warn\",";
    let last = b"2024-01-31T23:59:59Z stderr F \"msg\":\"joined\"}";
    assert_eq!(assembler.push(&Line::whole(first)), Assembled::Pending);
    let Assembled::Line(line) = assembler.push(&Line::whole(last)) else { panic!("a whole line") };
    let parsed = LineParser::new().parse_cri(&line);
    assert_eq!(
        (parsed.wrapper, parsed.format, parsed.severity_number),
        (Some(Wrapper::Cri), Format::Json, 13)
    );
    assert_eq!(parsed.body, "joined");
    assert_eq!(parsed.attributes, [(names::LOG_IOSTREAM.into(), "stderr".into())]);
}

#[test]
fn wrapped_bytes_that_are_no_text_are_escaped_without_the_wrapper() {
    let parsed = parse(b"2024-01-31T23:59:59Z stdout F caf\xe9");
    assert_eq!((parsed.body.as_ref(), parsed.body_kind), (r"caf\xe9", BodyKind::Escaped));
    assert_eq!(parsed.wrapper, Some(Wrapper::Cri));
}

#[test]
fn wrappers_do_not_nest() {
    let parsed = parse("2024-01-31T23:59:59Z stdout F 2024-01-30T00:00:00Z stderr F x");
    assert_eq!(parsed.body, "2024-01-30T00:00:00Z stderr F x");
    assert_eq!(parsed.attribute(names::LOG_IOSTREAM), Some(&"stdout".into()));
}

/// How deep maps and arrays are nested in a value.
fn depth(value: &Value<'_>) -> usize {
    match value {
        Value::Map(fields) => 1 + fields.iter().map(|(_, value)| depth(value)).max().unwrap_or(0),
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[test]
fn nesting_is_bounded_and_the_rest_kept_as_text() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for levels in [1, 14, 15, 16, 17, 100, 20_000] {
            let line = format!("{{\"msg\":\"x\",\"deep\":{}1{}}}", open.repeat(levels), close.repeat(levels));
            let parsed = parse(&line);
            assert_eq!(parsed.body, "x");
            let value = parsed.attribute("deep").unwrap();
            assert_eq!(depth(value), levels.min(json::MAX_DEPTH - 1), "{levels}");
        }
    }
}

#[test]
fn many_fields_take_linear_time() {
    let fields: Vec<String> = (0..200_000).map(|at| format!("\"k{}\":{at}", at % 100_000)).collect();
    let line = format!("{{{}}}", fields.join(","));
    let parsed = parse(&line);
    assert_eq!(parsed.attributes.len(), 100_000);
    assert_eq!(parsed.attribute("k7"), Some(&Value::I64(100_007)), "the last of a name stands");
}

#[test]
fn resource_hints_have_conventional_names() {
    let parsed = parse(r#"{"msg":"x","service.name":"s","service.version":"1","hostname":"h","pid":5}"#);
    let hints: Vec<_> = parsed.resource.iter().collect();
    let want = [
        ("service.name", Value::from("s")),
        ("service.version", "1".into()),
        ("host.name", "h".into()),
        ("process.pid", Value::I64(5)),
    ];
    assert_eq!(hints, want);
    assert!(!parsed.resource.is_empty() && parse("x").resource.is_empty());
}
