//! Any requests and records.

use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use spile_proto::otlp::collector::logs::v1::ExportLogsServiceRequest;
use spile_proto::otlp::common::v1::any_value::Value;
use spile_proto::otlp::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList,
};
use spile_proto::otlp::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use spile_proto::otlp::resource::v1::Resource;
use spile_proto::v1;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        any::<String>(),
        Just("line\nbreak \u{0} \\x41 \"quoted\" \u{1F980}".to_owned())
    ]
}

/// Names that are not among the fixed ones.
fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[a-m]{0,6}", "http\\.[a-z]{1,8}", "\\PC{0,5}"]
        .prop_filter("fixed names have a meaning", |key| {
            !key.starts_with("otel.") && !key.starts_with("spile.")
        })
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        any::<i32>().prop_map(f64::from),
        Just(f64::NAN),
        Just(-0.0)
    ]
}

fn value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        Just(None),
        text().prop_map(|text| Some(Value::StringValue(text))),
        any::<bool>().prop_map(|truth| Some(Value::BoolValue(truth))),
        any::<i64>().prop_map(|number| Some(Value::IntValue(number))),
        number().prop_map(|number| Some(Value::DoubleValue(number))),
        vec(any::<u8>(), 0..12).prop_map(|bytes| Some(Value::BytesValue(bytes))),
    ];
    let leaf = leaf.prop_map(|value| AnyValue { value });
    leaf.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| Value::ArrayValue(ArrayValue { values })),
            pairs(inner).prop_map(|values| Value::KvlistValue(KeyValueList { values })),
        ]
        .prop_map(|value| AnyValue { value: Some(value) })
    })
}

fn pairs(value: impl Strategy<Value = AnyValue>) -> impl Strategy<Value = Vec<KeyValue>> {
    let pair =
        (key(), value).prop_map(|(key, value)| KeyValue { key, value: Some(value), ..KeyValue::default() });
    vec(pair, 0..4)
}

/// An id, or none; one of zeros stands for none.
fn id(length: usize) -> impl Strategy<Value = Vec<u8>> {
    let id = vec(1..=u8::MAX, length);
    prop_oneof![Just(Vec::new()), id]
}

fn record() -> impl Strategy<Value = LogRecord> {
    let times = (any::<u64>(), any::<u64>());
    let severity = (prop_oneof![0..=24, any::<i32>()], text());
    let counts = (any::<u32>(), any::<u32>());
    (times, severity, proptest::option::of(value()), pairs(value()), counts, id(16), id(8), text()).prop_map(
        |(
            (time, observed),
            (severity, severity_text),
            body,
            attributes,
            counts,
            trace_id,
            span_id,
            event_name,
        )| {
            LogRecord {
                time_unix_nano: time,
                observed_time_unix_nano: observed,
                severity_number: severity,
                severity_text,
                body,
                attributes,
                dropped_attributes_count: counts.0,
                flags: counts.1,
                trace_id,
                span_id,
                event_name,
            }
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    let entity = (text(), text(), vec(text(), 0..3), vec(text(), 0..3)).prop_map(
        |(schema_url, r#type, id_keys, description_keys)| EntityRef {
            schema_url,
            r#type,
            id_keys,
            description_keys,
        },
    );
    (pairs(value()), any::<u32>(), vec(entity, 0..3)).prop_map(
        |(attributes, dropped_attributes_count, entity_refs)| Resource {
            attributes,
            dropped_attributes_count,
            entity_refs,
        },
    )
}

fn scope() -> impl Strategy<Value = InstrumentationScope> {
    (text(), text(), pairs(value()), any::<u32>()).prop_map(
        |(name, version, attributes, dropped_attributes_count)| InstrumentationScope {
            name,
            version,
            attributes,
            dropped_attributes_count,
        },
    )
}

/// A request with any of what OTLP can say.
pub(crate) fn request() -> impl Strategy<Value = ExportLogsServiceRequest> {
    let scope_logs = (proptest::option::of(scope()), vec(record(), 0..4), text())
        .prop_map(|(scope, log_records, schema_url)| ScopeLogs { scope, log_records, schema_url });
    let resource_logs = (proptest::option::of(resource()), vec(scope_logs, 0..3), text())
        .prop_map(|(resource, scope_logs, schema_url)| ResourceLogs { resource, scope_logs, schema_url });
    vec(resource_logs, 0..3).prop_map(|resource_logs| ExportLogsServiceRequest { resource_logs })
}

/// A body of every kind, canonical or not.
fn spile_body() -> impl Strategy<Value = (String, i32)> {
    let kinds = (text(), 0..=2);
    let escaped = vec(any::<u8>(), 0..20).prop_map(|bytes| (spile_lines::escape(&bytes), 2));
    let json = value().prop_map(|value| {
        let text = spile_columns::json::write_value(&value.encode_to_vec());
        (String::from_utf8(text).unwrap(), 1)
    });
    let loose = Just(("{ \"a\" : 1, \"a\": 2.50 }".to_owned(), 1));
    prop_oneof![kinds, escaped, json, loose]
}

/// A record as Spile has it, encoded by its fields' numbers.
pub(crate) fn spile_record() -> impl Strategy<Value = v1::LogRecord> {
    (record(), spile_body(), 0..=24, text()).prop_map(
        |(record, (body, body_kind), severity_number, scope_name)| {
            let pair = |pair: &KeyValue| v1::KeyValue::decode(pair.encode_to_vec().as_slice()).unwrap();
            v1::LogRecord {
                time_unix_nano: record.time_unix_nano,
                severity_number,
                severity_text: record.severity_text,
                body,
                attributes: record.attributes.iter().map(pair).collect(),
                dropped_attributes_count: record.dropped_attributes_count,
                flags: record.flags,
                trace_id: record.trace_id,
                span_id: record.span_id,
                observed_time_unix_nano: record.observed_time_unix_nano,
                event_name: record.event_name,
                resource_hash: 0,
                scope_name,
                body_kind,
            }
        },
    )
}
