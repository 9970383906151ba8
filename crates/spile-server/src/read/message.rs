//! A message of records being put together, from deliveries of one order.

use std::collections::HashMap;

use bytes::Bytes;
use spile_columns::wire::{Field, Fields, WireError, WireValue};
use spile_columns::{RecordFields, field};
use spile_engine::Offset;
use spile_engine::frame::{BodyChecksum, Picked, Rows};

use super::encode::{self, Defined, Envelope};
use super::reader::Records;

/// Records that leave together.
#[derive(Default)]
pub(super) struct Message {
    picks: Vec<Picked>,
    rows: Vec<Rows>,
    bytes: usize,
}

impl Message {
    /// The bytes of the records so far.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.picks.is_empty() && self.rows.is_empty()
    }

    /// Whether these records may share a message with those that it has: on the wire offsets are 32 bits from the first one.
    pub(super) fn takes(&self, records: &Records) -> bool {
        match (records, self.picks.first()) {
            (Records::Picked(picked), Some(first)) => {
                picked.next_offset().since(first.first_offset()) <= u64::from(u32::MAX)
            }
            _ => true,
        }
    }

    pub(super) fn push(&mut self, records: Records) {
        self.bytes += records.bytes();
        match records {
            Records::Picked(picked) => self.picks.push(picked),
            Records::Rows(rows) => self.rows.push(rows),
        }
    }

    /// How many records it has.
    pub(super) fn records(&self) -> u64 {
        let picked: usize = self.picks.iter().map(Picked::len).sum();
        let copied: usize = self.rows.iter().map(Rows::len).sum();
        (picked + copied) as u64
    }

    /// `sum` extended by the bodies of its records.
    pub(super) fn extend_checksum(&self, sum: BodyChecksum) -> BodyChecksum {
        let sum = self.picks.iter().fold(sum, |sum, picked| picked.extend_checksum(sum));
        self.rows.iter().fold(sum, |sum, rows| rows.extend_checksum(sum))
    }

    /// Gives each record, read where it lies, with its offset and its encoded resource, which is empty when it has none.
    pub(super) fn each(
        &self,
        mut take: impl FnMut(Offset, &RecordFields<'_>, &[u8]) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        let resources = self.resources();
        let mut take = |offset, record| {
            let record = RecordFields::read(record)?;
            let resource = resources.get(&record.resource_hash).map_or(&[][..], |resource| resource);
            take(offset, &record, resource)
        };
        let mut each = |records, offsets: &mut dyn Iterator<Item = Offset>| {
            let fields =
                Fields::new(records).filter_map(|item| item.map(|item| record_of(&item)).transpose());
            offsets.zip(fields).try_for_each(|(offset, record)| take(offset, record?))
        };
        for picked in &self.picks {
            each(picked.records(), &mut picked.offsets())?;
        }
        for rows in &self.rows {
            each(rows.records(), &mut rows.offsets())?;
        }
        Ok(())
    }

    /// The resources that its records name, by their hashes.
    fn resources(&self) -> HashMap<u64, &Bytes> {
        let picked = self.picks.iter().flat_map(Picked::resources);
        let copied = self.rows.iter().flat_map(Rows::resources);
        picked.chain(copied).map(|resource| (resource.hash(), resource.encoded())).collect()
    }

    /// As a `TailResponse`. It is not empty.
    pub(super) fn batch(&self, envelope: Envelope, cursor: &str, defined: &mut Defined) -> Bytes {
        if self.rows.is_empty() {
            encode::batch(envelope, cursor, &self.picks, defined)
        } else {
            encode::batch_of_rows(envelope, cursor, &self.rows, defined)
        }
    }

    /// In the article's form, which is asked for by offset order only.
    pub(super) fn entries(&self) -> Bytes {
        if let [only] = self.picks.as_slice() {
            return only.entries().clone();
        }
        let mut all = Vec::with_capacity(self.picks.iter().map(|pick| pick.entries().len()).sum());
        self.picks.iter().for_each(|pick| all.extend_from_slice(pick.entries()));
        all.into()
    }
}

fn record_of<'a>(item: &Field<'a>) -> Option<&'a [u8]> {
    match (item.number, item.value) {
        (field::BATCH_RECORDS, WireValue::Bytes(record)) => Some(record),
        _ => None,
    }
}
