//! Field numbers of `spile.v1.LogRecord`, and of what carries it.

/// `time_unix_nano`.
pub const TIME: u32 = 1;
/// `severity_number`.
pub const SEVERITY: u32 = 2;
/// `severity_text`.
pub const SEVERITY_TEXT: u32 = 3;
/// `body`.
pub const BODY: u32 = 5;
/// `attributes`.
pub const ATTRIBUTES: u32 = 6;
/// `dropped_attributes_count`.
pub const DROPPED: u32 = 7;
/// `flags`.
pub const FLAGS: u32 = 8;
/// `trace_id`.
pub const TRACE_ID: u32 = 9;
/// `span_id`.
pub const SPAN_ID: u32 = 10;
/// `observed_time_unix_nano`.
pub const OBSERVED: u32 = 11;
/// `event_name`.
pub const EVENT_NAME: u32 = 12;
/// `resource_hash`.
pub const RESOURCE: u32 = 13;
/// `scope_name`.
pub const SCOPE_NAME: u32 = 14;
/// `body_kind`.
pub const BODY_KIND: u32 = 15;
/// `Resource.attributes`.
pub const RESOURCE_ATTRIBUTES: u32 = 2;
/// `RecordBatch.records`.
pub const BATCH_RECORDS: u32 = 1;
