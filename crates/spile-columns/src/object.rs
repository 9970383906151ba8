//! A record as one JSON object: the form of `spile tail -o jsonl` and of the HTTP doors (`docs/http.md` lists its names).

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::field;
use crate::json::{put_object, put_string};
use crate::record::RecordFields;
use crate::wire::{Fields, WireError, WireValue};

/// `spile.v1.BodyKind`.
const BODY_KIND_JSON: u64 = 1;
const BODY_KIND_ESCAPED: u64 = 2;

/// What is said of a record that its own fields do not say.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// Its position in the stream.
    pub offset: u64,
    /// Where to resume behind it; left out when `None`.
    pub cursor: Option<&'a str>,
    /// The short name of its severity.
    pub severity: &'a str,
    /// The `Resource` message that it names; empty when there is none.
    pub resource: &'a [u8],
}

/// Appends a record. What is empty is left out, but for what every record should have.
///
/// # Errors
/// When the resource is not a message. Something may have been appended then.
pub fn put_record(
    out: &mut Vec<u8>,
    record: &RecordFields<'_>,
    around: Surroundings<'_>,
) -> Result<(), WireError> {
    // Named one by one, so that a new field does not go missing here.
    let RecordFields {
        time_unix_nano,
        observed_time_unix_nano,
        severity_number,
        severity_text,
        body,
        body_kind,
        attributes,
        dropped_attributes_count,
        flags,
        trace_id,
        span_id,
        event_name,
        scope_name,
        resource_hash: _,
        unknown: _,
    } = record;
    put_raw(out, b"{\"offset\":");
    put_number(out, around.offset);
    if let Some(cursor) = around.cursor {
        put_text(out, "cursor", cursor.as_bytes());
    }
    put_time(out, "time", *time_unix_nano);
    put_time(out, "observedTime", *observed_time_unix_nano);
    put_raw(out, b",\"severityNumber\":");
    put_number(out, *severity_number);
    put_text(out, "severity", around.severity.as_bytes());
    put_text(out, "severityText", severity_text);
    put_text(out, "body", body);
    match *body_kind {
        BODY_KIND_JSON => put_text(out, "bodyKind", b"json"),
        BODY_KIND_ESCAPED => put_text(out, "bodyKind", b"escaped"),
        _ => {}
    }
    let optional: [(&str, &[u8]); 2] = [("eventName", event_name), ("scopeName", scope_name)];
    for (name, text) in optional.into_iter().filter(|(_, text)| !text.is_empty()) {
        put_text(out, name, text);
    }
    let ids: [(&str, &[u8]); 2] = [("traceId", trace_id), ("spanId", span_id)];
    for (name, id) in ids.into_iter().filter(|(_, id)| !id.is_empty()) {
        put_text(out, name, hex(id).as_bytes());
    }
    if *flags != 0 {
        put_raw(out, b",\"flags\":");
        put_number(out, u64::from(*flags));
    }
    put_raw(out, b",\"attributes\":");
    put_object(out, attributes.iter().copied());
    if *dropped_attributes_count != 0 {
        put_raw(out, b",\"droppedAttributesCount\":");
        put_number(out, *dropped_attributes_count);
    }
    put_raw(out, b",\"resource\":");
    put_object(out, resource_attributes(around.resource)?.into_iter());
    out.push(b'}');
    Ok(())
}

/// Appends a JSON string.
pub fn put_json_string(out: &mut Vec<u8>, text: &str) {
    put_string(out, text.as_bytes());
}

/// Unix nanoseconds as RFC 3339 in UTC with all nine digits.
pub fn rfc3339(unix_nano: u64) -> String {
    let time = Timestamp::from_nanosecond(unix_nano.into()).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{time:.9}")
}

fn resource_attributes(resource: &[u8]) -> Result<Vec<&[u8]>, WireError> {
    let mut attributes = Vec::new();
    for item in Fields::new(resource) {
        let item = item?;
        if let (field::RESOURCE_ATTRIBUTES, WireValue::Bytes(pair)) = (item.number, item.value) {
            attributes.push(pair);
        }
    }
    Ok(attributes)
}

/// A time twice: for people, and to the nanosecond as text, since JSON's numbers have 53 bits.
fn put_time(out: &mut Vec<u8>, name: &str, unix_nano: u64) {
    if unix_nano == 0 {
        return;
    }
    put_text(out, name, rfc3339(unix_nano).as_bytes());
    put_raw(out, b",\"");
    put_raw(out, name.as_bytes());
    put_raw(out, b"UnixNano\":\"");
    put_number(out, unix_nano);
    out.push(b'"');
}

fn put_text(out: &mut Vec<u8>, name: &str, text: &[u8]) {
    put_raw(out, b",\"");
    put_raw(out, name.as_bytes());
    put_raw(out, b"\":");
    put_string(out, text);
}

fn put_number(out: &mut Vec<u8>, number: u64) {
    put_raw(out, number.to_string().as_bytes());
}

fn put_raw(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(text);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a String takes what is written");
        out
    })
}
