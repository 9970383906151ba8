//! Spile's records as Arrow columns, and back: what segments and exports hold.
//!
//! A record comes as the protobuf bytes of a `spile.v1.LogRecord`, becomes one row, and can be written as those bytes again. Readers that know
//! nothing of Spile see plain columns: times, numbers, text, and JSON for what has no fixed shape. `docs/data.md` describes them.
//!
//! In reading order: `wire` (protobuf where it lies), `field` (its numbers), `record` (a record's fields), `json` (attributes as text and back), `schema`, `build`
//! (records to columns), `rows` (columns to records), `object` (a record as JSON).

mod build;
pub mod field;
pub mod json;
pub mod object;
mod record;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
pub mod wire;

pub use build::{ColumnsBuilder, ColumnsError, Row};
pub use record::RecordFields;
pub use rows::{Placed, RecordRows};
pub use schema::{column, schema};
