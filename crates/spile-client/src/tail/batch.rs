//! Records as they are delivered: each with its offset and with what produced it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use spile_proto::v1::{LogRecord, RecordBatch, Resource};

use super::offsets::Offsets;
use crate::error::Error;

/// What produced a record that does not say so.
static UNKNOWN: LazyLock<Arc<Resource>> = LazyLock::new(Arc::default);

/// Records in the order of their call, as one message brought them.
#[derive(Clone, Debug)]
pub struct TailBatch {
    records: Vec<LogRecord>,
    offsets: Offsets,
    /// The resources that these records name, each once.
    resources: Vec<Arc<Resource>>,
    /// For each record, where its resource is in `resources`.
    resource_of: Vec<u32>,
}

/// One record of a [`TailBatch`].
#[derive(Clone, Copy, Debug)]
pub struct TailRecord<'a> {
    /// Its position in the stream.
    pub offset: u64,
    /// The record itself.
    pub record: &'a LogRecord,
    /// What produced it; without attributes when that is not known.
    pub resource: &'a Arc<Resource>,
}

impl TailBatch {
    /// How many records; in a batch of a tail at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none, which a tail does not tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records, in the order of the call: by offset, unless another was asked for.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = TailRecord<'_>> {
        self.records.iter().enumerate().map(|(index, record)| TailRecord {
            offset: self.offsets.at(index),
            record,
            resource: self.resource(index),
        })
    }

    /// The records by value: offset, record, and what produced it.
    pub fn into_records(mut self) -> impl Iterator<Item = (u64, LogRecord, Arc<Resource>)> {
        let records = std::mem::take(&mut self.records);
        records
            .into_iter()
            .enumerate()
            .map(move |(index, record)| (self.offsets.at(index), record, Arc::clone(self.resource(index))))
    }

    /// The offset of each record.
    pub(super) fn offsets(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.len()).map(|index| self.offsets.at(index))
    }

    /// Whether each offset was written out, as orders other than by offset have it.
    pub(super) fn lists_offsets(&self) -> bool {
        matches!(self.offsets, Offsets::Listed(_))
    }

    fn resource(&self, index: usize) -> &Arc<Resource> {
        &self.resources[self.resource_of[index] as usize]
    }
}

/// The records of a message that defines all the resources that it names, as answers of their own do.
impl TryFrom<RecordBatch> for TailBatch {
    type Error = Error;

    fn try_from(batch: RecordBatch) -> Result<Self, Error> {
        ResourceTable::default().resolve(batch)
    }
}

/// The resources that one call has defined so far.
#[derive(Debug, Default)]
pub(crate) struct ResourceTable {
    by_hash: HashMap<u64, Arc<Resource>>,
}

impl ResourceTable {
    /// Takes in the definitions of a message and gives its records their resources.
    pub(crate) fn resolve(&mut self, batch: RecordBatch) -> Result<TailBatch, Error> {
        let RecordBatch { records, resources: definitions, first_offset, offset_deltas, offsets } = batch;
        let offsets = Offsets::new(records.len(), first_offset, offset_deltas, offsets)?;
        for definition in definitions {
            self.by_hash.insert(definition.hash, Arc::new(definition));
        }
        let mut used = Used::default();
        let resource_of = records
            .iter()
            .map(|record| used.index(record.resource_hash, &self.by_hash))
            .collect::<Result<_, _>>()?;
        Ok(TailBatch { records, offsets, resources: used.resources, resource_of })
    }
}

/// The resources that a batch has used so far.
#[derive(Default)]
struct Used {
    resources: Vec<Arc<Resource>>,
    index_of: HashMap<u64, u32>,
    /// Neighbours mostly have the same resource.
    last: Option<(u64, u32)>,
}

impl Used {
    fn index(&mut self, hash: u64, table: &HashMap<u64, Arc<Resource>>) -> Result<u32, Error> {
        if let Some((last_hash, index)) = self.last
            && last_hash == hash
        {
            return Ok(index);
        }
        let index = match self.index_of.get(&hash) {
            Some(index) => *index,
            None => {
                let resource = match (hash, table.get(&hash)) {
                    (_, Some(resource)) => resource,
                    (0, None) => &*UNKNOWN,
                    (_, None) => {
                        return Err(Error::Protocol(format!(
                            "a record names the resource {hash:#018x}, which this call has not defined"
                        )));
                    }
                };
                let index = u32::try_from(self.resources.len())
                    .expect("a message of at most 2 GiB has fewer than 2^32 records");
                self.resources.push(Arc::clone(resource));
                self.index_of.insert(hash, index);
                index
            }
        };
        self.last = Some((hash, index));
        Ok(index)
    }
}

#[cfg(test)]
mod tests;
