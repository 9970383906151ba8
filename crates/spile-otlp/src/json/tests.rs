//! OTLP's JSON: any request, the forms that senders use, and what is refused.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FileDescriptorSet};
use serde_json::json;
use spile_proto::otlp::collector::logs::v1::ExportLogsServiceRequest;
use spile_proto::otlp::common::v1::any_value::Value;
use spile_proto::otlp::logs::v1::LogRecord;

use super::read_request;
use super::schema::{Kind, MessageSpec, REQUEST};
use crate::tests::any;
use crate::tests::json_writer;

fn read(json: &serde_json::Value) -> Result<ExportLogsServiceRequest, serde_json::Error> {
    let bytes = read_request(json.to_string().as_bytes())?;
    Ok(ExportLogsServiceRequest::decode(bytes.as_slice()).expect("what is written is a message"))
}

fn of_record(record: &serde_json::Value) -> Result<LogRecord, serde_json::Error> {
    let request = read(&json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [record] }] }] }))?;
    Ok(request.resource_logs[0].scope_logs[0].log_records[0].clone())
}

/// NaN has many forms of bits, and JSON has one.
fn with_one_nan(mut request: ExportLogsServiceRequest) -> ExportLogsServiceRequest {
    fn one(value: &mut spile_proto::otlp::common::v1::AnyValue) {
        match &mut value.value {
            Some(Value::DoubleValue(number)) if number.is_nan() => *number = f64::NAN,
            Some(Value::ArrayValue(array)) => array.values.iter_mut().for_each(one),
            Some(Value::KvlistValue(list)) => {
                list.values.iter_mut().filter_map(|pair| pair.value.as_mut()).for_each(one);
            }
            _ => {}
        }
    }
    for part in &mut request.resource_logs {
        let resources = part.resource.iter_mut().flat_map(|resource| &mut resource.attributes);
        resources.filter_map(|pair| pair.value.as_mut()).for_each(one);
        for scope in &mut part.scope_logs {
            let scopes = scope.scope.iter_mut().flat_map(|scope| &mut scope.attributes);
            scopes.filter_map(|pair| pair.value.as_mut()).for_each(one);
            for record in &mut scope.log_records {
                record.body.iter_mut().for_each(one);
                record.attributes.iter_mut().filter_map(|pair| pair.value.as_mut()).for_each(one);
            }
        }
    }
    request
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_request_reads_from_json_as_from_protobuf(request in any::request()) {
        let request = with_one_nan(request);
        let back = read(&json_writer::write(&request)).unwrap();
        prop_assert_eq!(back.encode_to_vec(), request.encode_to_vec());
    }
}

#[test]
fn numbers_may_be_text_and_floats_without_a_fraction() {
    for time in [json!("1700000000000000001"), json!(1_700_000_000_000_000_001u64)] {
        assert_eq!(
            of_record(&json!({ "timeUnixNano": time })).unwrap().time_unix_nano,
            1_700_000_000_000_000_001
        );
    }
    assert_eq!(
        of_record(&json!({ "timeUnixNano": 1e18 })).unwrap().time_unix_nano,
        1_000_000_000_000_000_000
    );
    assert_eq!(of_record(&json!({ "severityNumber": 17.0, "flags": "1" })).unwrap().severity_number, 17);
    let double = of_record(&json!({ "body": { "doubleValue": 3 } })).unwrap().body.unwrap();
    assert_eq!(double.value, Some(Value::DoubleValue(3.0)));
}

#[test]
fn names_of_the_proto_nulls_and_unknown_names_are_taken() {
    let record = of_record(&json!({
        "time_unix_nano": "5", "body": null, "attributes": null, "fancy": { "a": [1, { "b": null }] },
        "trace_id": "0AF7651916CD43DD8448EB211C80319C", "spanId": "",
    }));
    let record = record.unwrap();
    assert_eq!((record.time_unix_nano, record.body, record.trace_id[0]), (5, None, 0x0a));
}

#[test]
fn bytes_are_base64_of_either_alphabet_with_or_without_padding() {
    for text in ["+/8=", "+/8", "-_8=", "-_8"] {
        let body = of_record(&json!({ "body": { "bytesValue": text } })).unwrap().body.unwrap();
        assert_eq!(body.value, Some(Value::BytesValue(vec![0xfb, 0xff])), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_refused_by_the_fields_name() {
    for (field, wrong) in [
        ("timeUnixNano", json!(-1)),
        ("timeUnixNano", json!("soon")),
        ("timeUnixNano", json!(18_446_744_073_709_551_616.0)),
        ("severityNumber", json!("SEVERITY_NUMBER_INFO")),
        ("severityNumber", json!(1.5)),
        ("severityText", json!(3)),
        ("traceId", json!("xyz")),
        ("traceId", json!("abc")),
        ("flags", json!(4_294_967_296u64)),
        ("attributes", json!({})),
        ("body", json!("text")),
        ("body", json!([])),
    ] {
        let error = of_record(&json!({ field: wrong })).unwrap_err().to_string();
        assert!(error.contains(field), "{field}={wrong}: {error}");
        assert!(error.contains("line 1"), "{error}");
    }
    for value in [json!({ "intValue": 1.5 }), json!({ "bytesValue": "*" }), json!({ "boolValue": "yes" })] {
        of_record(&json!({ "body": value })).unwrap_err();
    }
}

#[test]
fn what_is_no_request_is_refused() {
    for text in
        ["", "[]", "3", "{", "{} {}", "{\"resourceLogs\": [3]}", "{\"resourceLogs\": [null]}", "\u{feff}{}"]
    {
        assert!(read_request(text.as_bytes()).is_err(), "{text}");
    }
    assert_eq!(read_request(b" {} ").unwrap(), b"");
}

#[test]
fn depth_is_refused_before_the_stack_ends() {
    // What is not known is passed over without recursion.
    for open in ["[", "{\"a\":"] {
        let text = format!("{{\"x\":{}", open.repeat(1_000_000));
        assert!(read_request(text.as_bytes()).is_err());
    }
    let values = "{\"arrayValue\":{\"values\":[".repeat(100_000);
    let text = format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"body\":{values}");
    assert!(read_request(text.as_bytes()).unwrap_err().to_string().contains("recursion"));
}

/// What a spec says in terms of the descriptors.
fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Text => Type::String,
        Kind::Bool => Type::Bool,
        Kind::Int64 => Type::Int64,
        Kind::Uint32 => Type::Uint32,
        Kind::Enum => Type::Enum,
        Kind::Double => Type::Double,
        Kind::Fixed64 => Type::Fixed64,
        Kind::Fixed32 => Type::Fixed32,
        Kind::Hex | Kind::Base64 => Type::Bytes,
        Kind::Message(_) => Type::Message,
    }
}

#[test]
fn the_schema_is_that_of_the_proto() {
    let set = FileDescriptorSet::decode(spile_proto::FILE_DESCRIPTOR_SET).unwrap();
    let files = set.file.into_iter().filter(|file| file.package().starts_with("opentelemetry."));
    let messages: BTreeMap<String, DescriptorProto> = files
        .flat_map(|file| file.message_type)
        .map(|message| (message.name().to_owned(), message))
        .collect();
    let (mut left, mut seen): (Vec<&MessageSpec>, Vec<&str>) = (vec![&REQUEST], Vec::new());
    while let Some(spec) = left.pop() {
        if seen.contains(&spec.name) {
            continue;
        }
        seen.push(spec.name);
        let message = &messages[spec.name];
        // Indexes into a table of texts, which profiles have and logs do not.
        let known = message.field.iter().filter(|field| !field.name().ends_with("_strindex"));
        assert_eq!(known.count(), spec.fields.len(), "{}", spec.name);
        for field in spec.fields {
            let described =
                message.field.iter().find(|described| described.number() == field.number as i32).unwrap();
            assert_eq!((described.name(), described.json_name()), (field.proto, field.json));
            assert_eq!(described.r#type(), type_of(field.kind), "{}.{}", spec.name, field.proto);
            assert_eq!(described.label() == Label::Repeated, field.repeated, "{}.{}", spec.name, field.proto);
            if let Kind::Message(spec) = field.kind {
                assert!(described.type_name().ends_with(&format!(".{}", spec.name)));
                left.push(spec);
            }
        }
    }
    assert_eq!(seen.len(), 11);
}
