//! Columns to records.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt8Type, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, FixedSizeBinaryArray, PrimitiveArray, RecordBatch,
    StringArray,
};

use crate::field;
use crate::json::read_attributes;
use crate::record::{RecordFields, put_head, put_text};
use crate::schema::{column, schema};

/// Columns of which rows are made records again.
#[derive(Debug)]
pub struct RecordRows<'a> {
    offset: &'a PrimitiveArray<UInt64Type>,
    time: &'a PrimitiveArray<TimestampNanosecondType>,
    observed_time: Option<&'a PrimitiveArray<TimestampNanosecondType>>,
    severity_number: &'a PrimitiveArray<UInt8Type>,
    severity_text: Option<&'a StringArray>,
    body: &'a StringArray,
    body_kind: Option<&'a PrimitiveArray<UInt8Type>>,
    attributes: Option<&'a StringArray>,
    dropped_attributes_count: Option<&'a PrimitiveArray<UInt32Type>>,
    flags: Option<&'a PrimitiveArray<UInt32Type>>,
    trace_id: Option<&'a FixedSizeBinaryArray>,
    span_id: Option<&'a FixedSizeBinaryArray>,
    event_name: Option<&'a StringArray>,
    scope_name: Option<&'a StringArray>,
    resource_hash: Option<&'a PrimitiveArray<UInt64Type>>,
    extra: Option<&'a BinaryArray>,
}

/// A record that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Where the body lies in the message.
    pub body: Range<u32>,
    /// Unix nanoseconds.
    pub time_unix_nano: u64,
    /// 0 (unspecified) to 24.
    pub severity_number: u8,
    /// Names the resource; 0 when unknown.
    pub resource_hash: u64,
}

impl<'a> RecordRows<'a> {
    /// The columns of which records are made: all but those that only other readers need.
    pub const NEEDED: [usize; 16] = [
        column::OFFSET,
        column::TIME,
        column::OBSERVED_TIME,
        column::SEVERITY_NUMBER,
        column::SEVERITY_TEXT,
        column::BODY,
        column::BODY_KIND,
        column::ATTRIBUTES,
        column::DROPPED_ATTRIBUTES_COUNT,
        column::FLAGS,
        column::TRACE_ID,
        column::SPAN_ID,
        column::EVENT_NAME,
        column::SCOPE_NAME,
        column::RESOURCE_HASH,
        column::EXTRA,
    ];

    /// Looks at a batch with columns of [`schema`]: of the [`NEEDED`](Self::NEEDED) ones those may be left out that are null in every row. `None` when
    /// others are, or one has another type.
    #[must_use]
    pub fn of(batch: &'a RecordBatch) -> Option<Self> {
        let schema = schema();
        let named = |at: usize| batch.column_by_name(schema.field(at).name());
        Some(Self {
            offset: named(column::OFFSET)?.as_primitive_opt()?,
            time: named(column::TIME)?.as_primitive_opt()?,
            observed_time: given(named(column::OBSERVED_TIME), |c| c.as_primitive_opt())?,
            severity_number: named(column::SEVERITY_NUMBER)?.as_primitive_opt()?,
            severity_text: given(named(column::SEVERITY_TEXT), |c| c.as_string_opt())?,
            body: named(column::BODY)?.as_string_opt()?,
            body_kind: given(named(column::BODY_KIND), |c| c.as_primitive_opt())?,
            attributes: given(named(column::ATTRIBUTES), |c| c.as_string_opt())?,
            dropped_attributes_count: given(named(column::DROPPED_ATTRIBUTES_COUNT), |c| {
                c.as_primitive_opt()
            })?,
            flags: given(named(column::FLAGS), |c| c.as_primitive_opt())?,
            trace_id: given(named(column::TRACE_ID), |c| c.as_fixed_size_binary_opt())?,
            span_id: given(named(column::SPAN_ID), |c| c.as_fixed_size_binary_opt())?,
            event_name: given(named(column::EVENT_NAME), |c| c.as_string_opt())?,
            scope_name: given(named(column::SCOPE_NAME), |c| c.as_string_opt())?,
            resource_hash: given(named(column::RESOURCE_HASH), |c| c.as_primitive_opt())?,
            extra: given(named(column::EXTRA), |c| c.as_binary_opt())?,
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offset.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The offset of each row.
    #[must_use]
    pub fn offsets(&self) -> &'a [u64] {
        self.offset.values()
    }

    /// How many bytes the record of a row has at most.
    #[must_use]
    pub fn size_hint(&self, row: usize) -> usize {
        let length = |column: &StringArray| column.value_length(row) as usize;
        let attributes = self.attributes.map_or(0, length);
        let extra = self.extra.map_or(0, |extra| extra.value_length(row) as usize);
        // Keys and numbers of all other fields take less than 160 bytes; the wire form may be longer than JSON, but not twice as long.
        160 + length(self.body) + 2 * attributes + extra
    }

    /// Appends the `LogRecord` message of a row. `None` when its attributes are not what the builder wrote.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn put(&self, row: usize, out: &mut Vec<u8>) -> Option<Placed> {
        let start = out.len();
        let time_unix_nano = self.time.value(row) as u64;
        let severity_number = self.severity_number.value(row);
        put_head(out, time_unix_nano, severity_number.into(), text(self.severity_text, row));
        let body = put_text(out, field::BODY, self.body.value(row).as_bytes());
        let extra = self.extra.filter(|extra| extra.is_valid(row));
        let attributes = text(self.attributes, row);
        match extra {
            Some(extra) => out.extend_from_slice(extra.value(row)),
            None if attributes.is_empty() => {}
            None => read_attributes(attributes, field::ATTRIBUTES, out)?,
        }
        let rest = RecordFields {
            body_kind: number(self.body_kind, row).into(),
            dropped_attributes_count: number(self.dropped_attributes_count, row).into(),
            flags: number(self.flags, row),
            trace_id: id(self.trace_id, row),
            span_id: id(self.span_id, row),
            observed_time_unix_nano: number(self.observed_time, row) as u64,
            event_name: text(self.event_name, row),
            scope_name: text(self.scope_name, row),
            resource_hash: number(self.resource_hash, row),
            ..RecordFields::default()
        };
        rest.put_rest(out);
        // An empty body lies nowhere.
        let body = body.start.saturating_sub(start) as u32..body.end.saturating_sub(start) as u32;
        Some(Placed { body, time_unix_nano, severity_number, resource_hash: rest.resource_hash })
    }
}

/// A column that may be left out. The outer `None`: it has another type.
fn given<'a, T>(
    column: Option<&'a ArrayRef>,
    cast: impl FnOnce(&'a ArrayRef) -> Option<T>,
) -> Option<Option<T>> {
    column.map_or(Some(None), |column| cast(column).map(Some))
}

fn text(column: Option<&StringArray>, row: usize) -> &[u8] {
    column.filter(|column| column.is_valid(row)).map_or(&[], |column| column.value(row).as_bytes())
}

fn id(column: Option<&FixedSizeBinaryArray>, row: usize) -> &[u8] {
    column.filter(|column| column.is_valid(row)).map_or(&[], |column| column.value(row))
}

fn number<T: ArrowPrimitiveType>(column: Option<&PrimitiveArray<T>>, row: usize) -> T::Native {
    column.filter(|column| column.is_valid(row)).map_or_else(T::Native::default, |column| column.value(row))
}
