//! Single cases: how a record reads in Spile, and what hostile senders get.

use prost::Message;
use spile_columns::wire::{put_bytes, put_varint};
use spile_proto::otlp::common::v1::any_value::Value;
use spile_proto::otlp::common::v1::{AnyValue, ArrayValue, KeyValue};
use spile_proto::otlp::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use spile_proto::otlp::resource::v1::Resource;
use spile_proto::v1;

use super::{read_all, request_of};
use crate::names;
use crate::read::{ReadError, Request};

fn value(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

fn attribute(key: &str, of: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(value(of)), ..KeyValue::default() }
}

/// The record that Spile makes of this one.
fn read(record: LogRecord) -> v1::LogRecord {
    let records = read_all(&request_of(record).encode_to_vec()).unwrap();
    v1::LogRecord::decode(records[0].0.as_slice()).unwrap()
}

fn with_body(body: Value) -> v1::LogRecord {
    read(LogRecord { body: Some(value(body)), ..LogRecord::default() })
}

#[test]
fn bodies_read_as_a_person_would_want_them() {
    let text = with_body(Value::StringValue("plain \\ text".into()));
    assert_eq!((text.body.as_str(), text.body_kind()), ("plain \\ text", v1::BodyKind::Unspecified));
    let map = Value::KvlistValue(spile_proto::otlp::common::v1::KeyValueList {
        values: vec![attribute("user", Value::StringValue("ada".into())), attribute("n", Value::IntValue(3))],
    });
    let map = with_body(map);
    assert_eq!((map.body.as_str(), map.body_kind()), (r#"{"user":"ada","n":3}"#, v1::BodyKind::Json));
    assert!(map.attributes.is_empty(), "the text gives every type back");
    let bytes = with_body(Value::BytesValue(b"\xffab\\".to_vec()));
    assert_eq!((bytes.body.as_str(), bytes.body_kind()), ("\\xffab\\\\", v1::BodyKind::Escaped));
    let number = with_body(Value::DoubleValue(1.0));
    assert_eq!((number.body.as_str(), number.body_kind()), ("1.0", v1::BodyKind::Json));
}

#[test]
fn a_body_that_json_cannot_say_stands_beside_its_text() {
    let record = with_body(Value::ArrayValue(ArrayValue {
        values: vec![value(Value::DoubleValue(f64::NAN)), value(Value::BytesValue(vec![0, 255]))],
    }));
    assert_eq!(record.body, r#"["NaN","AP8="]"#);
    assert_eq!(record.attributes[0].key, names::BODY);
}

/// Some SDKs have strings of any bytes; protobuf libraries of others do not check.
#[test]
fn text_that_is_not_utf_8_is_kept_as_bytes() {
    let mut pair = Vec::new();
    put_bytes(&mut pair, 1, b"k\xff");
    put_bytes(&mut pair, 2, b"\x0a\x02\xffv");
    let mut record = Vec::new();
    put_bytes(&mut record, 5, b"\x0a\x03b\xffy");
    put_bytes(&mut record, 6, &pair);
    put_bytes(&mut record, 3, b"warn\xff");
    let (mut scope, mut part, mut request) = (Vec::new(), Vec::new(), Vec::new());
    put_bytes(&mut scope, 2, &record);
    put_bytes(&mut part, 2, &scope);
    put_bytes(&mut request, 1, &part);

    let records = read_all(&request).unwrap();

    let record = v1::LogRecord::decode(records[0].0.as_slice()).unwrap();
    assert_eq!((record.body.as_str(), record.body_kind()), ("b\\xffy", v1::BodyKind::Escaped));
    assert_eq!(record.severity_text, "warn\u{fffd}");
    assert_eq!(record.attributes[0].key, "k\u{fffd}");
    let kept = v1::any_value::Value::BytesValue(vec![0xff, b'v']);
    assert_eq!(record.attributes[0].value.as_ref().unwrap().value, Some(kept));
}

#[test]
fn ids_that_are_none_are_left_out() {
    for (trace, span) in [(vec![0; 16], vec![0; 8]), (vec![1; 15], vec![1; 9])] {
        let record = read(LogRecord { trace_id: trace, span_id: span, ..LogRecord::default() });
        assert!(record.trace_id.is_empty() && record.span_id.is_empty());
    }
}

#[test]
fn an_unknown_severity_is_unspecified_and_kept() {
    for number in [25, -1, i32::MIN] {
        let record = read(LogRecord { severity_number: number, ..LogRecord::default() });
        assert_eq!(record.severity_number, 0);
        assert_eq!(record.attributes[0].key, names::SEVERITY_NUMBER);
    }
}

/// Fields of a later OTLP must not be taken for Spile's own, which begin at 13.
#[test]
fn fields_that_otlp_does_not_have_do_not_become_spiles() {
    let mut record =
        LogRecord { body: Some(value(Value::StringValue("text".into()))), ..LogRecord::default() }
            .encode_to_vec();
    put_varint(&mut record, 13 << 3 | 1);
    record.extend_from_slice(&7u64.to_le_bytes());
    put_bytes(&mut record, 14, b"not the scope");
    put_varint(&mut record, 15 << 3);
    put_varint(&mut record, 2);
    let (mut scope, mut part, mut request) = (Vec::new(), Vec::new(), Vec::new());
    put_bytes(&mut scope, 2, &record);
    put_bytes(&mut part, 2, &scope);
    put_bytes(&mut request, 1, &part);
    let read = v1::LogRecord::decode(read_all(&request).unwrap()[0].0.as_slice()).unwrap();
    assert_eq!((read.resource_hash, read.scope_name.as_str(), read.body_kind), (0, "", 0));
}

/// An attribute's value in so many arrays, encoded: deeper than any library would make it.
fn nested(levels: usize) -> Vec<u8> {
    let mut any_value = b"\x0a\x01x".to_vec();
    for _ in 0..levels {
        let (mut list, mut outer) = (Vec::new(), Vec::new());
        put_bytes(&mut list, 1, &any_value);
        put_bytes(&mut outer, 5, &list);
        any_value = outer;
    }
    any_value
}

#[test]
fn values_nest_up_to_16_deep_and_no_deeper() {
    for (levels, taken) in [(15, true), (16, false), (20_000, false)] {
        for field in [5, 6] {
            let mut record = Vec::new();
            if field == 5 {
                put_bytes(&mut record, 5, &nested(levels));
            } else {
                let mut pair = Vec::new();
                put_bytes(&mut pair, 2, &nested(levels));
                put_bytes(&mut record, 6, &pair);
            }
            let (mut scope, mut part, mut request) = (Vec::new(), Vec::new(), Vec::new());
            put_bytes(&mut scope, 2, &record);
            put_bytes(&mut part, 2, &scope);
            put_bytes(&mut request, 1, &part);
            let read = read_all(&request);
            assert_eq!(read.is_ok(), taken, "{levels} levels in field {field}");
            assert!(taken || read == Err(ReadError::Deep));
        }
    }
}

#[test]
fn what_is_known_of_a_resource_beside_its_attributes_is_kept_with_them() {
    let resource = Resource {
        attributes: vec![attribute("service.name", Value::StringValue("shop".into()))],
        dropped_attributes_count: 2,
        ..Resource::default()
    };
    let part = ResourceLogs {
        resource: Some(resource),
        scope_logs: vec![ScopeLogs::default()],
        schema_url: "https://example.com/1".into(),
    };
    let mut request = Vec::new();
    put_bytes(&mut request, 1, &part.encode_to_vec());
    let part = Request::new(&request).resource_logs().next().unwrap().unwrap();
    let resource = v1::Resource::decode(part.resource().unwrap().unwrap().as_slice()).unwrap();
    let keys: Vec<&str> = resource.attributes.iter().map(|pair| pair.key.as_str()).collect();
    assert_eq!(keys, ["service.name", names::RESOURCE_DROPPED, names::RESOURCE_SCHEMA_URL]);
}
