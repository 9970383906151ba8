//! One log record: OTLP's bytes to Spile's, and back.

use spile_columns::wire::{Fields, WireValue, put_bytes, put_fixed32, put_fixed64, put_uint, put_varint};
use spile_columns::{RecordFields, field};

use crate::body;
use crate::names;
use crate::read::ReadError;
use crate::value::{self, MAX_NESTING};

/// The highest severity number of the data model.
const MAX_SEVERITY: u64 = 24;

/// What all records of a scope have in common, as Spile's records say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) name: Vec<u8>,
    /// Encoded fields `attributes` of a record.
    pub(crate) attributes: Vec<u8>,
}

/// Appends the `spile.v1.LogRecord` of an OTLP log record. Its resource is named by who appends it.
pub(crate) fn read(record: &[u8], scope: &Scope, out: &mut Vec<u8>) -> Result<(), ReadError> {
    let mut of_body: Option<&[u8]> = None;
    let mut kind_named = None;
    let mut severity = 0;
    for item in Fields::new(record) {
        let item = item?;
        match (item.number, item.value) {
            (number @ (field::TIME | field::OBSERVED), WireValue::Fixed64(time)) => {
                put_fixed64(out, number, time);
            }
            (field::FLAGS, WireValue::Fixed32(flags)) => put_fixed32(out, field::FLAGS, flags),
            (field::DROPPED, WireValue::Varint(count)) => put_uint(out, field::DROPPED, count),
            (field::SEVERITY, WireValue::Varint(number)) => severity = number,
            (number @ (field::SEVERITY_TEXT | field::EVENT_NAME), WireValue::Bytes(text)) => {
                put_bytes(out, number, String::from_utf8_lossy(text).as_bytes());
            }
            (field::TRACE_ID, WireValue::Bytes(id)) => put_id(out, field::TRACE_ID, id, 16),
            (field::SPAN_ID, WireValue::Bytes(id)) => put_id(out, field::SPAN_ID, id, 8),
            (field::BODY, WireValue::Bytes(body)) => of_body = Some(body),
            (field::ATTRIBUTES, WireValue::Bytes(pair)) => {
                let is_text = value::check_pair(pair, MAX_NESTING)?;
                match value::split_pair(pair) {
                    (key, value) if key == names::BODY_KIND.as_bytes() => {
                        kind_named = value::text(value).and_then(body::kind_named);
                        // A kind that is none of ours is an attribute like any other.
                        if kind_named.is_none() {
                            put_checked(out, pair, is_text);
                        }
                    }
                    _ => put_checked(out, pair, is_text),
                }
            }
            (field::TIME..=field::EVENT_NAME, _) if item.number != 4 => {
                return Err(ReadError::FieldType { message: "LogRecord" });
            }
            _ => {}
        }
    }
    if severity <= MAX_SEVERITY {
        put_unless_zero(out, field::SEVERITY, severity);
    } else {
        let number = value::of_int(severity as i64);
        value::put_pair(out, field::ATTRIBUTES, &[names::SEVERITY_NUMBER.as_bytes()], &number);
    }
    if let Some(of_body) = of_body {
        put_body(out, of_body, kind_named)?;
    }
    if !scope.name.is_empty() {
        put_bytes(out, field::SCOPE_NAME, &scope.name);
    }
    out.extend_from_slice(&scope.attributes);
    Ok(())
}

/// Appends a checked `KeyValue` as an attribute.
fn put_checked(out: &mut Vec<u8>, pair: &[u8], is_text: bool) {
    if is_text {
        put_bytes(out, field::ATTRIBUTES, pair);
    } else {
        let mut mended = Vec::with_capacity(pair.len());
        value::mend_pair(pair, &mut mended);
        put_bytes(out, field::ATTRIBUTES, &mended);
    }
}

fn put_body(out: &mut Vec<u8>, any_value: &[u8], kind_named: Option<u64>) -> Result<(), ReadError> {
    let body::Body { text, kind, beside } = body::read(any_value)?;
    if !text.is_empty() {
        put_bytes(out, field::BODY, &text);
    }
    put_unless_zero(out, field::BODY_KIND, if kind == 0 { kind_named.unwrap_or(0) } else { kind });
    if let Some(value) = beside {
        value::put_pair(out, field::ATTRIBUTES, &[names::BODY.as_bytes()], &value);
    }
    Ok(())
}

/// An id of another length, or of zeros, stands for none: the data model says so.
fn put_id(out: &mut Vec<u8>, number: u32, id: &[u8], length: usize) {
    if id.len() == length && id.iter().any(|&byte| byte != 0) {
        put_bytes(out, number, id);
    }
}

fn put_unless_zero(out: &mut Vec<u8>, number: u32, value: u64) {
    if value != 0 {
        put_uint(out, number, value);
    }
}

/// What becomes of one of Spile's records: an OTLP log record, and what its scope says.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) record: Vec<u8>,
    pub(crate) scope: WrittenScope,
}

/// The parts of a `ScopeLogs` that records of one scope share.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct WrittenScope {
    /// Encoded `InstrumentationScope`; empty when there is none.
    pub(crate) scope: Vec<u8>,
    pub(crate) schema_url: Vec<u8>,
}

/// The OTLP log record of a `spile.v1.LogRecord`.
pub(crate) fn write(record: &[u8]) -> Result<Written, ReadError> {
    let fields = RecordFields::read(record)?;
    let mut written = Written::default();
    let out = &mut written.record;
    let mut special = Special::default();
    put_fixed64(out, field::TIME, fields.time_unix_nano);
    put_fixed64(out, field::OBSERVED, fields.observed_time_unix_nano);
    for (number, text) in
        [(field::SEVERITY_TEXT, fields.severity_text), (field::EVENT_NAME, fields.event_name)]
    {
        if !text.is_empty() {
            put_bytes(out, number, text);
        }
    }
    for pair in &fields.attributes {
        if !special.take(pair) {
            put_bytes(out, field::ATTRIBUTES, pair);
        }
    }
    put_unless_zero(out, field::DROPPED, fields.dropped_attributes_count);
    if fields.flags != 0 {
        put_fixed32(out, field::FLAGS, fields.flags);
    }
    for (number, id) in [(field::TRACE_ID, fields.trace_id), (field::SPAN_ID, fields.span_id)] {
        if !id.is_empty() {
            put_bytes(out, number, id);
        }
    }
    put_unless_zero(out, field::SEVERITY, special.severity.unwrap_or(fields.severity_number));
    match special.body {
        Some(body) => put_bytes(out, field::BODY, body),
        None => {
            let (body, kind) = body::write(fields.body, fields.body_kind);
            if let Some(body) = body {
                put_bytes(out, field::BODY, &body);
            }
            if let Some(kind) = kind {
                let kind = value::of_text(kind.as_bytes());
                value::put_pair(out, field::ATTRIBUTES, &[names::BODY_KIND.as_bytes()], &kind);
            }
        }
    }
    written.scope = special.into_scope(fields.scope_name);
    Ok(written)
}

/// What was found in the attributes that have fixed names.
#[derive(Default)]
struct Special<'a> {
    severity: Option<u64>,
    body: Option<&'a [u8]>,
    scope_version: &'a [u8],
    scope_schema_url: &'a [u8],
    scope_dropped: u64,
    /// Encoded fields `attributes` of an `InstrumentationScope`.
    scope_attributes: Vec<u8>,
}

impl<'a> Special<'a> {
    /// Takes an attribute if it is a special one, of the type that it was given.
    fn take(&mut self, pair: &'a [u8]) -> bool {
        let (key, value) = value::split_pair(pair);
        let Some(key) = std::str::from_utf8(key).ok().filter(|key| key.starts_with("otel.")) else {
            return false;
        };
        let (text, int) = (value::text(value), value::int(value));
        if let Some(name) = key.strip_prefix(names::SCOPE_ATTRIBUTES) {
            value::put_pair(
                &mut self.scope_attributes,
                crate::field::scope::ATTRIBUTES,
                &[name.as_bytes()],
                value,
            );
            return true;
        }
        match (key, text, int) {
            (names::BODY, ..) => self.body = Some(value),
            (names::SEVERITY_NUMBER, _, Some(number)) => self.severity = Some(number as u64),
            (names::SCOPE_VERSION, Some(text), _) => self.scope_version = text,
            (names::SCOPE_SCHEMA_URL, Some(text), _) => self.scope_schema_url = text,
            (names::SCOPE_DROPPED, _, Some(count)) => self.scope_dropped = count as u64,
            _ => return false,
        }
        true
    }

    fn into_scope(self, name: &[u8]) -> WrittenScope {
        use crate::field::scope;
        let mut out = Vec::new();
        for (number, text) in [(scope::NAME, name), (scope::VERSION, self.scope_version)] {
            if !text.is_empty() {
                put_bytes(&mut out, number, text);
            }
        }
        out.extend_from_slice(&self.scope_attributes);
        if self.scope_dropped != 0 {
            put_varint(&mut out, u64::from(scope::DROPPED) << 3);
            put_varint(&mut out, self.scope_dropped);
        }
        WrittenScope { scope: out, schema_url: self.scope_schema_url.to_vec() }
    }
}
