//! Reading what is stored from the newest record down to the oldest.

#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::delivery::{Delivery, Turn, Waits, tell_corrupt};
use crate::cursor::{End, GapCause};
use crate::filter::Filter;
use crate::frame::{Frame, MAX_FRAME_BYTES, Rows};
use crate::journal::{ReadError, ReadRun};
use crate::offset::Offset;
use crate::stream::Stream;

/// What a reader that goes from the newest record down reads.
#[derive(Clone, Debug)]
pub struct NewestFirstPlan {
    /// It starts with the record before this offset; `None`: at the tail.
    pub before: Option<Offset>,
    /// Which records are delivered.
    pub filter: Filter,
    /// At most this many records; `None`: no limit.
    pub limit: Option<u64>,
}

/// Reads a stream by descending offset, down to the first retained record, pulled by polling. Holds at most one read from disk in
/// memory; dropping it frees all of it.
///
/// Yields `Err` when the disk fails; the position is kept, and the next poll tries again.
pub struct NewestFirst {
    stream: Stream,
    filter: Filter,
    /// Everything at or behind it was delivered, did not match, was told as a gap, or was not asked for.
    before: Offset,
    /// Where what is readable began when reading did: what retention removes of it meanwhile is a gap.
    floor: Offset,
    remaining: u64,
    wait: Option<Waits<Result<ReadRun, ReadError>>>,
    /// Frames from disk that are not looked through yet, ascending, and the offset down to which the disk was searched.
    read: Vec<Arc<Frame>>,
    read_down_to: Offset,
    scanned: u64,
    delivered: u64,
    done: bool,
}

impl NewestFirst {
    pub(crate) fn new(stream: Stream, plan: NewestFirstPlan) -> Self {
        let extent = stream.extent();
        let before = plan.before.map_or(extent.tail, |before| before.min(extent.tail));
        // Whoever resumes below the head was not told yet what is gone below it.
        let floor = if before < extent.head { Offset::ZERO } else { extent.head };
        Self {
            stream,
            filter: plan.filter,
            before,
            floor,
            remaining: plan.limit.unwrap_or(u64::MAX),
            wait: None,
            read: Vec::new(),
            read_down_to: before,
            scanned: 0,
            delivered: 0,
            done: false,
        }
    }

    /// The stream that is read.
    #[must_use]
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The offset below which reading goes on: where to resume.
    #[must_use]
    pub fn position(&self) -> Offset {
        self.before
    }

    /// How many records were looked at.
    #[must_use]
    pub fn scanned(&self) -> u64 {
        self.scanned
    }

    /// How many records were delivered.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// How many records it is going to deliver, when that is known without looking at any.
    #[must_use]
    pub fn known_total(&self) -> Option<u64> {
        let total = self.stream.known_count(&self.filter, self.floor, self.before)?;
        Some(total.min(self.remaining))
    }

    /// The next delivery; its records are in descending order. `None` after [`Delivery::End`].
    pub fn poll_delivery(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Delivery<Rows>, ReadError>>> {
        let mut budget = self.stream.limits().scan_bytes_per_poll;
        loop {
            if self.done {
                return Poll::Ready(None);
            }
            if self.stream.is_deleted() {
                self.done = true;
                return Poll::Ready(Some(Err(ReadError::Deleted)));
            }
            if let Some(read) = &mut self.wait {
                let run = ready!(read.as_mut().poll(cx));
                self.wait = None;
                match self.take_run(run) {
                    Ok(None) => {}
                    Ok(Some(gap)) => return Poll::Ready(Some(Ok(gap))),
                    Err(error) => return Poll::Ready(Some(Err(error))),
                }
            }
            match self.turn() {
                Turn::Deliver(delivery) => return Poll::Ready(Some(Ok(delivery))),
                Turn::Wait => {}
                Turn::Scanned(bytes) => match budget.checked_sub(bytes) {
                    Some(left) => budget = left,
                    None => {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                },
            }
        }
    }

    fn take_run(&mut self, run: Result<ReadRun, ReadError>) -> Result<Option<Delivery<Rows>>, ReadError> {
        match run {
            Ok(run) => {
                self.read = run.frames;
                self.read_down_to = run.next;
                Ok(None)
            }
            // The next look sees the new head and tells the gap.
            Err(ReadError::Trimmed { .. }) => Ok(None),
            Err(ReadError::Gap { from, .. }) => Ok(self.skip(from, GapCause::Quarantined)),
            Err(error @ ReadError::Corrupt { from, .. }) => {
                tell_corrupt(&self.stream, &error);
                Ok(self.skip(from, GapCause::Quarantined))
            }
            Err(error) => Err(error),
        }
    }

    /// One look at what lies before the position.
    fn turn(&mut self) -> Turn<Rows> {
        if self.remaining == 0 {
            self.read.clear();
            return self.end(End::Limit);
        }
        if let Some(turn) = self.look_through_read() {
            return turn;
        }
        let extent = self.stream.extent();
        if self.before <= extent.head {
            return match self.skip(self.floor, GapCause::Retention) {
                Some(gap) => Turn::Deliver(gap),
                None => self.end(End::EndOfHistory),
            };
        }
        if self.before <= extent.ring {
            let read = self.stream.clone().read_disk_back(self.before, self.filter.clone());
            self.wait = Some(Box::pin(read));
            return Turn::Wait;
        }
        match self.stream.frame_at(Offset(self.before.0 - 1)) {
            Some(frame) => self.look_through(&frame, extent.head),
            // It was evicted in between: the next look will see so.
            None => Turn::Scanned(0),
        }
    }

    fn end(&mut self, end: End) -> Turn<Rows> {
        self.done = true;
        Turn::Deliver(Delivery::End(end))
    }

    /// Looks through a frame that came from disk, if there is one.
    fn look_through_read(&mut self) -> Option<Turn<Rows>> {
        while let Some(frame) = self.read.last() {
            if frame.first_offset() >= self.before {
                self.read.pop();
                continue;
            }
            let frame = Arc::clone(frame);
            // What lies between was refused by the filter without being read.
            self.go_down_to(frame.next_offset());
            let turn = self.look_through(&frame, self.read_down_to);
            if frame.first_offset() >= self.before {
                // A reader that stops now holds no frame that it is done with.
                self.read.pop();
            }
            return Some(turn);
        }
        if self.read_down_to >= self.before {
            return None;
        }
        self.go_down_to(self.read_down_to);
        Some(Turn::Scanned(0))
    }

    /// Looks through the records of a frame that lie before the position, not below `down_to`.
    fn look_through(&mut self, frame: &Arc<Frame>, down_to: Offset) -> Turn<Rows> {
        let all = frame.index_from(down_to)..frame.index_from(self.before);
        // A filter that is slow by the byte looks at less than a frame at a time.
        let run = frame.run_within_back(all.clone(), self.filter.step_bytes());
        let start = if run.start == all.start {
            frame.first_offset().max(down_to)
        } else {
            frame.offset_of(run.start)
        };
        let bytes = frame.record_span(run.clone()).len();
        let Some(picked) = frame.pick(&self.filter, run) else {
            self.go_down_to(start);
            // After a slow step others run first.
            let slow = self.filter.step_bytes() < MAX_FRAME_BYTES;
            return Turn::Scanned(if slow { usize::MAX } else { bytes });
        };
        let picked = picked.last(usize::try_from(self.remaining).unwrap_or(usize::MAX));
        self.remaining -= picked.len() as u64;
        self.delivered += picked.len() as u64;
        self.go_down_to(if self.remaining == 0 { picked.first_offset() } else { start });
        Turn::Deliver(Delivery::Records(Rows::reversed(&picked)))
    }

    fn go_down_to(&mut self, offset: Offset) {
        self.scanned += self.before.since(offset);
        self.before = self.before.min(offset);
    }

    /// Goes on below `from`; `None` when that is not below the position.
    fn skip(&mut self, from: Offset, cause: GapCause) -> Option<Delivery<Rows>> {
        let from = from.max(self.floor);
        let to = self.before;
        self.before = to.min(from);
        self.read_down_to = self.before;
        self.read.clear();
        (from < to).then_some(Delivery::Gap { from, to, cause })
    }
}

impl futures_core::Stream for NewestFirst {
    type Item = Result<Delivery<Rows>, ReadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_delivery(cx)
    }
}
