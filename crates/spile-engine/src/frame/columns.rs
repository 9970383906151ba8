//! A frame made of rows of columns.

use std::collections::HashMap;
use std::sync::Arc;

use spile_columns::RecordRows;

use super::{Frame, FrameDraft, MAX_FRAME_BYTES, NO_RESOURCE, batch_field};
use crate::offset::Offset;
use crate::record::Scanned;
use crate::resource::ResourceDef;
use crate::wire::put_bytes;

/// The most offsets that a frame spans: a record's distance from the first has 32 bits.
const MAX_SPAN: u64 = u32::MAX as u64;

/// Records on their way out of columns, in the order of offsets.
#[derive(Debug, Default)]
pub(crate) struct RowsDraft {
    draft: FrameDraft,
    offsets: Vec<u64>,
    /// Place among the draft's resources, by hash.
    resources: HashMap<u64, u16>,
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
        self.message.clear();
        let placed = rows.put(row, &mut self.message)?;
        let resource = self.intern(placed.resource_hash, resource)?;
        let start = self.draft.records.len();
        put_bytes(&mut self.draft.records, batch_field::RECORDS, &self.message);
        let message = self.draft.records.len() - self.message.len();
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
