//! Frames: records that move together, encoded once, from socket to disk to socket.
//!
//! A frame's records are the bytes of a `spile.v1.RecordBatch`'s field `records`, one after the other, so any run of
//! them is itself valid wire data. The index beside them answers the cheap questions without touching the bytes.

mod batch;
mod columns;
mod draft;
mod entries;
mod forms;
mod picked;
mod rows;
mod summary;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

pub use batch::{BatchError, SenderResources};
pub(crate) use columns::RowsDraft;
pub use draft::{FrameDraft, PushError};
pub use entries::EntryForm;
pub(crate) use forms::FormBytes;
use forms::FormMeter;
pub use picked::{BodyChecksum, Picked};
pub use rows::{Row, Rows};
pub use summary::Summary;

use crate::filter::Filter;
use crate::offset::Offset;
use crate::record::{EncodedRecord, RecordError};
use crate::resource::ResourceDef;
use crate::wire::{Fields, WireValue};
use picked::Selection;

/// Field numbers of `spile.v1.RecordBatch`.
pub(crate) mod batch_field {
    pub(crate) const RECORDS: u32 = 1;
    pub(crate) const RESOURCES: u32 = 2;
}

/// The most encoded record bytes in one frame: 256 KiB.
pub const MAX_FRAME_BYTES: usize = 256 * 1024;

/// The most encoded bytes of one record: it must fit in a frame with its length prefix.
pub const MAX_RECORD_BYTES: usize = MAX_FRAME_BYTES - 1024;

/// How many filters' picks a frame keeps: the first followers' filters.
const MAX_PICKS: usize = 2;

/// `Entry::resource` of a record without one.
const NO_RESOURCE: u16 = u16::MAX;

/// What the index keeps of one record.
#[derive(Clone, Copy, Debug)]
struct Entry {
    time_unix_nano: u64,
    /// Where the record's field (key, length, message) starts in the frame's bytes.
    start: u32,
    /// Where its message starts.
    message: u32,
    body_start: u32,
    body_len: u32,
    /// Index into the frame's resources, or `NO_RESOURCE`.
    resource: u16,
    severity: u8,
}

/// Records in the order of their offsets. Immutable; shared by every reader.
///
/// Frames of the ring and of the journal have consecutive offsets. One that was made from columns for a reader's filter has only some
/// of the offsets that it spans.
#[derive(Debug)]
pub struct Frame {
    first_offset: Offset,
    /// How far each record's offset is from the first's; `None` when they are consecutive.
    deltas: Option<Box<[u32]>>,
    records: Bytes,
    index: Box<[Entry]>,
    resources: Box<[Arc<ResourceDef>]>,
    summary: Summary,
    entries: OnceLock<EntryForm>,
    /// What recent filters picked.
    picks: Mutex<Vec<(Filter, Option<Arc<Selection>>)>>,
    /// What readers had made of it.
    forms: FormMeter,
}

impl Frame {
    /// Reads a frame that this engine wrote: the bytes of a `RecordBatch` with resources and records.
    pub fn decode(first_offset: Offset, batch: &Bytes) -> Result<Self, RecordError> {
        let mut resources: Vec<Arc<ResourceDef>> = Vec::new();
        let mut draft = FrameDraft::default();
        let mut records_start = None;
        for item in Fields::new(batch) {
            let item = item?;
            match (item.number, item.value) {
                (batch_field::RESOURCES, WireValue::Bytes(bytes)) => {
                    let missing = RecordError::FieldType { field: "resources.hash" };
                    resources.push(ResourceDef::trusted(batch.slice_ref(bytes)).ok_or(missing)?);
                    records_start = Some(item.end);
                }
                (batch_field::RECORDS, WireValue::Bytes(message)) => {
                    let start = *records_start.get_or_insert(0);
                    draft.index_trusted(message, item.end - start, &resources)?;
                }
                _ => return Err(RecordError::FieldType { field: "batch" }),
            }
        }
        let records = batch.slice(records_start.unwrap_or(0)..);
        Ok(draft.freeze(first_offset, records, resources.into()))
    }

    /// The offset of the first record.
    #[must_use]
    pub fn first_offset(&self) -> Offset {
        self.first_offset
    }

    /// The offset behind the last record.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        match self.len().checked_sub(1) {
            Some(last) => self.offset_of(last).plus(1),
            None => self.first_offset,
        }
    }

    /// The offset of record `at`.
    ///
    /// # Panics
    /// If there is no such record.
    #[must_use]
    pub fn offset_of(&self, at: usize) -> Offset {
        assert!(at < self.len(), "there is a record {at}");
        self.first_offset.plus(self.deltas.as_ref().map_or(at as u64, |deltas| deltas[at].into()))
    }

    /// The first record at or behind an offset; `len` when there is none.
    #[must_use]
    pub fn index_from(&self, offset: Offset) -> usize {
        let delta = offset.since(self.first_offset);
        match &self.deltas {
            None => delta.min(self.len() as u64) as usize,
            Some(deltas) => deltas.partition_point(|&known| u64::from(known) < delta),
        }
    }

    /// Whether the records from `run.start` to `run.end` have consecutive offsets.
    fn is_dense(&self, run: &Range<usize>) -> bool {
        let Some(deltas) = self.deltas.as_ref().filter(|_| run.len() > 1) else { return true };
        (deltas[run.end - 1] - deltas[run.start]) as usize == run.len() - 1
    }

    /// How many records it has; never 0 in a stream.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it has no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// What can be said of all its records at once.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The resources that its records name.
    #[must_use]
    pub fn resources(&self) -> &[Arc<ResourceDef>] {
        &self.resources
    }

    /// Record `at`, from 0.
    ///
    /// # Panics
    /// If there is no such record.
    #[must_use]
    pub fn record(&self, at: usize) -> EncodedRecord<'_> {
        let entry = &self.index[at];
        let end = self.record_span(at..at + 1).end;
        EncodedRecord {
            bytes: &self.records[entry.message as usize..end],
            time_unix_nano: entry.time_unix_nano,
            severity: entry.severity,
            body: self.body(at),
            resource: self.resource_of(at).map(|index| &*self.resources[index]),
        }
    }

    /// The severity of record `at`, from the index.
    #[must_use]
    pub fn severity(&self, at: usize) -> u8 {
        self.index[at].severity
    }

    /// The time of record `at`, from the index.
    #[must_use]
    pub fn time_unix_nano(&self, at: usize) -> u64 {
        self.index[at].time_unix_nano
    }

    /// The body's bytes of record `at`, which are UTF-8.
    #[must_use]
    pub fn body(&self, at: usize) -> &[u8] {
        let entry = &self.index[at];
        let start = entry.body_start as usize;
        &self.records[start..start + entry.body_len as usize]
    }

    /// Which of `resources` record `at` names.
    #[must_use]
    pub fn resource_of(&self, at: usize) -> Option<usize> {
        let resource = self.index[at].resource;
        (resource != NO_RESOURCE).then_some(usize::from(resource))
    }

    /// The resource that record `at` names.
    pub(crate) fn resource_def(&self, at: usize) -> Option<&Arc<ResourceDef>> {
        self.resource_of(at).map(|index| &self.resources[index])
    }

    /// The bytes of all records: fields `records` of a `RecordBatch`, ready to be sent.
    #[must_use]
    pub fn records(&self) -> &Bytes {
        &self.records
    }

    /// Where a run of records lies in `records`.
    #[must_use]
    pub fn record_span(&self, run: Range<usize>) -> Range<usize> {
        let start = |at: usize| self.index.get(at).map_or(self.records.len(), |e| e.start as usize);
        start(run.start)..start(run.end)
    }

    /// The first records of a run that together have at most `bytes` bytes; at least one.
    #[must_use]
    pub(crate) fn run_within(&self, run: Range<usize>, bytes: usize) -> Range<usize> {
        if run.is_empty() || self.record_span(run.clone()).len() <= bytes {
            return run;
        }
        let limit = self.index[run.start].start as usize + bytes;
        let end = self.index[run.clone()].partition_point(|entry| entry.start as usize <= limit);
        run.start..(run.start + end.saturating_sub(1)).max(run.start + 1)
    }

    /// The last records of a run that together have at most `bytes` bytes; at least one.
    #[must_use]
    pub(crate) fn run_within_back(&self, run: Range<usize>, bytes: usize) -> Range<usize> {
        let span = self.record_span(run.clone());
        if run.is_empty() || span.len() <= bytes {
            return run;
        }
        let limit = span.end - bytes;
        let skipped = self.index[run.clone()].partition_point(|entry| (entry.start as usize) < limit);
        (run.start + skipped).min(run.end - 1)..run.end
    }

    /// The bytes of record `at`: one field `records` of a `RecordBatch`.
    pub(crate) fn field(&self, at: usize) -> &[u8] {
        &self.records[self.record_span(at..at + 1)]
    }

    /// Where in its field the body of record `at` lies.
    pub(crate) fn body_in_field(&self, at: usize) -> Range<usize> {
        let entry = &self.index[at];
        let start = (entry.body_start as usize).saturating_sub(entry.start as usize);
        start..start + entry.body_len as usize
    }

    /// The record whose bytes cover position `at` of `records`; how a search over the whole bytes is mapped back.
    #[must_use]
    pub fn record_at_byte(&self, at: usize) -> usize {
        self.index.partition_point(|entry| entry.start as usize <= at).saturating_sub(1)
    }

    /// The article's form of the records, made at the first call and shared.
    pub fn entry_form(&self) -> &EntryForm {
        self.entries.get_or_init(|| {
            let form = EntryForm::of(self);
            self.forms.add(form.memory_bytes());
            form
        })
    }

    /// The records of a run that `filter` picks; `None` when it picks none. Followers of one filter read whole frames and share
    /// the answer with its encodings.
    #[must_use]
    pub fn pick(self: &Arc<Self>, filter: &Filter, run: Range<usize>) -> Option<Picked> {
        if run.is_empty() || !filter.may_match(&self.summary) {
            return None;
        }
        if filter.is_all() {
            return Some(Picked::run(Arc::clone(self), run));
        }
        if run != (0..self.len()) {
            return self.select(filter, run).map(|pick| Picked::shared(Arc::clone(self), pick));
        }
        let known = self.picks().iter().find(|(known, _)| known == filter).map(|(_, p)| p.clone());
        let pick = known.unwrap_or_else(|| {
            let pick = self.select(filter, run);
            let mut picks = self.picks();
            if picks.len() < MAX_PICKS {
                picks.push((filter.clone(), pick.clone()));
            }
            pick
        });
        pick.map(|pick| Picked::shared(Arc::clone(self), pick))
    }

    fn select(&self, filter: &Filter, run: Range<usize>) -> Option<Arc<Selection>> {
        let mut picked = Vec::new();
        filter.select(self, run, &mut picked);
        (!picked.is_empty()).then(|| Selection::of(picked))
    }

    fn picks(&self) -> std::sync::MutexGuard<'_, Vec<(Filter, Option<Arc<Selection>>)>> {
        // What a panicking reader left behind is still a list of picks.
        self.picks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of memory that its records and their index take. What readers have made of it is counted apart: see
    /// `count_forms_in`.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let resources: usize = self.resources.iter().map(|resource| resource.encoded().len() + 64).sum();
        size_of::<Self>() + self.records.len() + self.index.len() * size_of::<Entry>() + resources
    }

    /// From now on, counts the forms that readers have made of this frame into `total`, for as long as it lives.
    pub(crate) fn count_forms_in(&self, total: &FormBytes) {
        self.forms.count_in(total);
    }
}
