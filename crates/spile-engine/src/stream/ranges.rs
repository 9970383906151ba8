//! Reads a range of offsets in bounded steps, from whichever tier it lies in.

use std::sync::{Arc, PoisonError};

use super::Stream;
use super::locate::FRAMES_PER_TURN;
use crate::block::BlockInfo;
use crate::cursor::GapCause;
use crate::filter::Filter;
use crate::frame::Frame;
use crate::journal::ReadError;
use crate::offset::Offset;
use crate::segments::{self, Part};
use crate::subscription::tell_corrupt;

/// What one step found at the start of a range.
#[derive(Debug)]
pub(crate) enum Found {
    /// Frames that the filter may match, ascending, and the offset up to which there are no others. They may have records outside of
    /// the range.
    Frames { frames: Vec<Arc<Frame>>, next: Offset },
    /// Records that cannot be read, up to an offset.
    Missing { to: Offset, cause: GapCause },
}

impl Stream {
    /// The blocks with records between two offsets, ascending, clipped to the range. They cover all that is readable in it.
    pub(crate) fn blocks(&self, from: Offset, to: Offset) -> Vec<BlockInfo> {
        let extent = self.extent();
        let (from, to) = (from.max(extent.head), to.min(extent.tail));
        // The journal is asked first: what is sealed in between is then in both, and the manifest's word counts.
        let journal = self.0.reader.blocks(from, to).into_iter();
        let manifest = self.0.segments.manifest();
        let sealed = segments::blocks(&manifest).filter_map(|block| block.within(from, to));
        let rest = journal.filter_map(|block| block.within(from.max(manifest.sealed_to), to));
        sealed.chain(rest).collect()
    }

    /// The smaller blocks that a divisible one consists of, ascending, with what is known of a filter. They cover all of it.
    pub(crate) async fn divide(self, block: BlockInfo, filter: Filter) -> Result<Vec<Part>, ReadError> {
        self.on_disk(move |stream| {
            let mut parts = Vec::new();
            let mut next = block.from;
            // What has gone meanwhile is left to be found missing.
            let rest = |from, to| {
                let rest = BlockInfo { from, to, counts: None, divisible: false, ..block.clone() };
                (from < to).then(|| Part::unknown(rest))
            };
            for part in stream.0.segments.parts(block.from, block.to, &filter) {
                parts.extend(rest(next, part.block.from));
                next = part.block.to;
                parts.push(part);
            }
            parts.extend(rest(next, block.to));
            Ok(parts)
        })
        .await
    }

    /// Reads from the start of a range: some frames of memory, or one read of the disk. The range is not empty and not behind the tail.
    pub(crate) async fn read_range(
        self,
        from: Offset,
        to: Offset,
        filter: Filter,
    ) -> Result<Found, ReadError> {
        let extent = self.extent();
        if from < extent.head {
            return Ok(Found::Missing { to: extent.head.min(to), cause: GapCause::Retention });
        }
        let frames = self.frames_from(from, to);
        if let Some(last) = frames.last() {
            let next = last.next_offset().min(to);
            return Ok(Found::Frames { frames, next });
        }
        let stream = self.clone();
        match self.read_disk(from, to.min(extent.ring.max(from.plus(1))), filter).await {
            Ok(run) => Ok(Found::Frames { frames: run.frames, next: run.next.min(to) }),
            Err(ReadError::Trimmed { head }) => {
                Ok(Found::Missing { to: head.min(to), cause: GapCause::Retention })
            }
            Err(ReadError::Gap { to: end, .. }) => {
                Ok(Found::Missing { to: end.min(to), cause: GapCause::Quarantined })
            }
            Err(error @ ReadError::Corrupt { to: end, .. }) => {
                tell_corrupt(&stream, &error);
                Ok(Found::Missing { to: end.min(to), cause: GapCause::Quarantined })
            }
            Err(error) => Err(error),
        }
    }

    /// Some frames in memory with records between two offsets, ascending; none when memory does not hold the first of them.
    fn frames_from(&self, from: Offset, to: Offset) -> Vec<Arc<Frame>> {
        let ring = self.0.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.frames_from(from)
            .take_while(|frame| frame.first_offset() < to)
            .take(FRAMES_PER_TURN)
            .cloned()
            .collect()
    }
}
