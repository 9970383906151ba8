//! OTLP's log messages to Spile's records, and back. Pure functions over encoded bytes: no I/O, no clock.
//!
//! `spile.v1.LogRecord` has OpenTelemetry's fields under OpenTelemetry's numbers, so most of a record is copied as it stands on the wire;
//! nothing is built of it in memory. What Spile's record has no field for is kept in attributes with the fixed names of [`names`], and found
//! there on the way back: [`mod@read`] and [`mod@write`] undo each other. `docs/otlp.md` has the table.
//!
//! In reading order: `names`, `field`, `value` (checks values), `body` (values to text and back), `record`, `read`, `write`, `json`.

mod body;
mod field;
pub mod json;
pub mod names;
pub mod read;
mod record;
#[cfg(test)]
mod tests;
mod value;
pub mod write;

pub use read::{ReadError, Request, ResourceLogs, ScopeLogs};
pub use write::RequestWriter;
