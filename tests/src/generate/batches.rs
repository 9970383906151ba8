//! Records in batches, as they are appended.

use spile_proto::v1::{RecordBatch, Resource};

use super::records::{Generated, Records};

/// Puts records into batches; each resource is defined in the first batch that names it.
pub struct Batches {
    records: Records,
    defined: Vec<bool>,
}

impl Batches {
    /// The batches of a seed's records.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let records = Records::new(seed);
        let defined = vec![false; records.resources().len()];
        Self { records, defined }
    }

    /// The next `count` records. `see` is shown each of them.
    pub fn take(&mut self, count: usize, mut see: impl FnMut(&Generated)) -> RecordBatch {
        let mut batch = RecordBatch::default();
        for _ in 0..count {
            let mut generated = Generated::default();
            self.records.fill_next(&mut generated);
            see(&generated);
            let resource = generated.record.resource_hash as usize - 1;
            if !std::mem::replace(&mut self.defined[resource], true) {
                batch.resources.push(self.records.resources()[resource].clone());
            }
            batch.records.push(generated.record);
        }
        batch
    }

    /// All resources that records name.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        self.records.resources()
    }
}
