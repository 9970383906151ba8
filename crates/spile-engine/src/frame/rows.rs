//! Records in an order that is not that of the frames they lie in: copied out, one after the other.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::{BodyChecksum, Frame, Picked};
use crate::offset::Offset;
use crate::resource::ResourceDef;

/// Records in the order of their reader, with their offsets. They hold no frame.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    records: Vec<u8>,
    rows: Vec<Place>,
    resources: Vec<Arc<ResourceDef>>,
    /// The hashes of `resources`.
    known: HashSet<u64>,
}

#[derive(Clone, Debug)]
struct Place {
    offset: Offset,
    /// Where in `records` its field starts.
    start: usize,
    body: Range<usize>,
}

/// One record, copied out of its frame.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its position in the stream.
    pub offset: Offset,
    /// Field `records` of a `RecordBatch`.
    field: Box<[u8]>,
    /// Where in `field` the body lies.
    body: Range<usize>,
    resource: Option<Arc<ResourceDef>>,
}

impl Row {
    /// Record `at` of a frame. `resource` is the one that it names.
    pub(crate) fn of(frame: &Frame, at: usize, resource: Option<Arc<ResourceDef>>) -> Self {
        Self {
            offset: frame.offset_of(at),
            field: frame.field(at).into(),
            body: frame.body_in_field(at),
            resource,
        }
    }

    /// The bytes of its field.
    pub(crate) fn field_bytes(&self) -> usize {
        self.field.len()
    }
}

impl Rows {
    /// Picked records, the last one first.
    #[must_use]
    pub fn reversed(picked: &Picked) -> Self {
        let mut rows = Self::default();
        rows.records.reserve_exact(picked.indexes().map(|at| picked.frame().field(at).len()).sum());
        rows.rows.reserve_exact(picked.len());
        picked.indexes().rev().for_each(|at| rows.push_from(picked.frame(), at));
        rows
    }

    /// Adds record `at` of a frame.
    fn push_from(&mut self, frame: &Frame, at: usize) {
        self.add(frame.offset_of(at), frame.field(at), frame.body_in_field(at), frame.resource_def(at));
    }

    /// Adds a record.
    pub(crate) fn push(&mut self, row: &Row) {
        self.add(row.offset, &row.field, row.body.clone(), row.resource.as_ref());
    }

    fn add(&mut self, offset: Offset, field: &[u8], body: Range<usize>, resource: Option<&Arc<ResourceDef>>) {
        let start = self.records.len();
        self.records.extend_from_slice(field);
        self.rows.push(Place { offset, start, body: start + body.start..start + body.end });
        if let Some(resource) = resource
            && self.known.insert(resource.hash())
        {
            self.resources.push(Arc::clone(resource));
        }
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Field `records` of a `RecordBatch` for each, one after the other.
    #[must_use]
    pub fn records(&self) -> &[u8] {
        &self.records
    }

    /// Field `records` of a `RecordBatch` for one of them.
    ///
    /// # Panics
    /// If there is no such record.
    #[must_use]
    pub fn field(&self, nth: usize) -> &[u8] {
        let end = self.rows.get(nth + 1).map_or(self.records.len(), |next| next.start);
        &self.records[self.rows[nth].start..end]
    }

    /// The offset of each, in their order.
    pub fn offsets(&self) -> impl Iterator<Item = Offset> + '_ {
        self.rows.iter().map(|row| row.offset)
    }

    /// The body's bytes of each, which are UTF-8.
    pub fn bodies(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.rows.iter().map(|row| &self.records[row.body.clone()])
    }

    /// The resources that they name, each once.
    #[must_use]
    pub fn resources(&self) -> &[Arc<ResourceDef>] {
        &self.resources
    }

    /// `sum` extended by their bodies.
    #[must_use]
    pub fn extend_checksum(&self, sum: BodyChecksum) -> BodyChecksum {
        self.bodies().fold(sum, BodyChecksum::append)
    }
}
