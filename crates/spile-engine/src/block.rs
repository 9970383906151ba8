//! Blocks: runs of records that lie together in a tier, and what is known of them without reading them.

use crate::frame::Summary;
use crate::offset::Offset;
use crate::record::MAX_SEVERITY;

/// How many records have each severity number, 0 (unspecified) to 24.
pub type SeverityCounts = [u64; MAX_SEVERITY as usize + 1];

/// What is known of a block without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockInfo {
    /// The offset of its first record.
    pub from: Offset,
    /// The offset behind its last record.
    pub to: Offset,
    /// Bounds over its records; they may be wider than these are.
    pub summary: Summary,
    /// How many of its readable records have each severity, where the tier keeps that. Exact.
    pub counts: Option<Box<SeverityCounts>>,
    /// Whether it consists of smaller blocks, of which is known as much.
    pub divisible: bool,
}

impl BlockInfo {
    /// The part of it that lies between two offsets; `None` when no record does. Counts hold for a whole block only.
    #[must_use]
    pub fn within(self, from: Offset, to: Offset) -> Option<Self> {
        if from <= self.from && self.to <= to {
            return Some(self);
        }
        let (from, to) = (self.from.max(from), self.to.min(to));
        (from < to).then_some(Self { from, to, counts: None, ..self })
    }
}
