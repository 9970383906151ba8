//! Records to columns.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, FixedSizeBinaryBuilder, StringBuilder, TimestampNanosecondBuilder,
    UInt8Builder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;
use thiserror::Error;

use crate::field;
use crate::json::{put_object, read_attributes};
use crate::record::RecordFields;
use crate::schema::{UTC, schema};
use crate::wire::{Fields, WireError, WireValue, put_bytes};

/// Field number of `spile.v1.Resource.attributes`.
const RESOURCE_ATTRIBUTES: u32 = 2;

/// A record and what belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Its offset.
    pub offset: u64,
    /// The `spile.v1.LogRecord` message.
    pub message: &'a [u8],
    /// The `spile.v1.Resource` message that its `resource_hash` names; `None` without one.
    pub resource: Option<&'a [u8]>,
}

/// Why a record cannot become a row.
#[derive(Debug, Error)]
pub enum ColumnsError {
    /// Not a protobuf message.
    #[error("record at offset {offset} is not a valid message: {error}")]
    Wire {
        /// Its offset.
        offset: u64,
        /// What is wrong.
        error: WireError,
    },
    /// A field does not fit its column. Records that were checked at ingest always do.
    #[error("record at offset {offset}: field {name} does not fit its column")]
    Field {
        /// Its offset.
        offset: u64,
        /// The field's name.
        name: &'static str,
    },
    /// The columns do not make a batch.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

/// What the columns say of a resource.
#[derive(Debug, Default)]
struct ResourceText {
    service_name: Option<String>,
    attributes: String,
}

/// Rows in the making.
#[derive(Debug)]
pub struct ColumnsBuilder {
    offset: UInt64Builder,
    time: TimestampNanosecondBuilder,
    observed_time: TimestampNanosecondBuilder,
    severity_number: UInt8Builder,
    severity_text: StringBuilder,
    service_name: StringBuilder,
    body: StringBuilder,
    body_kind: UInt8Builder,
    attributes: StringBuilder,
    dropped_attributes_count: UInt32Builder,
    flags: UInt32Builder,
    trace_id: FixedSizeBinaryBuilder,
    span_id: FixedSizeBinaryBuilder,
    event_name: StringBuilder,
    scope_name: StringBuilder,
    resource_attributes: StringBuilder,
    resource_hash: UInt64Builder,
    extra: BinaryBuilder,
    /// By hash; those of one stream are few.
    resources: HashMap<u64, ResourceText>,
    scratch: Vec<u8>,
}

impl Default for ColumnsBuilder {
    fn default() -> Self {
        Self {
            offset: UInt64Builder::new(),
            time: TimestampNanosecondBuilder::new().with_timezone(UTC),
            observed_time: TimestampNanosecondBuilder::new().with_timezone(UTC),
            severity_number: UInt8Builder::new(),
            severity_text: StringBuilder::new(),
            service_name: StringBuilder::new(),
            body: StringBuilder::new(),
            body_kind: UInt8Builder::new(),
            attributes: StringBuilder::new(),
            dropped_attributes_count: UInt32Builder::new(),
            flags: UInt32Builder::new(),
            trace_id: FixedSizeBinaryBuilder::new(16),
            span_id: FixedSizeBinaryBuilder::new(8),
            event_name: StringBuilder::new(),
            scope_name: StringBuilder::new(),
            resource_attributes: StringBuilder::new(),
            resource_hash: UInt64Builder::new(),
            extra: BinaryBuilder::new(),
            resources: HashMap::new(),
            scratch: Vec::new(),
        }
    }
}

impl ColumnsBuilder {
    /// Adds a row. After an error the builder must not be used any more: the row may be in some columns.
    pub fn push(&mut self, row: Row<'_>) -> Result<(), ColumnsError> {
        let Row { offset, message, resource } = row;
        let record = RecordFields::read(message).map_err(|error| ColumnsError::Wire { offset, error })?;
        let misfit = |name| ColumnsError::Field { offset, name };
        let text = |bytes: &'_ [u8], name| match std::str::from_utf8(bytes) {
            Ok("") => Ok(None),
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(misfit(name)),
        };
        self.offset.append_value(offset);
        // Times behind the year 2262 wrap to negative ones here, and back when they are read.
        self.time.append_value(record.time_unix_nano as i64);
        self.observed_time.append_option(nonzero(record.observed_time_unix_nano).map(|time| time as i64));
        let severity = u8::try_from(record.severity_number).map_err(|_| misfit("severity_number"))?;
        self.severity_number.append_value(severity);
        self.severity_text.append_option(text(record.severity_text, "severity_text")?);
        self.body.append_value(std::str::from_utf8(record.body).map_err(|_| misfit("body"))?);
        let body_kind = u8::try_from(record.body_kind).map_err(|_| misfit("body_kind"))?;
        self.body_kind.append_option((body_kind != 0).then_some(body_kind));
        let dropped =
            u32::try_from(record.dropped_attributes_count).map_err(|_| misfit("dropped_attributes_count"))?;
        self.dropped_attributes_count.append_option((dropped != 0).then_some(dropped));
        self.flags.append_option((record.flags != 0).then_some(record.flags));
        append_id(&mut self.trace_id, record.trace_id).map_err(|_| misfit("trace_id"))?;
        append_id(&mut self.span_id, record.span_id).map_err(|_| misfit("span_id"))?;
        self.event_name.append_option(text(record.event_name, "event_name")?);
        self.scope_name.append_option(text(record.scope_name, "scope_name")?);
        self.push_attributes(&record).ok_or_else(|| misfit("attributes"))?;
        self.push_resource(record.resource_hash, resource);
        Ok(())
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.offset.len()
    }

    /// The rows; the builder is empty again.
    pub fn finish(&mut self) -> Result<RecordBatch, ColumnsError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.offset.finish()),
            Arc::new(self.time.finish()),
            Arc::new(self.observed_time.finish()),
            Arc::new(self.severity_number.finish()),
            Arc::new(self.severity_text.finish()),
            Arc::new(self.service_name.finish()),
            Arc::new(self.body.finish()),
            Arc::new(self.body_kind.finish()),
            Arc::new(self.attributes.finish()),
            Arc::new(self.dropped_attributes_count.finish()),
            Arc::new(self.flags.finish()),
            Arc::new(self.trace_id.finish()),
            Arc::new(self.span_id.finish()),
            Arc::new(self.event_name.finish()),
            Arc::new(self.scope_name.finish()),
            Arc::new(self.resource_attributes.finish()),
            Arc::new(self.resource_hash.finish()),
            Arc::new(self.extra.finish()),
        ];
        Ok(RecordBatch::try_new(schema(), columns)?)
    }

    /// Attributes as JSON. Where that does not give the same bytes back, the bytes go into `extra`, too, and count.
    fn push_attributes(&mut self, record: &RecordFields<'_>) -> Option<()> {
        if record.attributes.is_empty() {
            self.attributes.append_null();
        } else {
            self.scratch.clear();
            put_object(&mut self.scratch, record.attributes.iter().copied());
            self.attributes.append_value(std::str::from_utf8(&self.scratch).ok()?);
        }
        let mut wire = Vec::new();
        record.attributes.iter().for_each(|pair| put_bytes(&mut wire, field::ATTRIBUTES, pair));
        let mut again = Vec::with_capacity(wire.len());
        let same = record.attributes.is_empty()
            || (read_attributes(&self.scratch, field::ATTRIBUTES, &mut again).is_some() && again == wire);
        if same && record.unknown.is_empty() {
            self.extra.append_null();
        } else {
            record.unknown.iter().for_each(|unknown| wire.extend_from_slice(unknown));
            self.extra.append_value(&wire);
        }
        Some(())
    }

    fn push_resource(&mut self, hash: u64, resource: Option<&[u8]>) {
        self.resource_hash.append_option(nonzero(hash));
        let Some(resource) = resource.filter(|_| hash != 0) else {
            self.service_name.append_null();
            self.resource_attributes.append_null();
            return;
        };
        let text = self.resources.entry(hash).or_insert_with(|| ResourceText::of(resource));
        self.service_name.append_option(text.service_name.as_ref());
        self.resource_attributes.append_value(&text.attributes);
    }
}

impl ResourceText {
    fn of(resource: &[u8]) -> Self {
        let pairs = || {
            Fields::new(resource).flatten().filter_map(|item| match (item.number, item.value) {
                (RESOURCE_ATTRIBUTES, WireValue::Bytes(pair)) => Some(pair),
                _ => None,
            })
        };
        let mut attributes = Vec::new();
        put_object(&mut attributes, pairs());
        let service_name = pairs().find_map(|pair| string_value(pair, b"service.name"));
        // Text in resources was checked when they came in.
        Self { service_name, attributes: String::from_utf8_lossy(&attributes).into_owned() }
    }
}

/// The value of a `KeyValue`, if it has this key and its value is text.
fn string_value(pair: &[u8], key: &[u8]) -> Option<String> {
    let bytes_of = |message: &'_ [u8], number: u32| {
        let found = Fields::new(message).flatten().find_map(|item| match item.value {
            WireValue::Bytes(bytes) if item.number == number => Some(bytes.to_vec()),
            _ => None,
        });
        found.unwrap_or_default()
    };
    let value = || bytes_of(&bytes_of(pair, 2), 1);
    (bytes_of(pair, 1) == key).then(|| String::from_utf8_lossy(&value()).into_owned())
}

fn append_id(column: &mut FixedSizeBinaryBuilder, id: &[u8]) -> Result<(), ArrowError> {
    if id.is_empty() {
        column.append_null();
        return Ok(());
    }
    column.append_value(id)
}

fn nonzero(number: u64) -> Option<u64> {
    (number != 0).then_some(number)
}
