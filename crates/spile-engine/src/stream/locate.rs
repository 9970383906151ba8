//! Finds where the last N matching records before a position begin, and where a time begins.

#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::sync::{Arc, PoisonError};

use super::Stream;
use crate::cursor::LossPolicy;
use crate::filter::Filter;
use crate::frame::Frame;
use crate::journal::ReadError;
use crate::offset::Offset;
use crate::subscription::{Delivery, Start, SubscriptionPlan};

/// After so many frames of memory the search lets others run.
pub(super) const FRAMES_PER_TURN: usize = 16;

/// How many matches are still looked for, and where the last one found lies.
struct Search {
    filter: Filter,
    missing: u64,
    /// What lies before it is no longer part of the stream, although memory may still hold it.
    head: Offset,
    start: Offset,
}

impl Search {
    /// Looks through a frame from its end. Returns whether all matches are found.
    fn look(&mut self, frame: &Arc<Frame>, before: Offset) -> bool {
        let Some(picked) = frame.pick(&self.filter, frame.index_from(self.head)..frame.index_from(before))
        else {
            return false;
        };
        let skipped = (picked.len() as u64).saturating_sub(self.missing);
        if let Some(offset) = picked.offsets().nth(skipped as usize) {
            self.start = offset;
        }
        self.missing -= picked.len() as u64 - skipped;
        self.missing == 0
    }
}

impl Stream {
    /// The offset of the first stored record whose time is at or after this, Unix nanoseconds; the tail if there is none. Dropping the
    /// future stops it.
    ///
    /// # Errors
    /// If the disk fails.
    pub async fn locate_time(&self, unix_nano: u64) -> Result<Offset, ReadError> {
        let mut reading = self.subscribe(SubscriptionPlan {
            start: Start::Oldest,
            follow: false,
            filter: Filter::all().and_time(Some(unix_nano), None),
            limit: Some(1),
            loss_policy: LossPolicy::CatchUp,
        });
        while let Some(delivery) = poll_fn(|cx| reading.poll_delivery(cx)).await {
            if let Delivery::Records(picked) = delivery? {
                return Ok(picked.first_offset());
            }
        }
        Ok(reading.position())
    }

    /// The offset of the `count`th last record before `end` that matches; of the first one if there are fewer; `end` if there is
    /// none. Dropping the future stops it.
    ///
    /// # Errors
    /// If the disk fails.
    pub async fn locate_last(self, filter: Filter, count: u64, end: Offset) -> Result<Offset, ReadError> {
        let start = self.clone().search_back(filter, count, end).await?;
        // Retention may have removed what was found.
        Ok(start.max(self.extent().head))
    }

    async fn search_back(self, filter: Filter, count: u64, end: Offset) -> Result<Offset, ReadError> {
        let mut search =
            Search { filter: filter.clone(), missing: count, head: self.extent().head, start: end };
        let mut before = end;
        while let frames = self.frames_before(before)
            && !frames.is_empty()
        {
            for frame in frames {
                if search.look(&frame, before) {
                    return Ok(search.start);
                }
                before = frame.first_offset();
            }
            tokio::task::yield_now().await;
        }
        while before > self.extent().head {
            let run = match self.clone().read_disk_back(before, filter.clone()).await {
                Ok(run) => run,
                Err(ReadError::Gap { from, .. } | ReadError::Corrupt { from, .. }) => {
                    before = from;
                    continue;
                }
                Err(ReadError::Trimmed { .. }) => break,
                Err(error) => return Err(error),
            };
            for frame in run.frames.iter().rev() {
                if search.look(frame, before) {
                    return Ok(search.start);
                }
            }
            before = run.next;
        }
        Ok(search.start)
    }

    /// Some frames in memory below `before`, newest first.
    fn frames_before(&self, before: Offset) -> Vec<Arc<Frame>> {
        let ring = self.0.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.frames_before(before).take(FRAMES_PER_TURN).cloned().collect()
    }
}
