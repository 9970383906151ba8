//! The columns.

use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// The columns' places, in the order of the schema.
pub mod column {
    /// The record's position in its stream.
    pub const OFFSET: usize = 0;
    /// When it happened.
    pub const TIME: usize = 1;
    /// When the first collector saw it.
    pub const OBSERVED_TIME: usize = 2;
    /// 0 (unspecified) to 24.
    pub const SEVERITY_NUMBER: usize = 3;
    /// The severity as the source spelled it.
    pub const SEVERITY_TEXT: usize = 4;
    /// The resource's `service.name`.
    pub const SERVICE_NAME: usize = 5;
    /// The text.
    pub const BODY: usize = 6;
    /// How the text is to be understood.
    pub const BODY_KIND: usize = 7;
    /// The record's attributes as JSON.
    pub const ATTRIBUTES: usize = 8;
    /// How many attributes were dropped on the way here.
    pub const DROPPED_ATTRIBUTES_COUNT: usize = 9;
    /// W3C trace flags in the low 8 bits.
    pub const FLAGS: usize = 10;
    /// 16 bytes.
    pub const TRACE_ID: usize = 11;
    /// 8 bytes.
    pub const SPAN_ID: usize = 12;
    /// The class of event.
    pub const EVENT_NAME: usize = 13;
    /// The instrumentation scope.
    pub const SCOPE_NAME: usize = 14;
    /// The resource's attributes as JSON.
    pub const RESOURCE_ATTRIBUTES: usize = 15;
    /// Names the resource within a stream.
    pub const RESOURCE_HASH: usize = 16;
    /// Fields of the record, as on the wire, that the other columns cannot say.
    pub const EXTRA: usize = 17;
    /// How many columns there are.
    pub const COUNT: usize = 18;
}

/// The time zone of the time columns.
pub(crate) const UTC: &str = "UTC";

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let time = || DataType::Timestamp(TimeUnit::Nanosecond, Some(UTC.into()));
    let field = |name: &str, kind: DataType| Field::new(name, kind, true);
    Arc::new(Schema::new(vec![
        Field::new("offset", DataType::UInt64, false),
        Field::new("time", time(), false),
        field("observed_time", time()),
        Field::new("severity_number", DataType::UInt8, false),
        field("severity_text", DataType::Utf8),
        field("service_name", DataType::Utf8),
        Field::new("body", DataType::Utf8, false),
        field("body_kind", DataType::UInt8),
        field("attributes", DataType::Utf8),
        field("dropped_attributes_count", DataType::UInt32),
        field("flags", DataType::UInt32),
        field("trace_id", DataType::FixedSizeBinary(16)),
        field("span_id", DataType::FixedSizeBinary(8)),
        field("event_name", DataType::Utf8),
        field("scope_name", DataType::Utf8),
        field("resource_attributes", DataType::Utf8),
        field("resource_hash", DataType::UInt64),
        field("extra", DataType::Binary),
    ]))
});

/// The columns of a segment and of an export. What a record does not have is null.
#[must_use]
pub fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}
