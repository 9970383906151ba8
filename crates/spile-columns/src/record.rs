//! The fields of an encoded record, where they lie.

use crate::field;
use crate::wire::{Fields, WireError, WireValue, put_bytes, put_fixed32, put_fixed64, put_uint, put_varint};

/// What a `LogRecord` message says. Of a field that comes several times the last counts, as protobuf has it; attributes add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFields<'a> {
    /// Unix nanoseconds.
    pub time_unix_nano: u64,
    /// Unix nanoseconds; 0 when not given.
    pub observed_time_unix_nano: u64,
    /// 0 (unspecified) to 24 in a record that was checked.
    pub severity_number: u64,
    /// UTF-8 in a record that was checked, as are the other texts.
    pub severity_text: &'a [u8],
    /// The text.
    pub body: &'a [u8],
    /// `spile.v1.BodyKind`.
    pub body_kind: u64,
    /// Each one's `KeyValue` message.
    pub attributes: Vec<&'a [u8]>,
    /// How many the source or a limit dropped.
    pub dropped_attributes_count: u64,
    /// W3C trace flags.
    pub flags: u32,
    /// 16 bytes, or empty.
    pub trace_id: &'a [u8],
    /// 8 bytes, or empty.
    pub span_id: &'a [u8],
    /// The event's class, or empty.
    pub event_name: &'a [u8],
    /// The instrumentation scope, or empty.
    pub scope_name: &'a [u8],
    /// Names the resource; 0 when unknown.
    pub resource_hash: u64,
    /// Fields of a later version of the contract, keys included.
    pub unknown: Vec<&'a [u8]>,
}

impl<'a> RecordFields<'a> {
    /// Reads a `LogRecord` message. A known field of another wire type than the contract's counts as unknown.
    pub fn read(message: &'a [u8]) -> Result<Self, WireError> {
        let mut read = Self::default();
        let mut start = 0;
        for item in Fields::new(message) {
            let item = item?;
            match (item.number, item.value) {
                (field::TIME, WireValue::Fixed64(value)) => read.time_unix_nano = value,
                (field::SEVERITY, WireValue::Varint(value)) => read.severity_number = value,
                (field::SEVERITY_TEXT, WireValue::Bytes(bytes)) => read.severity_text = bytes,
                (field::BODY, WireValue::Bytes(bytes)) => read.body = bytes,
                (field::ATTRIBUTES, WireValue::Bytes(bytes)) => read.attributes.push(bytes),
                (field::DROPPED, WireValue::Varint(value)) => read.dropped_attributes_count = value,
                (field::FLAGS, WireValue::Fixed32(value)) => read.flags = value,
                (field::TRACE_ID, WireValue::Bytes(bytes)) => read.trace_id = bytes,
                (field::SPAN_ID, WireValue::Bytes(bytes)) => read.span_id = bytes,
                (field::OBSERVED, WireValue::Fixed64(value)) => read.observed_time_unix_nano = value,
                (field::EVENT_NAME, WireValue::Bytes(bytes)) => read.event_name = bytes,
                (field::RESOURCE, WireValue::Fixed64(value)) => read.resource_hash = value,
                (field::SCOPE_NAME, WireValue::Bytes(bytes)) => read.scope_name = bytes,
                (field::BODY_KIND, WireValue::Varint(value)) => read.body_kind = value,
                _ => read.unknown.push(&message[start..item.end]),
            }
            start = item.end;
        }
        Ok(read)
    }

    /// Appends the message in canonical form: fields by number, what is zero or empty left out, unknown ones last. Returns where the body's
    /// bytes lie, counted from where `out` ended before.
    pub fn put(&self, out: &mut Vec<u8>) -> std::ops::Range<usize> {
        let start = out.len();
        put_head(out, self.time_unix_nano, self.severity_number, self.severity_text);
        let body = put_text(out, field::BODY, self.body);
        for attribute in &self.attributes {
            put_bytes(out, field::ATTRIBUTES, attribute);
        }
        self.put_rest(out);
        for unknown in &self.unknown {
            out.extend_from_slice(unknown);
        }
        body.start.saturating_sub(start)..body.end.saturating_sub(start)
    }

    /// Appends the known fields behind the attributes.
    pub(crate) fn put_rest(&self, out: &mut Vec<u8>) {
        if self.dropped_attributes_count != 0 {
            put_uint(out, field::DROPPED, self.dropped_attributes_count);
        }
        if self.flags != 0 {
            put_fixed32(out, field::FLAGS, self.flags);
        }
        put_text(out, field::TRACE_ID, self.trace_id);
        put_text(out, field::SPAN_ID, self.span_id);
        if self.observed_time_unix_nano != 0 {
            put_fixed64(out, field::OBSERVED, self.observed_time_unix_nano);
        }
        put_text(out, field::EVENT_NAME, self.event_name);
        if self.resource_hash != 0 {
            put_fixed64(out, field::RESOURCE, self.resource_hash);
        }
        put_text(out, field::SCOPE_NAME, self.scope_name);
        if self.body_kind != 0 {
            put_uint(out, field::BODY_KIND, self.body_kind);
        }
    }
}

/// Appends the fields before the body.
pub(crate) fn put_head(out: &mut Vec<u8>, time_unix_nano: u64, severity_number: u64, severity_text: &[u8]) {
    if time_unix_nano != 0 {
        put_fixed64(out, field::TIME, time_unix_nano);
    }
    if severity_number != 0 {
        put_uint(out, field::SEVERITY, severity_number);
    }
    put_text(out, field::SEVERITY_TEXT, severity_text);
}

/// Appends a field of bytes unless it is empty. Returns where they lie.
pub(crate) fn put_text(out: &mut Vec<u8>, number: u32, bytes: &[u8]) -> std::ops::Range<usize> {
    if bytes.is_empty() {
        return 0..0;
    }
    put_varint(out, u64::from(number) << 3 | 2);
    put_varint(out, bytes.len() as u64);
    let start = out.len();
    out.extend_from_slice(bytes);
    start..out.len()
}
