//! A frame made of rows of columns.

use std::collections::HashMap;
use std::sync::Arc;

use spile_columns::{Placed, RecordRows};

use super::{Frame, FrameDraft, MAX_FRAME_BYTES, NO_RESOURCE, batch_field};
use crate::offset::Offset;
use crate::record::Scanned;
use crate::resource::ResourceDef;
use crate::wire::put_varint;

/// The most offsets that a frame spans: a record's distance from the first has 32 bits.
const MAX_SPAN: u64 = u32::MAX as u64;

/// How many bytes a varint takes.
fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Records on their way out of columns, in the order of offsets.
#[derive(Debug, Default)]
pub(crate) struct RowsDraft {
    draft: FrameDraft,
    offsets: Vec<u64>,
    /// Place among the draft's resources, by hash.
    resources: HashMap<u64, u16>,
    /// A message that is to be moved.
    message: Vec<u8>,
}

impl RowsDraft {
    /// Whether a record of this size needs another frame.
    pub(crate) fn is_full_for(&self, bytes: usize) -> bool {
        !self.is_empty() && self.draft.encoded_bytes() + bytes > MAX_FRAME_BYTES
    }

    /// Whether it has no record yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Adds a row. `None` when it is not what was written, or its offset is not behind the last one.
    pub(crate) fn put(
        &mut self,
        rows: &RecordRows<'_>,
        row: usize,
        resource: impl FnOnce(u64) -> Option<Arc<ResourceDef>>,
    ) -> Option<()> {
        let offset = rows.offsets()[row];
        if let (Some(first), Some(last)) = (self.offsets.first(), self.offsets.last())
            && (offset <= *last || offset - first > MAX_SPAN)
        {
            return None;
        }
        let start = self.draft.records.len();
        let (placed, message) = self.put_record(rows, row)?;
        let resource = self.intern(placed.resource_hash, resource)?;
        let scanned = Scanned {
            time_unix_nano: placed.time_unix_nano,
            severity: placed.severity_number,
            body: placed.body,
            ..Scanned::default()
        };
        self.draft.index_record(start, message, &scanned, resource);
        self.offsets.push(offset);
        Some(())
    }

    /// The frame.
    pub(crate) fn into_frame(mut self) -> Frame {
        let first = self.offsets.first().copied().unwrap_or(0);
        let dense = self.offsets.last().is_none_or(|last| last - first + 1 == self.offsets.len() as u64);
        let deltas = (!dense).then(|| self.offsets.iter().map(|offset| (offset - first) as u32).collect());
        let records = std::mem::take(&mut self.draft.records).into();
        let resources = std::mem::take(&mut self.draft.resources).into();
        Frame { deltas, ..self.draft.freeze(Offset(first), records, resources) }
    }

    /// Writes a row's record where it stays. Returns where its message starts.
    fn put_record(&mut self, rows: &RecordRows<'_>, row: usize) -> Option<(Placed, usize)> {
        let records = &mut self.draft.records;
        put_varint(records, u64::from(batch_field::RECORDS) << 3 | 2);
        // Room for the length, which is known behind the message; mostly it is as long as was expected.
        let length_at = records.len();
        put_varint(records, rows.size_hint(row) as u64);
        let expected = records.len();
        let placed = rows.put(row, records)?;
        let length = (records.len() - expected) as u64;
        let length_bytes = varint_len(length);
        if length_at + length_bytes != expected {
            self.message.clear();
            self.message.extend_from_slice(&records[expected..]);
            records.truncate(length_at);
            put_varint(records, length);
            records.extend_from_slice(&self.message);
        } else {
            for nth in 0..length_bytes {
                let more = if nth + 1 < length_bytes { 0x80 } else { 0 };
                records[length_at + nth] = (length >> (7 * nth)) as u8 & 0x7f | more;
            }
        }
        Some((placed, length_at + length_bytes))
    }

    fn intern(&mut self, hash: u64, resource: impl FnOnce(u64) -> Option<Arc<ResourceDef>>) -> Option<u16> {
        if hash == 0 {
            return Some(NO_RESOURCE);
        }
        if let Some(known) = self.resources.get(&hash) {
            return Some(*known);
        }
        let at = self.draft.resources.len() as u16;
        self.draft.resources.push(resource(hash)?);
        self.resources.insert(hash, at);
        Some(at)
    }
}
