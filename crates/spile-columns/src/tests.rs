//! Records go through columns and come back as they were.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use prost::Message;
use spile_proto::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList, LogRecord, Resource, any_value::Value};

use crate::{ColumnsBuilder, RecordFields, RecordRows, Row, column, schema};

fn text(value: &str) -> AnyValue {
    AnyValue { value: Some(Value::StringValue(value.to_owned())) }
}

fn value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        Just(AnyValue { value: None }),
        any::<bool>().prop_map(|v| AnyValue { value: Some(Value::BoolValue(v)) }),
        any::<i64>().prop_map(|v| AnyValue { value: Some(Value::IntValue(v)) }),
        any::<f64>().prop_map(|v| AnyValue { value: Some(Value::DoubleValue(v)) }),
        any::<f32>().prop_map(|v| AnyValue { value: Some(Value::DoubleValue(v.into())) }),
        ".{0,12}".prop_map(|v| text(&v)),
        "[\\x00-\\x7f]{0,8}".prop_map(|v| text(&v)),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(|v| AnyValue { value: Some(Value::BytesValue(v)) }),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let pair = (".{0,5}", prop::option::of(inner.clone()));
        prop_oneof![
            prop::collection::vec(inner, 0..4)
                .prop_map(|values| AnyValue { value: Some(Value::ArrayValue(ArrayValue { values })) }),
            prop::collection::vec(pair, 0..4).prop_map(|pairs| AnyValue {
                value: Some(Value::KvlistValue(KeyValueList {
                    values: pairs.into_iter().map(|(key, value)| KeyValue { key, value }).collect()
                }))
            }),
        ]
    })
}

pub(crate) fn record() -> impl Strategy<Value = LogRecord> {
    let numbers = (any::<u64>(), 0i32..=24, any::<u32>(), any::<u32>(), any::<u64>(), any::<u64>(), 0i32..=2);
    let texts = (".{0,8}", ".{0,40}", ".{0,8}", ".{0,8}");
    let ids = (prop::option::of(any::<[u8; 16]>()), prop::option::of(any::<[u8; 8]>()));
    let attributes = prop::collection::vec((".{0,6}", prop::option::of(value())), 0..4);
    (numbers, texts, ids, attributes).prop_map(|(numbers, texts, ids, attributes)| LogRecord {
        time_unix_nano: numbers.0,
        severity_number: numbers.1,
        severity_text: texts.0,
        body: texts.1,
        attributes: attributes.into_iter().map(|(key, value)| KeyValue { key, value }).collect(),
        dropped_attributes_count: numbers.2,
        flags: numbers.3,
        trace_id: ids.0.map(Vec::from).unwrap_or_default(),
        span_id: ids.1.map(Vec::from).unwrap_or_default(),
        observed_time_unix_nano: numbers.4,
        event_name: texts.2,
        resource_hash: numbers.5,
        scope_name: texts.3,
        body_kind: numbers.6,
    })
}

/// Through columns and back.
fn round_trip(messages: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut builder = ColumnsBuilder::default();
    for (nth, message) in messages.iter().enumerate() {
        builder.push(Row { offset: nth as u64, message, resource: None }).unwrap();
    }
    let batch = builder.finish().unwrap();
    let rows = RecordRows::of(&batch).unwrap();
    let mut back = Vec::new();
    for row in 0..rows.len() {
        let mut out = b"before".to_vec();
        let placed = rows.put(row, &mut out).unwrap();
        let message = out.split_off(6);
        let read = RecordFields::read(&message).unwrap();
        assert_eq!(read.body, &message[placed.body.start as usize..placed.body.end as usize]);
        assert_eq!(
            (placed.time_unix_nano, u64::from(placed.severity_number), placed.resource_hash),
            (read.time_unix_nano, read.severity_number, read.resource_hash)
        );
        back.push(message);
    }
    back
}

proptest! {
    #[test]
    fn a_record_comes_back_from_columns_byte_for_byte(records in prop::collection::vec(record(), 1..8)) {
        let messages: Vec<_> = records.iter().map(Message::encode_to_vec).collect();
        for (message, back) in messages.iter().zip(round_trip(&messages)) {
            // NaN is not equal to itself, so the bytes are compared; attributes in `extra` may lie elsewhere among them.
            let fields = RecordFields::read(message).unwrap();
            prop_assert_eq!(&fields, &RecordFields::read(&back).unwrap());
            let mut canonical = Vec::new();
            fields.put(&mut canonical);
            prop_assert_eq!(canonical.len(), back.len());
        }
    }

    #[test]
    fn reading_attributes_never_panics(text in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = crate::json::read_attributes(&text, 6, &mut Vec::new());
    }
}

#[test]
fn what_a_later_version_sends_is_kept() {
    let mut message = LogRecord { body: "b".into(), ..LogRecord::default() }.encode_to_vec();
    let unknown = [0xa2, 0x06, 0x02, b'h', b'i'];
    message.extend_from_slice(&unknown);
    let back = round_trip(&[message]);
    assert_eq!(RecordFields::read(&back[0]).unwrap().unknown, [unknown]);
}

#[test]
fn what_json_can_say_needs_no_bytes_beside_it() {
    let list = Value::ArrayValue(ArrayValue { values: vec![text("a"), text("\"\\\n\u{1}é")] });
    let attributes = [
        ("int", Value::IntValue(-3)),
        ("double", Value::DoubleValue(3.0)),
        ("text", Value::StringValue("tab\t".into())),
        ("yes", Value::BoolValue(true)),
        ("list", list),
    ];
    let attributes: Vec<_> = attributes
        .map(|(key, value)| KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }) })
        .into();
    let resource = Resource {
        hash: 7,
        attributes: vec![KeyValue { key: "service.name".into(), value: Some(text("cart")) }],
    };
    let record = LogRecord { attributes, resource_hash: 7, ..LogRecord::default() };
    let mut builder = ColumnsBuilder::default();
    let (message, resource) = (record.encode_to_vec(), resource.encode_to_vec());
    builder.push(Row { offset: 3, message: &message, resource: Some(&resource) }).unwrap();
    let batch = builder.finish().unwrap();
    assert_eq!(batch.schema(), schema());
    let shown = |at: usize| {
        use arrow_array::cast::AsArray;
        batch.column(at).as_string::<i32>().value(0).to_owned()
    };
    assert_eq!(
        shown(column::ATTRIBUTES),
        r#"{"int":-3,"double":3.0,"text":"tab\t","yes":true,"list":["a","\"\\\n\u0001é"]}"#
    );
    assert_eq!(shown(column::RESOURCE_ATTRIBUTES), r#"{"service.name":"cart"}"#);
    assert_eq!(shown(column::SERVICE_NAME), "cart");
    assert_eq!(batch.column(column::EXTRA).null_count(), 1);
}

#[test]
fn a_record_that_was_never_checked_is_refused_with_its_offset() {
    let push = |message: &[u8]| {
        let row = Row { offset: 12, message, resource: None };
        ColumnsBuilder::default().push(row).unwrap_err().to_string()
    };
    assert_eq!(push(&[0xff]), "record at offset 12 is not a valid message: the message is cut short");
    assert_eq!(push(&[5 << 3 | 2, 1, 0xff]), "record at offset 12: field body does not fit its column");
    assert_eq!(push(&[9 << 3 | 2, 1, 0]), "record at offset 12: field trace_id does not fit its column");
}
