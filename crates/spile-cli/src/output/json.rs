//! Records as JSON, with the field names of OpenTelemetry.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use spile_client::TailRecord;
use spile_client::proto::any_value::Value;
use spile_client::proto::{AnyValue, BodyKind, KeyValue, LogRecord};

use super::plain::severity_name;
use super::{Role, Target};
use crate::escape;
use spile_columns::object::rfc3339;

/// Appends a value and a line feed.
pub(crate) fn print_json(value: &impl Serialize, pretty: bool, target: Target, out: &mut Vec<u8>) {
    let text = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    let text = text.expect("all keys are text and a String takes everything");
    let text = if target.guarded { escape::json(text) } else { text };
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}

/// A record with its offset and resource. What is empty is left out, but for what every record should have.
pub(super) struct RecordJson<'a> {
    record: TailRecord<'a>,
    role: Role,
}

impl<'a> RecordJson<'a> {
    pub(super) fn new(record: &TailRecord<'a>, role: Role) -> Self {
        Self { record: *record, role }
    }
}

impl Serialize for RecordJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let TailRecord { offset, record, resource } = self.record;
        // Named one by one, so that a new field does not go missing here.
        let LogRecord {
            time_unix_nano,
            severity_number,
            severity_text,
            body,
            attributes,
            dropped_attributes_count,
            flags,
            trace_id,
            span_id,
            observed_time_unix_nano,
            event_name,
            resource_hash: _,
            scope_name,
            body_kind: _,
        } = record;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("offset", &offset)?;
        if self.role == Role::Context {
            map.serialize_entry("context", &true)?;
        }
        time(&mut map, "time", "timeUnixNano", *time_unix_nano)?;
        time(&mut map, "observedTime", "observedTimeUnixNano", *observed_time_unix_nano)?;
        map.serialize_entry("severityNumber", severity_number)?;
        map.serialize_entry("severity", severity_name(*severity_number))?;
        map.serialize_entry("severityText", severity_text)?;
        map.serialize_entry("body", body)?;
        match record.body_kind() {
            BodyKind::Unspecified => {}
            BodyKind::Json => map.serialize_entry("bodyKind", "json")?,
            BodyKind::Escaped => map.serialize_entry("bodyKind", "escaped")?,
        }
        text(&mut map, "eventName", event_name)?;
        text(&mut map, "scopeName", scope_name)?;
        text(&mut map, "traceId", &hex(trace_id))?;
        text(&mut map, "spanId", &hex(span_id))?;
        number(&mut map, "flags", *flags)?;
        map.serialize_entry("attributes", &Attributes(attributes))?;
        number(&mut map, "droppedAttributesCount", *dropped_attributes_count)?;
        map.serialize_entry("resource", &Attributes(&resource.attributes))?;
        map.end()
    }
}

/// A time twice: for people, and to the nanosecond as text, since JSON's numbers have 53 bits.
fn time<M: SerializeMap>(map: &mut M, name: &str, nanos_name: &str, nanos: u64) -> Result<(), M::Error> {
    if nanos == 0 {
        return Ok(());
    }
    map.serialize_entry(name, &rfc3339(nanos))?;
    map.serialize_entry(nanos_name, &nanos.to_string())
}

fn text<M: SerializeMap>(map: &mut M, name: &str, text: &str) -> Result<(), M::Error> {
    if text.is_empty() { Ok(()) } else { map.serialize_entry(name, text) }
}

fn number<M: SerializeMap>(map: &mut M, name: &str, number: u32) -> Result<(), M::Error> {
    if number == 0 { Ok(()) } else { map.serialize_entry(name, &number) }
}

/// As ids are written: two lower-case digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Attributes as the text of an object; nothing when there are none.
pub(crate) fn attributes_json(attributes: &[KeyValue]) -> String {
    if attributes.is_empty() {
        return String::new();
    }
    serde_json::to_string(&Attributes(attributes)).expect("all keys are text and a String takes everything")
}

/// Attributes as an object.
struct Attributes<'a>(&'a [KeyValue]);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(self.0.iter().map(|attribute| (&attribute.key, Typed(attribute.value.as_ref()))))
    }
}

/// A value as the type of JSON that is nearest; bytes as base64, numbers that JSON does not have as text.
struct Typed<'a>(Option<&'a AnyValue>);

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.and_then(|value| value.value.as_ref()) {
            None => serializer.serialize_none(),
            Some(Value::StringValue(text)) => serializer.serialize_str(text),
            Some(Value::BoolValue(truth)) => serializer.serialize_bool(*truth),
            Some(Value::IntValue(number)) => serializer.serialize_i64(*number),
            Some(Value::DoubleValue(number)) if number.is_finite() => serializer.serialize_f64(*number),
            Some(Value::DoubleValue(number)) => serializer.serialize_str(not_finite(*number)),
            Some(Value::BytesValue(bytes)) => serializer.serialize_str(&BASE64_STANDARD.encode(bytes)),
            Some(Value::KvlistValue(list)) => Attributes(&list.values).serialize(serializer),
            Some(Value::ArrayValue(array)) => {
                let mut seq = serializer.serialize_seq(Some(array.values.len()))?;
                for value in &array.values {
                    seq.serialize_element(&Typed(Some(value)))?;
                }
                seq.end()
            }
        }
    }
}

/// As the JSON form of protobuf writes it.
fn not_finite(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}
