//! One log record: how it is checked when it comes in, and the view that every filter looks through.

use std::borrow::Cow;
use std::ops::Range;

pub(crate) use spile_columns::field;
use thiserror::Error;

use crate::wire::{Fields, WireError, WireValue};

/// The highest severity number of the OpenTelemetry logs data model.
pub const MAX_SEVERITY: u8 = 24;

/// How deep attribute values may nest.
const MAX_NESTING: u32 = 16;

/// An attribute's value, borrowed from where the record lies.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Str(Cow<'a, str>),
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Double(f64),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// An array or a map; it compares with nothing, it is only present.
    Composite,
}

/// A record as filters see it, wherever it lies: in a frame, or in columns.
pub trait RecordView {
    /// When it happened, Unix nanoseconds.
    fn time_unix_nano(&self) -> u64;
    /// 0 (unspecified) to 24.
    fn severity_number(&self) -> u8;
    /// The severity as the source spelled it.
    fn severity_text(&self) -> &str;
    /// The text.
    fn body(&self) -> &str;
    /// The text's bytes: cheaper to have where the text would have to be checked to be UTF-8 first.
    fn body_bytes(&self) -> &[u8] {
        self.body().as_bytes()
    }
    /// 16 bytes, or empty.
    fn trace_id(&self) -> &[u8];
    /// 8 bytes, or empty.
    fn span_id(&self) -> &[u8];
    /// The event's class, or empty.
    fn event_name(&self) -> &str;
    /// The instrumentation scope, or empty.
    fn scope_name(&self) -> &str;
    /// The record's own attribute of this name.
    fn attribute(&self, key: &str) -> Option<Value<'_>>;
    /// The attribute of this name of the record's resource.
    fn resource_attribute(&self, key: &str) -> Option<Value<'_>>;
}

/// Why a record is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordError {
    /// Not a protobuf message.
    #[error("record is not a valid protobuf message: {0}")]
    Wire(#[from] WireError),
    /// A field has another type than the contract says.
    #[error("field {field} has the wrong wire type")]
    FieldType {
        /// The field's name.
        field: &'static str,
    },
    /// A text field is not UTF-8.
    #[error(
        "field {field} is not valid UTF-8; send bytes as escaped text with body_kind ESCAPED, or as bytes_value"
    )]
    Utf8 {
        /// The field's name.
        field: &'static str,
    },
    /// A value is out of its bounds.
    #[error("field {field} must be {expected}")]
    Bounds {
        /// The field's name.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The record is larger than the limit.
    #[error("record has {bytes} encoded bytes, at most {limit} are taken; shorten field body")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

/// What a frame's index keeps of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scanned {
    pub(crate) time_unix_nano: u64,
    pub(crate) observed_time_unix_nano: u64,
    pub(crate) severity: u8,
    pub(crate) resource_hash: u64,
    /// Where the body lies in the record's bytes.
    pub(crate) body: Range<u32>,
}

/// Checks a record from outside and returns what the index needs: afterwards every field can be trusted.
pub(crate) fn check(record: &[u8]) -> Result<Scanned, RecordError> {
    scan(record, true)
}

/// Reads what the index needs from a record that was checked when it came in.
pub(crate) fn rescan(record: &[u8]) -> Result<Scanned, RecordError> {
    scan(record, false)
}

fn scan(record: &[u8], strict: bool) -> Result<Scanned, RecordError> {
    let mut scanned = Scanned::default();
    for item in Fields::new(record) {
        let item = item?;
        match (item.number, item.value) {
            (field::TIME, value) => scanned.time_unix_nano = fixed64(value, "time_unix_nano")?,
            (field::OBSERVED, value) => {
                scanned.observed_time_unix_nano = fixed64(value, "observed_time_unix_nano")?;
            }
            (field::RESOURCE, value) => scanned.resource_hash = fixed64(value, "resource_hash")?,
            (field::SEVERITY, value) => scanned.severity = severity(value)?,
            (field::BODY, WireValue::Bytes(bytes)) => {
                if strict {
                    text(item.value, "body")?;
                }
                let end = item.end as u32;
                scanned.body = end - bytes.len() as u32..end;
            }
            (number, value) if strict => check_rest(number, value)?,
            _ => {}
        }
    }
    Ok(scanned)
}

fn check_rest(number: u32, value: WireValue<'_>) -> Result<(), RecordError> {
    match number {
        field::SEVERITY_TEXT => text(value, "severity_text"),
        field::BODY => text(value, "body"),
        field::EVENT_NAME => text(value, "event_name"),
        field::SCOPE_NAME => text(value, "scope_name"),
        field::TRACE_ID => id(value, "trace_id", 16),
        field::SPAN_ID => id(value, "span_id", 8),
        field::ATTRIBUTES => key_value(value, MAX_NESTING),
        field::DROPPED => varint(value, "dropped_attributes_count"),
        field::BODY_KIND => varint(value, "body_kind"),
        field::FLAGS => match value {
            WireValue::Fixed32(_) => Ok(()),
            _ => Err(RecordError::FieldType { field: "flags" }),
        },
        // A field of a later version of the contract: kept as it is.
        _ => Ok(()),
    }
}

fn fixed64(value: WireValue<'_>, field: &'static str) -> Result<u64, RecordError> {
    match value {
        WireValue::Fixed64(value) => Ok(value),
        _ => Err(RecordError::FieldType { field }),
    }
}

fn severity(value: WireValue<'_>) -> Result<u8, RecordError> {
    match value {
        WireValue::Varint(number) if number <= u64::from(MAX_SEVERITY) => Ok(number as u8),
        WireValue::Varint(_) => Err(RecordError::Bounds { field: "severity_number", expected: "0 to 24" }),
        _ => Err(RecordError::FieldType { field: "severity_number" }),
    }
}

fn varint(value: WireValue<'_>, field: &'static str) -> Result<(), RecordError> {
    match value {
        WireValue::Varint(_) => Ok(()),
        _ => Err(RecordError::FieldType { field }),
    }
}

fn text(value: WireValue<'_>, field: &'static str) -> Result<(), RecordError> {
    match value {
        WireValue::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(_) => Ok(()),
            Err(_) => Err(RecordError::Utf8 { field }),
        },
        _ => Err(RecordError::FieldType { field }),
    }
}

fn id(value: WireValue<'_>, field: &'static str, length: usize) -> Result<(), RecordError> {
    match value {
        WireValue::Bytes(bytes) if bytes.is_empty() || bytes.len() == length => Ok(()),
        WireValue::Bytes(_) => {
            let expected = if length == 16 { "16 bytes, or empty" } else { "8 bytes, or empty" };
            Err(RecordError::Bounds { field, expected })
        }
        _ => Err(RecordError::FieldType { field }),
    }
}

/// Checks one `KeyValue`.
pub(crate) fn key_value(value: WireValue<'_>, nesting: u32) -> Result<(), RecordError> {
    let WireValue::Bytes(bytes) = value else {
        return Err(RecordError::FieldType { field: "attributes" });
    };
    for item in Fields::new(bytes) {
        let item = item?;
        match item.number {
            1 => text(item.value, "attributes.key")?,
            2 => any_value(item.value, nesting)?,
            _ => {}
        }
    }
    Ok(())
}

fn any_value(value: WireValue<'_>, nesting: u32) -> Result<(), RecordError> {
    const FIELD: &str = "attributes.value";
    let WireValue::Bytes(bytes) = value else {
        return Err(RecordError::FieldType { field: FIELD });
    };
    let Some(nesting) = nesting.checked_sub(1) else {
        return Err(RecordError::Bounds { field: FIELD, expected: "nested at most 16 deep" });
    };
    for item in Fields::new(bytes) {
        let item = item?;
        match (item.number, item.value) {
            (1, value) => text(value, FIELD)?,
            (2 | 3, WireValue::Varint(_)) | (4, WireValue::Fixed64(_)) | (7, WireValue::Bytes(_)) => {}
            (5, WireValue::Bytes(list)) => {
                for element in Fields::new(list) {
                    any_value(element?.value, nesting)?;
                }
            }
            (6, WireValue::Bytes(list)) => {
                for element in Fields::new(list) {
                    key_value(element?.value, nesting)?;
                }
            }
            (2..=7, _) => return Err(RecordError::FieldType { field: FIELD }),
            _ => {}
        }
    }
    Ok(())
}

/// A checked `LogRecord` message, with its resource; fields are found when asked for.
#[derive(Clone, Copy, Debug)]
pub struct EncodedRecord<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) time_unix_nano: u64,
    pub(crate) severity: u8,
    pub(crate) body: &'a [u8],
    pub(crate) resource: Option<&'a crate::resource::ResourceDef>,
}

impl<'a> EncodedRecord<'a> {
    /// The bytes of the `LogRecord` message.
    #[must_use]
    pub fn encoded(&self) -> &'a [u8] {
        self.bytes
    }

    fn last_bytes(&self, number: u32) -> &'a [u8] {
        let mut found: &'a [u8] = &[];
        for item in Fields::new(self.bytes).flatten() {
            if let (true, WireValue::Bytes(bytes)) = (item.number == number, item.value) {
                found = bytes;
            }
        }
        found
    }
}

impl RecordView for EncodedRecord<'_> {
    fn time_unix_nano(&self) -> u64 {
        self.time_unix_nano
    }

    fn severity_number(&self) -> u8 {
        self.severity
    }

    fn severity_text(&self) -> &str {
        trusted_text(self.last_bytes(field::SEVERITY_TEXT))
    }

    fn body(&self) -> &str {
        trusted_text(self.body)
    }

    fn body_bytes(&self) -> &[u8] {
        self.body
    }

    fn trace_id(&self) -> &[u8] {
        self.last_bytes(field::TRACE_ID)
    }

    fn span_id(&self) -> &[u8] {
        self.last_bytes(field::SPAN_ID)
    }

    fn event_name(&self) -> &str {
        trusted_text(self.last_bytes(field::EVENT_NAME))
    }

    fn scope_name(&self) -> &str {
        trusted_text(self.last_bytes(field::SCOPE_NAME))
    }

    fn attribute(&self, key: &str) -> Option<Value<'_>> {
        find_attribute(self.bytes, field::ATTRIBUTES, key)
    }

    fn resource_attribute(&self, key: &str) -> Option<Value<'_>> {
        self.resource?.attribute(key)
    }
}

/// Text that was checked when it came in. Should disk rot have slipped past every checksum, it reads as empty.
fn trusted_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Finds the value of `key` among the `KeyValue`s that lie in field `number` of `message`.
pub(crate) fn find_attribute<'a>(message: &'a [u8], number: u32, key: &str) -> Option<Value<'a>> {
    for item in Fields::new(message).flatten() {
        let (true, WireValue::Bytes(pair)) = (item.number == number, item.value) else {
            continue;
        };
        let mut name: &[u8] = &[];
        let mut value: &'a [u8] = &[];
        for part in Fields::new(pair).flatten() {
            match (part.number, part.value) {
                (1, WireValue::Bytes(bytes)) => name = bytes,
                (2, WireValue::Bytes(bytes)) => value = bytes,
                _ => {}
            }
        }
        if name == key.as_bytes() {
            return Some(decode_value(value));
        }
    }
    None
}

fn decode_value(any_value: &[u8]) -> Value<'_> {
    let mut decoded = Value::Composite;
    for item in Fields::new(any_value).flatten() {
        decoded = match (item.number, item.value) {
            (1, WireValue::Bytes(bytes)) => Value::Str(trusted_text(bytes).into()),
            (2, WireValue::Varint(number)) => Value::Bool(number != 0),
            (3, WireValue::Varint(number)) => Value::Int(number as i64),
            (4, WireValue::Fixed64(bits)) => Value::Double(f64::from_bits(bits)),
            (7, WireValue::Bytes(bytes)) => Value::Bytes(bytes.into()),
            _ => Value::Composite,
        };
    }
    decoded
}
