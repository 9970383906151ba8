//! What is known of segments and of their row groups without reading records.

use super::Segments;
use crate::block::{BlockInfo, SeverityCounts};
use crate::filter::Filter;
use crate::manifest::Manifest;
use crate::offset::Offset;
use crate::segment::{Group, SegmentError};

/// The segments of a manifest as blocks, ascending.
pub(crate) fn blocks(manifest: &Manifest) -> impl Iterator<Item = BlockInfo> + '_ {
    manifest.segments.iter().map(|segment| BlockInfo {
        from: segment.first_offset,
        to: segment.next_offset,
        summary: segment.summary,
        counts: Some(Box::new(segment.severities)),
        divisible: true,
    })
}

/// A row group.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) block: BlockInfo,
    /// How many of its records of each severity match a filter, when the index alone tells.
    pub(crate) matching: Option<Box<SeverityCounts>>,
}

impl Segments {
    /// The row groups of the segments between two offsets, ascending, with what their indexes tell of a filter; those of a segment that
    /// cannot be opened are left out. Blocks.
    pub(crate) fn parts(&self, from: Offset, to: Offset, filter: &Filter) -> Vec<Part> {
        let manifest = self.manifest();
        let segments = manifest.segments.iter();
        let wanted = segments.filter(|segment| segment.next_offset > from && segment.first_offset < to);
        let opened = wanted.filter_map(|segment| match self.open(segment) {
            Ok(segment) => Some(segment),
            Err(SegmentError::Missing) => None,
            Err(error) => {
                tracing::warn!(file = %segment.path, %error, "a segment could not be opened");
                None
            }
        });
        let mut parts = Vec::new();
        for segment in opened {
            let of_group = |group| Part {
                block: block_of(group),
                matching: segment.counts(group, filter).map(Box::new),
            };
            parts.extend(segment.groups().iter().map(of_group).filter_map(|part| part.within(from, to)));
        }
        parts
    }
}

impl Segments {
    /// The severities and times of the records of a row group that a filter matches, when its index decides that; `None` when the group is
    /// no longer what it was, or cannot be read. Blocks.
    pub(crate) fn times(&self, block: &BlockInfo, filter: &Filter) -> Option<Vec<(u8, u64)>> {
        let manifest = self.manifest();
        let meta = &manifest.segments[manifest.segment_from(block.from)?];
        let segment = self.open(meta).ok()?;
        let nth = segment.group_of(block.from)?;
        let group = &segment.groups()[nth];
        let same = group.first_offset() == block.from && group.next_offset() == block.to;
        same.then(|| segment.times(nth, filter, &|ranges| self.fetch(meta, ranges)).ok()?)?
    }
}

impl Part {
    /// A part of which nothing more is known.
    pub(crate) fn unknown(block: BlockInfo) -> Self {
        Self { block, matching: None }
    }

    fn within(self, from: Offset, to: Offset) -> Option<Self> {
        let whole = from <= self.block.from && self.block.to <= to;
        Some(Self { block: self.block.within(from, to)?, matching: self.matching.filter(|_| whole) })
    }
}

fn block_of(group: &Group) -> BlockInfo {
    BlockInfo {
        from: group.first_offset(),
        to: group.next_offset(),
        summary: *group.summary(),
        counts: Some(Box::new(group.severities())),
        divisible: false,
    }
}
