//! The manifest: which segments a stream has, from where on, and up to where its journal may be trimmed.
//!
//! It is a row of numbered objects, each of which is whole: the one with the highest number counts. A number is put once
//! (put-if-absent), so that a disk and a bucket commit alike, and two writers cannot both succeed. What a commit says takes effect as one: segments
//! come and go, and the journal's records change hands, in one step.
//!
//! An object is `spileman`, crc32c of the rest (4 bytes, little-endian), then a protobuf message.

mod format;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use thiserror::Error;

pub(crate) use store::{CommitError, ManifestStore};

use crate::block::SeverityCounts;
use crate::frame::Summary;
use crate::journal::GapRange;
use crate::limits::Retention;
use crate::offset::Offset;
use crate::segment::SegmentMeta;

/// One version of what a stream has in segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// Ascending with each commit; 0 before the first.
    pub(crate) number: u64,
    pub(crate) stream_id: u64,
    /// The first retained offset, as far as segments go.
    pub(crate) head: Offset,
    /// Everything before it that is retained lies in segments; the journal is not needed for it.
    pub(crate) sealed_to: Offset,
    /// By offset, ascending, not overlapping.
    pub(crate) segments: Vec<Arc<SegmentMeta>>,
    /// Offsets between head and `sealed_to` whose records are lost, ascending.
    pub(crate) gaps: Vec<GapRange>,
    /// The stream's own retention, if it has one.
    pub(crate) retention: Option<Retention>,
}

/// What all segments hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SegmentTotals {
    pub(crate) segments: u64,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) raw_bytes: u64,
    pub(crate) summary: Summary,
    pub(crate) severities: SeverityCounts,
}

/// Why a manifest cannot be used.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The store failed.
    #[error("cannot read the manifest: {0}")]
    Store(#[from] object_store::Error),
    /// The newest object is not what was written.
    #[error(
        "{path} is damaged: {reason}; restore it from a copy, or remove it to go back to the manifest before it"
    )]
    Damaged {
        /// The object.
        path: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// It belongs to another stream, or to another state of the journal.
    #[error("{path} does not fit the journal: {reason}")]
    Mismatch {
        /// The object.
        path: String,
        /// What does not fit.
        reason: &'static str,
    },
}

impl Manifest {
    /// That of a stream without segments.
    pub(crate) fn empty(stream_id: u64) -> Self {
        Self {
            number: 0,
            stream_id,
            head: Offset::ZERO,
            sealed_to: Offset::ZERO,
            segments: Vec::new(),
            gaps: Vec::new(),
            retention: None,
        }
    }

    /// The segment that covers an offset, or else the first one behind it.
    pub(crate) fn segment_from(&self, offset: Offset) -> Option<usize> {
        let at = self.segments.partition_point(|segment| segment.next_offset <= offset);
        (at < self.segments.len()).then_some(at)
    }

    /// The last segment that starts before an offset.
    pub(crate) fn segment_before(&self, offset: Offset) -> Option<usize> {
        self.segments.partition_point(|segment| segment.first_offset < offset).checked_sub(1)
    }

    /// What all segments hold.
    pub(crate) fn totals(&self) -> SegmentTotals {
        let mut totals = SegmentTotals::default();
        for segment in &self.segments {
            totals.segments += 1;
            totals.records += segment.records;
            totals.bytes += segment.bytes;
            totals.raw_bytes += segment.raw_bytes;
            totals.summary.merge(&segment.summary);
            totals.severities.iter_mut().zip(segment.severities).for_each(|(total, count)| *total += count);
        }
        totals
    }

    /// Whether segments and gaps cover everything from head to `sealed_to`, once.
    pub(crate) fn is_sound(&self) -> bool {
        let segments = self.segments.iter().map(|segment| (segment.first_offset, segment.next_offset));
        let gaps = self.gaps.iter().map(|gap| (gap.from, gap.to));
        let mut ranges: Vec<_> = segments.clone().collect();
        let ascending = ranges.is_sorted() && ranges.iter().all(|(first, next)| first < next);
        ranges.extend(gaps);
        ranges.sort();
        let mut next = self.head;
        let covered = ranges.iter().all(|&(from, to)| {
            let follows = from <= next;
            next = next.max(to);
            follows
        });
        let once = self.segments.windows(2).all(|pair| pair[0].next_offset <= pair[1].first_offset);
        ascending && covered && once && next == self.sealed_to.max(self.head)
    }
}
