//! A frame in the making: records are checked and laid down; offsets come at append.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use spile_proto::v1::LogRecord;
use thiserror::Error;

use super::{Entry, Frame, MAX_FRAME_BYTES, MAX_RECORD_BYTES, NO_RESOURCE, Summary, batch_field};
use crate::offset::Offset;
use crate::record::{RecordError, Scanned, check, field, rescan};
use crate::resource::{MAX_RESOURCE_BYTES, ResourceDef, too_large};
use crate::wire::{put_bytes, put_fixed64, put_varint};

/// The most resources in one frame.
const MAX_RESOURCES: usize = 4096;

/// The most encoded bytes of all resources of a frame: 512 KiB. With the records they stay below what the journal
/// takes as one batch.
const MAX_RESOURCES_BYTES: usize = 512 * 1024;

/// The bytes that filling in time, observed time and resource add to a record at most.
const MAX_FILLED_IN: usize = 3 * 9;

/// Why a draft did not take a record.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum PushError {
    /// The draft is full: append it and push to a new one.
    #[error("the frame is full")]
    Full,
    /// The record is not acceptable.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Records on their way into a stream.
#[derive(Clone, Debug, Default)]
pub struct FrameDraft {
    pub(super) records: Vec<u8>,
    index: Vec<Entry>,
    pub(super) resources: Vec<Arc<ResourceDef>>,
    summary: Summary,
    /// While a frame is read back: where the last record's field ended.
    read_end: usize,
}

impl FrameDraft {
    /// Adds an encoded `LogRecord` from outside, after checking all of it. Its bytes are kept as they are; what is
    /// missing is added behind them: times that are 0 become `received_unix_nano`, and the resource's name is
    /// replaced if it is not the canonical one (in protobuf the last value of a field counts).
    pub fn push_encoded(
        &mut self,
        record: &[u8],
        resource: Option<&Arc<ResourceDef>>,
        received_unix_nano: u64,
    ) -> Result<(), PushError> {
        let scanned = accept(record)?;
        self.push_accepted(record, &scanned, resource, received_unix_nano)
    }

    /// Adds a record that was accepted, with what that found.
    pub(super) fn push_accepted(
        &mut self,
        record: &[u8],
        scanned: &Scanned,
        resource: Option<&Arc<ResourceDef>>,
        received_unix_nano: u64,
    ) -> Result<(), PushError> {
        if self.records.len() + record.len() + MAX_FILLED_IN + 5 > MAX_FRAME_BYTES {
            return Err(PushError::Full);
        }
        let resource_index = self.intern(resource)?;
        let mut filled_in = Vec::new();
        let time =
            first_nonzero([scanned.time_unix_nano, scanned.observed_time_unix_nano, received_unix_nano]);
        if scanned.time_unix_nano == 0 {
            put_fixed64(&mut filled_in, field::TIME, time);
        }
        if scanned.observed_time_unix_nano == 0 {
            put_fixed64(&mut filled_in, field::OBSERVED, received_unix_nano);
        }
        let hash = resource.map_or(0, |resource| resource.hash());
        if scanned.resource_hash != hash {
            put_fixed64(&mut filled_in, field::RESOURCE, hash);
        }
        let start = self.records.len();
        put_varint(&mut self.records, u64::from(batch_field::RECORDS) << 3 | 2);
        put_varint(&mut self.records, (record.len() + filled_in.len()) as u64);
        let message = self.records.len();
        self.records.extend_from_slice(record);
        self.records.extend_from_slice(&filled_in);
        let scanned = Scanned { time_unix_nano: time, ..scanned.clone() };
        self.index_record(start, message, &scanned, resource_index);
        Ok(())
    }

    /// Adds a record, encoding it.
    pub fn push(
        &mut self,
        record: &LogRecord,
        resource: Option<&Arc<ResourceDef>>,
        received_unix_nano: u64,
    ) -> Result<(), PushError> {
        self.push_encoded(&record.encode_to_vec(), resource, received_unix_nano)
    }

    /// How many records it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it has no record yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The encoded bytes of its records.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        self.records.len()
    }

    /// What can be said of its records.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Whether another draft's records fit behind these in one frame.
    #[must_use]
    pub(crate) fn has_room_for(&self, other: &Self) -> bool {
        self.records.len() + other.records.len() <= MAX_FRAME_BYTES
            && self.resources.len() + other.resources.len() <= MAX_RESOURCES
            && self.resources_bytes() + other.resources_bytes() <= MAX_RESOURCES_BYTES
    }

    /// Adds the records of another draft behind these.
    pub(crate) fn merge(&mut self, other: &Self) {
        let shift = self.records.len() as u32;
        let resources: Vec<u16> =
            other.resources.iter().map(|resource| self.intern_known(resource)).collect();
        self.records.extend_from_slice(&other.records);
        self.index.extend(other.index.iter().map(|entry| Entry {
            start: entry.start + shift,
            message: entry.message + shift,
            body_start: entry.body_start + shift,
            resource: resources.get(usize::from(entry.resource)).copied().unwrap_or(NO_RESOURCE),
            ..*entry
        }));
        self.summary.merge(&other.summary);
    }

    /// The frame's bytes: a `RecordBatch` message of the resources, then the records.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let resources: usize = self.resources.iter().map(|r| r.encoded().len() + 6).sum();
        let mut batch = Vec::with_capacity(resources + self.records.len());
        for resource in &self.resources {
            put_bytes(&mut batch, batch_field::RESOURCES, resource.encoded());
        }
        batch.extend_from_slice(&self.records);
        batch
    }

    /// Gives the records their offsets.
    #[must_use]
    pub fn into_frame(mut self, first_offset: Offset) -> Frame {
        let records = std::mem::take(&mut self.records).into();
        let resources = std::mem::take(&mut self.resources).into();
        self.freeze(first_offset, records, resources)
    }

    pub(super) fn freeze(
        self,
        first_offset: Offset,
        records: Bytes,
        resources: Box<[Arc<ResourceDef>]>,
    ) -> Frame {
        Frame {
            first_offset,
            deltas: None,
            records,
            index: self.index.into(),
            resources,
            summary: self.summary,
            entries: std::sync::OnceLock::new(),
            picks: std::sync::Mutex::default(),
            forms: super::FormMeter::default(),
        }
    }

    /// Indexes a record of a frame being read back; `end` is where its field ends in the frame's records.
    pub(super) fn index_trusted(
        &mut self,
        record: &[u8],
        end: usize,
        resources: &[Arc<ResourceDef>],
    ) -> Result<(), RecordError> {
        let scanned = rescan(record)?;
        let named = resources.iter().position(|resource| resource.hash() == scanned.resource_hash);
        let resource = named.map_or(NO_RESOURCE, |at| at as u16);
        let message = end - record.len();
        self.index_record(self.read_end, message, &scanned, resource);
        self.read_end = end;
        Ok(())
    }

    pub(super) fn index_record(&mut self, start: usize, message: usize, scanned: &Scanned, resource: u16) {
        let body_len = scanned.body.end - scanned.body.start;
        self.summary.add(scanned.time_unix_nano, scanned.severity, body_len as usize);
        self.index.push(Entry {
            time_unix_nano: scanned.time_unix_nano,
            start: start as u32,
            message: message as u32,
            body_start: message as u32 + scanned.body.start,
            body_len,
            resource,
            severity: scanned.severity,
        });
    }

    fn intern(&mut self, resource: Option<&Arc<ResourceDef>>) -> Result<u16, PushError> {
        let Some(resource) = resource else {
            return Ok(NO_RESOURCE);
        };
        let known = self.resources.iter().any(|known| known.hash() == resource.hash());
        let bytes = resource.encoded().len();
        if bytes > MAX_RESOURCE_BYTES {
            return Err(too_large().into());
        }
        let full =
            || self.resources.len() >= MAX_RESOURCES || self.resources_bytes() + bytes > MAX_RESOURCES_BYTES;
        if !known && full() {
            return Err(PushError::Full);
        }
        Ok(self.intern_known(resource))
    }

    fn resources_bytes(&self) -> usize {
        self.resources.iter().map(|resource| resource.encoded().len()).sum()
    }

    fn intern_known(&mut self, resource: &Arc<ResourceDef>) -> u16 {
        let known = self.resources.iter().rposition(|known| known.hash() == resource.hash());
        let at = known.unwrap_or_else(|| {
            self.resources.push(Arc::clone(resource));
            self.resources.len() - 1
        });
        at as u16
    }
}

/// Checks a record from outside: its size, then all of it.
pub(super) fn accept(record: &[u8]) -> Result<Scanned, RecordError> {
    let limit = MAX_RECORD_BYTES - MAX_FILLED_IN;
    if record.len() > limit {
        return Err(RecordError::TooLarge { bytes: record.len(), limit });
    }
    check(record)
}

fn first_nonzero<const N: usize>(candidates: [u64; N]) -> u64 {
    candidates.into_iter().find(|&candidate| candidate != 0).unwrap_or(0)
}
