//! From an encoded `RecordBatch` to frame drafts, without decoding its records.

use std::collections::HashMap;
use std::sync::Arc;

use thiserror::Error;

use super::batch_field;
use super::draft::{FrameDraft, PushError, accept};
use crate::record::RecordError;
use crate::resource::ResourceDef;
use crate::wire::{Fields, WireValue};

/// How many resources one sender may define.
const MAX_DEFINED: usize = 16_384;

/// The resources that a sender has defined, by the name that it gave them.
#[derive(Debug, Default)]
pub struct SenderResources(HashMap<u64, Arc<ResourceDef>>);

/// Why a batch is refused. Nothing of it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    /// The batch itself cannot be read.
    #[error("{0}")]
    Batch(RecordError),
    /// A resource is not acceptable.
    #[error("resources[{index}]: {error}")]
    Resource {
        /// Which, from 0.
        index: usize,
        /// Why.
        error: RecordError,
    },
    /// A record is not acceptable.
    #[error("records[{index}]: {error}")]
    Record {
        /// Which, from 0.
        index: usize,
        /// Why.
        error: RecordError,
    },
    /// A record names a resource that was not defined.
    #[error(
        "records[{index}]: resource_hash {hash:#018x} is not defined; put the resource into the field resources of this batch or an earlier one"
    )]
    UnknownResource {
        /// Which record, from 0.
        index: usize,
        /// The name.
        hash: u64,
    },
    /// The sender has defined too many resources.
    #[error("more than 16384 resources are defined on this call; start a new one")]
    TooManyResources,
}

impl SenderResources {
    /// Checks an encoded `RecordBatch` and lays its records down in as many drafts as they need. Offsets in it are ignored.
    pub fn drafts(&mut self, batch: &[u8], received_unix_nano: u64) -> Result<Vec<FrameDraft>, BatchError> {
        self.define(batch)?;
        let mut drafts = Vec::new();
        let mut draft = FrameDraft::default();
        let records = Fields::new(batch).flatten().filter(|item| item.number == batch_field::RECORDS);
        for (index, item) in records.enumerate() {
            let WireValue::Bytes(record) = item.value else {
                return Err(BatchError::Batch(RecordError::FieldType { field: "batch.records" }));
            };
            let scanned = accept(record).map_err(|error| BatchError::Record { index, error })?;
            let resource = self.named(scanned.resource_hash, index)?;
            let mut pushed = draft.push_accepted(record, &scanned, resource, received_unix_nano);
            if pushed == Err(PushError::Full) {
                drafts.push(std::mem::take(&mut draft));
                pushed = draft.push_accepted(record, &scanned, resource, received_unix_nano);
            }
            match pushed {
                Ok(()) => {}
                Err(PushError::Record(error)) => return Err(BatchError::Record { index, error }),
                Err(PushError::Full) => unreachable!("an empty frame has room for a record within the limit"),
            }
        }
        if !draft.is_empty() {
            drafts.push(draft);
        }
        Ok(drafts)
    }

    fn define(&mut self, batch: &[u8]) -> Result<(), BatchError> {
        let mut index = 0;
        for item in Fields::new(batch) {
            let item = item.map_err(|error| BatchError::Batch(error.into()))?;
            let (batch_field::RESOURCES, WireValue::Bytes(resource)) = (item.number, item.value) else {
                continue;
            };
            let checked = ResourceDef::check(resource);
            let (name, resource) = checked.map_err(|error| BatchError::Resource { index, error })?;
            if self.0.len() >= MAX_DEFINED && !self.0.contains_key(&name) {
                return Err(BatchError::TooManyResources);
            }
            self.0.insert(name, resource);
            index += 1;
        }
        Ok(())
    }

    fn named(&self, hash: u64, index: usize) -> Result<Option<&Arc<ResourceDef>>, BatchError> {
        match hash {
            0 => Ok(None),
            hash => self.0.get(&hash).map(Some).ok_or(BatchError::UnknownResource { index, hash }),
        }
    }
}
