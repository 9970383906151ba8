//! An encoded `ExportLogsServiceRequest`, read where it lies: resources, scopes, and their records as Spile's.

use spile_columns::wire::{Field, Fields, WireError, WireValue, put_bytes};
use thiserror::Error;

use crate::field::{request, resource, resource_logs, scope, scope_logs, spile_resource};
use crate::names;
use crate::record::{self, Scope};
use crate::value::{self, MAX_NESTING, ValueError};

/// Why a request, or a part of it, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Not a protobuf message.
    #[error("it is not a valid protobuf message: {0}")]
    Wire(#[from] WireError),
    /// A field has another type than the contract says.
    #[error("a field of {message} has the wrong wire type")]
    FieldType {
        /// Whose.
        message: &'static str,
    },
    /// The values nest too deep. Only what has them is refused; all other errors are those of the whole request.
    #[error("values nest more than {MAX_NESTING} deep")]
    Deep,
}

impl ReadError {
    /// Whether the whole request is no such message.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        *self != Self::Deep
    }
}

impl From<ValueError> for ReadError {
    fn from(error: ValueError) -> Self {
        match error {
            ValueError::Wire(error) => Self::Wire(error),
            ValueError::FieldType => Self::FieldType { message: "AnyValue" },
            ValueError::Deep => Self::Deep,
        }
    }
}

/// The bytes of a message field, or an error naming whose field has another type.
fn message<'a>(field: Field<'a>, of: &'static str) -> Result<&'a [u8], ReadError> {
    match field.value {
        WireValue::Bytes(bytes) => Ok(bytes),
        _ => Err(ReadError::FieldType { message: of }),
    }
}

/// The messages of a repeated field.
fn repeated<'a>(
    bytes: &'a [u8],
    number: u32,
    of: &'static str,
) -> impl Iterator<Item = Result<&'a [u8], ReadError>> {
    Fields::new(bytes).filter_map(move |field| match field {
        Ok(field) if field.number == number => Some(message(field, of)),
        Ok(_) => None,
        Err(error) => Some(Err(error.into())),
    })
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a>(&'a [u8]);

impl<'a> Request<'a> {
    /// The request of these bytes, which are looked at later.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Its parts, one for each resource.
    pub fn resource_logs(self) -> impl Iterator<Item = Result<ResourceLogs<'a>, ReadError>> {
        let parts = repeated(self.0, request::RESOURCE_LOGS, "ExportLogsServiceRequest");
        parts.map(|part| part.and_then(ResourceLogs::read))
    }
}

/// The records of a resource.
#[derive(Clone, Copy, Debug)]
pub struct ResourceLogs<'a> {
    bytes: &'a [u8],
    resource: &'a [u8],
    schema_url: &'a [u8],
}

impl<'a> ResourceLogs<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let mut read = Self { bytes, resource: &[], schema_url: &[] };
        for field in Fields::new(bytes) {
            let field = field?;
            match field.number {
                resource_logs::RESOURCE => read.resource = message(field, "ResourceLogs")?,
                resource_logs::SCHEMA_URL => read.schema_url = message(field, "ResourceLogs")?,
                _ => {}
            }
        }
        Ok(read)
    }

    /// The encoded `spile.v1.Resource`, without its hash; `None` when nothing is said.
    ///
    /// # Errors
    /// When it cannot be read. [`ReadError::Deep`]: the resource, and so its records, cannot be kept.
    pub fn resource(&self) -> Result<Option<Vec<u8>>, ReadError> {
        const ATTRIBUTES: u32 = spile_resource::ATTRIBUTES;
        let mut out = Vec::with_capacity(self.resource.len() + self.schema_url.len() + 40);
        let mut entity_refs = Vec::new();
        for field in Fields::new(self.resource) {
            let field = field?;
            match (field.number, field.value) {
                (resource::ATTRIBUTES, WireValue::Bytes(pair)) => put_attribute(&mut out, ATTRIBUTES, pair)?,
                (resource::DROPPED, WireValue::Varint(0)) => {}
                (resource::DROPPED, WireValue::Varint(count)) => {
                    let count = value::of_int(count as i64);
                    value::put_pair(&mut out, ATTRIBUTES, &[names::RESOURCE_DROPPED.as_bytes()], &count);
                }
                (resource::ENTITY_REFS, WireValue::Bytes(entity)) => {
                    let mut element = Vec::with_capacity(entity.len() + 6);
                    put_bytes(&mut element, crate::field::value::BYTES, entity);
                    put_bytes(&mut entity_refs, crate::field::LIST_VALUES, &element);
                }
                (resource::ATTRIBUTES..=resource::ENTITY_REFS, _) => {
                    return Err(ReadError::FieldType { message: "Resource" });
                }
                _ => {}
            }
        }
        if !entity_refs.is_empty() {
            let mut array = Vec::with_capacity(entity_refs.len() + 6);
            put_bytes(&mut array, crate::field::value::ARRAY, &entity_refs);
            value::put_pair(&mut out, ATTRIBUTES, &[names::RESOURCE_ENTITY_REFS.as_bytes()], &array);
        }
        put_text(&mut out, ATTRIBUTES, names::RESOURCE_SCHEMA_URL, self.schema_url);
        Ok((!out.is_empty()).then_some(out))
    }

    /// Its parts, one for each scope.
    pub fn scope_logs(&self) -> impl Iterator<Item = Result<ScopeLogs<'a>, ReadError>> + use<'a> {
        let parts = repeated(self.bytes, resource_logs::SCOPE_LOGS, "ResourceLogs");
        parts.map(|part| part.and_then(ScopeLogs::read))
    }
}

/// The records of a scope.
#[derive(Clone, Debug)]
pub struct ScopeLogs<'a> {
    bytes: &'a [u8],
    /// What it says of its records; else each of them is refused.
    scope: Result<Scope, ReadError>,
}

impl<'a> ScopeLogs<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let (mut scope, mut schema_url): (&[u8], &[u8]) = (&[], &[]);
        for field in Fields::new(bytes) {
            let field = field?;
            match field.number {
                scope_logs::SCOPE => scope = message(field, "ScopeLogs")?,
                scope_logs::SCHEMA_URL => schema_url = message(field, "ScopeLogs")?,
                _ => {}
            }
        }
        match read_scope(scope, schema_url) {
            Err(error) if error.is_malformed() => Err(error),
            scope => Ok(Self { bytes, scope }),
        }
    }

    /// Its records, encoded as OTLP has them.
    pub fn records(&self) -> impl Iterator<Item = Result<&'a [u8], ReadError>> + use<'a> {
        repeated(self.bytes, scope_logs::RECORDS, "ScopeLogs")
    }

    /// Appends the encoded `spile.v1.LogRecord` of one of its records. It is acceptable in everything but perhaps its size.
    ///
    /// # Errors
    /// When it cannot be read. [`ReadError::Deep`]: this record cannot be kept; what is in `out` then is of no use.
    pub fn read_record(&self, record: &[u8], out: &mut Vec<u8>) -> Result<(), ReadError> {
        record::read(record, self.scope.as_ref().map_err(Clone::clone)?, out)
    }
}

fn read_scope(scope: &[u8], schema_url: &[u8]) -> Result<Scope, ReadError> {
    const ATTRIBUTES: u32 = spile_columns::field::ATTRIBUTES;
    let mut read = Scope::default();
    let out = &mut read.attributes;
    for field in Fields::new(scope) {
        let field = field?;
        match (field.number, field.value) {
            (scope::NAME, WireValue::Bytes(name)) => {
                read.name = String::from_utf8_lossy(name).into_owned().into_bytes();
            }
            (scope::VERSION, WireValue::Bytes(version)) => {
                put_text(out, ATTRIBUTES, names::SCOPE_VERSION, version);
            }
            (scope::ATTRIBUTES, WireValue::Bytes(pair)) => {
                let mut mended = Vec::new();
                let pair = if value::check_pair(pair, MAX_NESTING)? {
                    pair
                } else {
                    value::mend_pair(pair, &mut mended);
                    &mended
                };
                let (key, value) = value::split_pair(pair);
                value::put_pair(out, ATTRIBUTES, &[names::SCOPE_ATTRIBUTES.as_bytes(), key], value);
            }
            (scope::DROPPED, WireValue::Varint(0)) => {}
            (scope::DROPPED, WireValue::Varint(count)) => {
                let count = value::of_int(count as i64);
                value::put_pair(out, ATTRIBUTES, &[names::SCOPE_DROPPED.as_bytes()], &count);
            }
            (scope::NAME..=scope::DROPPED, _) => {
                return Err(ReadError::FieldType { message: "InstrumentationScope" });
            }
            _ => {}
        }
    }
    put_text(out, ATTRIBUTES, names::SCOPE_SCHEMA_URL, schema_url);
    Ok(read)
}

/// Appends an attribute from outside.
fn put_attribute(out: &mut Vec<u8>, number: u32, pair: &[u8]) -> Result<(), ReadError> {
    if value::check_pair(pair, MAX_NESTING)? {
        put_bytes(out, number, pair);
    } else {
        let mut mended = Vec::with_capacity(pair.len());
        value::mend_pair(pair, &mut mended);
        put_bytes(out, number, &mended);
    }
    Ok(())
}

/// Appends a text attribute, unless it is empty.
fn put_text(out: &mut Vec<u8>, number: u32, name: &str, text: &[u8]) {
    if !text.is_empty() {
        let text = value::of_text(String::from_utf8_lossy(text).as_bytes());
        value::put_pair(out, number, &[name.as_bytes()], &text);
    }
}
