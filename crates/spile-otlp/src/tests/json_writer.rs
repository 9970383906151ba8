//! OTLP's JSON of a request, as an exporter writes it.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use spile_proto::otlp::collector::logs::v1::ExportLogsServiceRequest;
use spile_proto::otlp::common::v1::any_value::Value;
use spile_proto::otlp::common::v1::{AnyValue, KeyValue};
use spile_proto::otlp::logs::v1::LogRecord;

pub(crate) fn write(request: &ExportLogsServiceRequest) -> Json {
    let parts = request.resource_logs.iter().map(|part| {
        let scopes = part.scope_logs.iter().map(|scope| {
            let records: Vec<Json> = scope.log_records.iter().map(record).collect();
            let mut written =
                json!({ "logRecords": records, "schemaUrl": scope.schema_url, "unknown": [{}] });
            if let Some(scope) = &scope.scope {
                written["scope"] = json!({
                    "name": scope.name, "version": scope.version, "attributes": pairs(&scope.attributes),
                    "droppedAttributesCount": scope.dropped_attributes_count,
                });
            }
            written
        });
        let mut written = json!({ "scopeLogs": scopes.collect::<Vec<_>>(), "schemaUrl": part.schema_url });
        if let Some(resource) = &part.resource {
            let entities = resource.entity_refs.iter().map(|entity| {
                json!({
                    "schemaUrl": entity.schema_url, "type": entity.r#type, "idKeys": entity.id_keys,
                    "descriptionKeys": entity.description_keys,
                })
            });
            written["resource"] = json!({
                "attributes": pairs(&resource.attributes),
                "droppedAttributesCount": resource.dropped_attributes_count,
                "entityRefs": entities.collect::<Vec<_>>(),
            });
        }
        written
    });
    json!({ "resourceLogs": parts.collect::<Vec<_>>() })
}

fn record(record: &LogRecord) -> Json {
    json!({
        "timeUnixNano": record.time_unix_nano.to_string(),
        "observedTimeUnixNano": record.observed_time_unix_nano,
        "severityNumber": record.severity_number,
        "severityText": record.severity_text,
        "body": record.body.as_ref().map(value),
        "attributes": pairs(&record.attributes),
        "droppedAttributesCount": record.dropped_attributes_count,
        "flags": record.flags,
        "traceId": hexadecimal(&record.trace_id),
        "spanId": hexadecimal(&record.span_id).to_uppercase(),
        "eventName": record.event_name,
    })
}

fn pairs(pairs: &[KeyValue]) -> Json {
    pairs.iter().map(|pair| json!({ "key": pair.key, "value": pair.value.as_ref().map(value) })).collect()
}

fn value(any: &AnyValue) -> Json {
    match &any.value {
        None => json!({}),
        Some(Value::StringValue(text)) => json!({ "stringValue": text }),
        Some(Value::BoolValue(truth)) => json!({ "boolValue": truth }),
        Some(Value::IntValue(number)) if number % 2 == 0 => json!({ "intValue": number }),
        Some(Value::IntValue(number)) => json!({ "intValue": number.to_string() }),
        Some(Value::DoubleValue(number)) if number.is_nan() => json!({ "doubleValue": "NaN" }),
        Some(Value::DoubleValue(number)) if number.is_infinite() => {
            json!({ "doubleValue": if *number > 0.0 { "Infinity" } else { "-Infinity" } })
        }
        Some(Value::DoubleValue(number)) => json!({ "doubleValue": number }),
        Some(Value::ArrayValue(array)) => {
            json!({ "arrayValue": { "values": array.values.iter().map(value).collect::<Vec<_>>() } })
        }
        Some(Value::KvlistValue(list)) => json!({ "kvlistValue": { "values": pairs(&list.values) } }),
        Some(Value::BytesValue(bytes)) => json!({ "bytesValue": STANDARD.encode(bytes) }),
        Some(Value::StringValueStrindex(_)) => unreachable!("logs have none"),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
