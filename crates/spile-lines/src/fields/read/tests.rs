//! Rows: what is said to mean something does, all else is an attribute.

use super::*;
use crate::{LineParser, Value};

fn field<'a>(meaning: Meaning, name: &'a str, value: impl Into<Value<'a>>) -> Field<'a> {
    Field { meaning, name: name.into(), value: value.into() }
}

const NOW: u64 = 1_700_000_000_000_000_000;

#[test]
fn fields_with_a_meaning_become_the_records_own() {
    let line = LineParser::new().read_fields(
        [
            field(Meaning::Time, "created_at", "2023-11-14T22:13:19.123456+00:00"),
            field(Meaning::Severity, "lvl", "warning"),
            field(Meaning::Body, "txt", "nearly full"),
            field(Meaning::Service, "app", "checkout"),
            field(Meaning::TraceId, "trace", "0af76519-16cd-43dd-8448-eb211c80319c"),
            field(Meaning::SpanId, "span", "b7ad6b7169203331"),
            field(Meaning::Attribute, "level", 3i64),
            Field { meaning: Meaning::Attribute, name: "gone".into(), value: Value::Null },
        ],
        NOW,
    );
    assert_eq!(line.time_unix_nano, Some(1_699_999_999_123_456_000));
    assert_eq!((line.severity_number, line.severity_text.as_ref()), (13, "warning"));
    assert_eq!((line.body.as_ref(), line.body_kind), ("nearly full", BodyKind::Text));
    assert_eq!(line.resource.service_name.as_deref(), Some("checkout"));
    assert_eq!(line.trace_id.map(u128::from_be_bytes), Some(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c));
    assert_eq!(line.span_id.map(u64::from_be_bytes), Some(0xb7ad_6b71_6920_3331));
    assert_eq!(line.attributes, [("level".into(), Value::I64(3))]);
}

#[test]
fn what_cannot_mean_it_stays_an_attribute() {
    let fields = [
        field(Meaning::Time, "at", "yesterday"),
        field(Meaning::TraceId, "trace_id", "none"),
        field(Meaning::Body, "message", "first"),
        field(Meaning::Body, "text", "second"),
    ];
    let line = LineParser::new().read_fields(fields, NOW);
    assert_eq!((line.time_unix_nano, line.trace_id), (None, None));
    assert_eq!(line.body, "first");
    let names: Vec<_> = line.attributes.iter().map(|(name, _)| name.as_ref()).collect();
    assert_eq!(names, ["at", "trace_id", "text"]);
}

#[test]
fn a_row_without_a_text_is_its_own_body() {
    let fields = [field(Meaning::Attribute, "id", 7i64), field(Meaning::Attribute, "ok", true)];
    let line = LineParser::new().read_fields(fields, NOW);
    assert_eq!((line.body.as_ref(), line.body_kind), (r#"{"id":7,"ok":true}"#, BodyKind::Json));
    assert_eq!(line.attribute("id"), Some(&Value::I64(7)));
}

#[test]
fn numbers_of_levels_are_read_on_the_scale_of_their_name() {
    let number = |name, value: i64| {
        LineParser::new().read_fields([field(Meaning::Severity, name, value)], NOW).severity_number
    };
    assert_eq!(number("severity_number", 17), 17);
    assert_eq!(number("level", 3i64), 17, "syslog's err");
    assert_eq!(number("level", 40), 13, "pino's warn");
}
