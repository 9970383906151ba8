//! Counts what matches, over all tiers: from what is known of blocks where that decides, else by looking.

use super::Stream;
use super::ranges::Found;
use crate::block::BlockInfo;
use crate::filter::Filter;
use crate::journal::ReadError;
use crate::offset::Offset;
use crate::segments::Part;
use crate::tally::{Buckets, Tally};

/// A range that is still to be read.
#[derive(Default)]
struct Unread(Option<(Offset, Offset)>);

impl Unread {
    /// Adds a block. Returns the range so far if the block does not follow it.
    fn add(&mut self, block: &BlockInfo) -> Option<(Offset, Offset)> {
        match &mut self.0 {
            Some((_, to)) if *to == block.from => {
                *to = block.to;
                None
            }
            range => range.replace((block.from, block.to)),
        }
    }
}

impl Stream {
    /// Counts the stored records before `up_to` that match, by time and severity. Lets others run in between; dropping the future stops it. Holds one
    /// read from disk in memory. What cannot be read is not counted.
    ///
    /// # Errors
    /// If the disk fails.
    pub async fn tally(&self, filter: &Filter, buckets: Buckets, up_to: Offset) -> Result<Tally, ReadError> {
        let mut tally = Tally::new(buckets);
        // Blocks that are to be read and follow each other are read as one range.
        let mut unread = Unread::default();
        for block in self.blocks(Offset::ZERO, up_to) {
            if tally.add_known(&block, filter) {
                continue;
            }
            let parts = if block.divisible {
                self.clone().divide(block, filter.clone()).await?
            } else {
                vec![Part::unknown(block)]
            };
            for Part { block, matching } in parts {
                let decided = match matching {
                    Some(matching) => {
                        tally.add_counted(&block, &matching)
                            || self.tally_times(&mut tally, filter, &block).await?
                    }
                    None => tally.add_known(&block, filter),
                };
                if !decided && let Some((from, to)) = unread.add(&block) {
                    self.tally_range(&mut tally, filter, from, to).await?;
                }
            }
        }
        if let Some((from, to)) = unread.0 {
            self.tally_range(&mut tally, filter, from, to).await?;
        }
        Ok(tally)
    }

    /// Counts a row group of which only the times must be known. Returns whether that could be done.
    async fn tally_times(
        &self,
        tally: &mut Tally,
        filter: &Filter,
        block: &BlockInfo,
    ) -> Result<bool, ReadError> {
        let (block, filter) = (block.clone(), filter.clone());
        let times = self.clone().on_disk(move |stream| Ok(stream.0.segments.times(&block, &filter))).await?;
        let Some(times) = times else { return Ok(false) };
        tally.scanned += times.len() as u64;
        times.into_iter().for_each(|(severity, time)| tally.add(time, severity));
        Ok(true)
    }

    async fn tally_range(
        &self,
        tally: &mut Tally,
        filter: &Filter,
        mut from: Offset,
        to: Offset,
    ) -> Result<(), ReadError> {
        let mut picked = Vec::new();
        while from < to {
            match self.clone().read_range(from, to, filter.clone()).await? {
                Found::Missing { to, .. } => from = to,
                Found::Frames { frames, next } => {
                    for frame in frames {
                        let end = frame.index_from(next);
                        let mut start = frame.index_from(from);
                        while start < end {
                            // A filter that is slow by the byte looks at less than a frame at a time.
                            let run = frame.run_within(start..end, filter.step_bytes());
                            start = run.end;
                            tally.add_matching(&frame, run, filter, &mut picked);
                            if start < end {
                                tokio::task::yield_now().await;
                            }
                        }
                    }
                    tally.scanned += next.since(from);
                    from = next;
                }
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}
