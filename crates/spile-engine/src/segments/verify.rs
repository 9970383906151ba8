//! Holds all that is stored in segments against its checksums.

use super::Segments;
use crate::journal::Damage;
use crate::segment::SegmentError;

/// What a look over everything came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many records were read.
    pub records: u64,
    /// How many bytes were read.
    pub bytes: u64,
    /// What is not as it was written, by offset.
    pub damages: Vec<Damage>,
}

impl Segments {
    /// Reads every segment. Blocks, for as long as that takes.
    pub(crate) fn verify(&self) -> Result<Verified, SegmentError> {
        let mut verified = Verified::default();
        for meta in &self.manifest().segments {
            let (from, to) = (meta.first_offset, meta.next_offset);
            let mut damaged = |from, to, error: SegmentError| {
                let (at, reason) = error.damage().map_err(SegmentError::Io)?;
                verified.damages.push(Damage { file: meta.path.as_ref().into(), at, from, to, reason });
                Ok::<_, SegmentError>(())
            };
            let segment = match self.open(meta) {
                Ok(segment) => segment,
                Err(error) => {
                    damaged(from, to, error)?;
                    continue;
                }
            };
            for (nth, group) in segment.groups().iter().enumerate() {
                match segment.verify_group(nth, &|ranges| self.fetch(meta, ranges)) {
                    Ok(bytes) => {
                        verified.records += group.records();
                        verified.bytes += bytes;
                    }
                    Err(error) => damaged(group.first_offset(), group.next_offset(), error)?,
                }
            }
        }
        Ok(verified)
    }
}
