//! A cursor and the tail's watch as a futures `Stream`: it only waits.
//!
//! This is reading by offset, the only order in which a reader can follow. `newest_first` reads what is stored the other way,
//! `by_time` in the order of record time.

mod by_time;
mod delivery;
mod newest_first;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::cursor::{Cursor, GapCause, LossPolicy, Step};
use crate::filter::Filter;
use crate::frame::{Frame, MAX_FRAME_BYTES};
use crate::journal::{ReadError, ReadRun};
use crate::offset::Offset;
use crate::stream::Stream;
pub use by_time::{ByTime, ByTimePlan};
pub use delivery::Delivery;
pub(crate) use delivery::tell_corrupt;
use delivery::{Turn, Waits};
pub use newest_first::{NewestFirst, NewestFirstPlan};

/// Where reading starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// At the first retained record.
    #[default]
    Oldest,
    /// At the tail.
    Latest,
    /// At this offset.
    At(Offset),
    /// So that this many matching records that are stored come first.
    Last(u64),
}

/// What a subscription reads.
#[derive(Clone, Debug)]
pub struct SubscriptionPlan {
    /// Where it starts.
    pub start: Start,
    /// Whether it goes on at the tail; else it ends where the tail stood when it began.
    pub follow: bool,
    /// Which records are delivered.
    pub filter: Filter,
    /// At most this many records; `None`: no limit.
    pub limit: Option<u64>,
    /// What happens when it falls out of memory.
    pub loss_policy: LossPolicy,
}

/// What a subscription waits for.
enum Wait {
    Nothing,
    /// Where the last N records begin.
    Start(Waits<Result<Offset, ReadError>>),
    /// Frames from disk.
    Disk(Waits<Result<ReadRun, ReadError>>),
    /// The tail.
    Tail(Waits<Offset>),
}

/// Reads a stream by its plan, pulled by polling. Holds at most one read from disk in memory; dropping it frees all of it.
///
/// Yields `Err` when the disk fails; the position is kept, and the next poll tries again.
pub struct Subscription {
    stream: Stream,
    filter: Filter,
    cursor: Cursor,
    wait: Wait,
    /// Frames from disk that are not looked through yet, and the offset up to which the disk was searched.
    read: VecDeque<Arc<Frame>>,
    read_up_to: Offset,
    /// The tail when reading began.
    history_end: Offset,
    /// Whether `CaughtUp` is still to be told.
    catching_up: bool,
    scanned: u64,
    delivered: u64,
    done: bool,
}

impl Subscription {
    pub(crate) fn new(stream: Stream, plan: SubscriptionPlan) -> Self {
        let extent = stream.extent();
        let (next, wait) = match plan.start {
            Start::Oldest => (extent.head, Wait::Nothing),
            Start::Latest => (extent.tail, Wait::Nothing),
            Start::At(offset) => (offset, Wait::Nothing),
            Start::Last(count) => {
                let locate = stream.clone().locate_last(plan.filter.clone(), count, extent.tail);
                (extent.tail, Wait::Start(Box::pin(locate)))
            }
        };
        let cursor = Cursor {
            next,
            end: (!plan.follow).then_some(extent.tail),
            remaining: plan.limit.unwrap_or(u64::MAX),
            loss_policy: plan.loss_policy,
            live: false,
        };
        Self {
            stream,
            filter: plan.filter,
            cursor,
            wait,
            read: VecDeque::new(),
            read_up_to: next,
            history_end: extent.tail,
            catching_up: plan.follow,
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

    /// The next offset to look at: everything before it was delivered, did not match, or was told as a gap.
    #[must_use]
    pub fn position(&self) -> Offset {
        self.cursor.next
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

    /// Whether all that was stored when reading began has been looked at.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.cursor.next >= self.history_end && !matches!(self.wait, Wait::Start(_))
    }

    /// How many records it is going to deliver, when that is known without looking at any: not while it follows.
    #[must_use]
    pub fn known_total(&self) -> Option<u64> {
        let total = self.stream.known_count(&self.filter, self.cursor.next, self.cursor.end?)?;
        Some(total.min(self.cursor.remaining))
    }

    /// Ends before this offset, if not earlier.
    pub(crate) fn end_before(&mut self, end: Offset) {
        self.cursor.end = Some(self.cursor.end.map_or(end, |known| known.min(end)));
    }

    /// From now on, ends where the tail stands now.
    pub fn end_at_tail(&mut self) {
        let tail = self.stream.tail();
        self.cursor.end = Some(self.cursor.end.map_or(tail, |end| end.min(tail)));
        if matches!(self.wait, Wait::Tail(_)) {
            self.wait = Wait::Nothing;
        }
    }

    /// Ready when the start is known: at once, except after [`Start::Last`], where the records are to be found first.
    pub fn poll_located(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ReadError>> {
        if matches!(self.wait, Wait::Start(_)) {
            return self.poll_wait(cx).map_ok(|_| ());
        }
        Poll::Ready(Ok(()))
    }

    /// The next delivery. `None` after [`Delivery::End`].
    pub fn poll_delivery(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Delivery, ReadError>>> {
        let mut budget = self.stream.limits().scan_bytes_per_poll;
        loop {
            if self.done {
                return Poll::Ready(None);
            }
            if self.stream.is_deleted() {
                self.done = true;
                return Poll::Ready(Some(Err(ReadError::Deleted)));
            }
            match self.poll_wait(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Ok(Some(gap))) => return Poll::Ready(Some(Ok(gap))),
                Poll::Ready(Ok(None)) => {}
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

    /// Waits for what there is to wait for. A range that the disk cannot give becomes a gap.
    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Delivery>, ReadError>> {
        let outcome = match &mut self.wait {
            Wait::Nothing => return Poll::Ready(Ok(None)),
            Wait::Tail(tail) => tail.as_mut().poll(cx).map(|_| Ok(None)),
            Wait::Start(start) => start.as_mut().poll(cx).map_ok(|start| {
                self.cursor.next = start;
                self.read_up_to = start;
                None
            }),
            Wait::Disk(read) => match read.as_mut().poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(run) => Poll::Ready(self.take_run(run)),
            },
        };
        if outcome.is_ready() {
            self.wait = Wait::Nothing;
        }
        outcome
    }

    fn take_run(&mut self, run: Result<ReadRun, ReadError>) -> Result<Option<Delivery>, ReadError> {
        match run {
            Ok(run) => {
                self.read = run.frames.into();
                self.read_up_to = run.next;
                Ok(None)
            }
            // The next step sees the new head and tells the gap.
            Err(ReadError::Trimmed { .. }) => Ok(None),
            Err(ReadError::Gap { from, to }) => Ok(Some(self.skip(from, to, GapCause::Quarantined))),
            Err(error @ ReadError::Corrupt { from, to, .. }) => {
                tell_corrupt(&self.stream, &error);
                Ok(Some(self.skip(from, to, GapCause::Quarantined)))
            }
            Err(error) => Err(error),
        }
    }

    /// One look: what the cursor says, done.
    fn turn(&mut self) -> Turn {
        if self.catching_up && self.is_live() {
            self.catching_up = false;
            self.cursor.live = true;
            return Turn::Deliver(Delivery::CaughtUp);
        }
        if let Some(turn) = self.look_through_read() {
            return turn;
        }
        match self.cursor.step(&self.stream.extent()) {
            Step::Gap { from, to, cause } => Turn::Deliver(self.skip(from, to, cause)),
            Step::End(end) => {
                self.done = true;
                Turn::Deliver(Delivery::End(end))
            }
            Step::AtTail => {
                let past = self.stream.tail_reader().past(self.cursor.next);
                self.wait = Wait::Tail(Box::pin(past));
                Turn::Wait
            }
            Step::Disk { up_to } => {
                let read = self.stream.clone().read_disk(self.cursor.next, up_to, self.filter.clone());
                self.wait = Wait::Disk(Box::pin(read));
                Turn::Wait
            }
            Step::Memory { up_to } => match self.stream.frame_at(self.cursor.next) {
                Some(frame) => self.look_through(&frame, up_to),
                // It was evicted in between: the next step will say so.
                None => Turn::Scanned(0),
            },
        }
    }

    /// Looks through a frame that came from disk, if there is one.
    fn look_through_read(&mut self) -> Option<Turn> {
        if self.cursor.remaining == 0 || self.cursor.end.is_some_and(|end| end <= self.cursor.next) {
            // A frame may reach beyond the end.
            self.read.clear();
            return None;
        }
        let end = self.cursor.end.unwrap_or(self.read_up_to).min(self.read_up_to);
        while let Some(frame) = self.read.front() {
            // The last one may go on behind what was asked for.
            if frame.index_from(self.cursor.next) >= frame.index_from(end) {
                self.read.pop_front();
                continue;
            }
            let frame = Arc::clone(frame);
            // What lies between was refused by the filter without being read.
            self.advance_to(frame.first_offset());
            let turn = self.look_through(&frame, end);
            if frame.next_offset() <= self.cursor.next {
                // A reader that stops now holds no frame that it is done with.
                self.read.pop_front();
            }
            return Some(turn);
        }
        if self.read_up_to <= self.cursor.next {
            return None;
        }
        self.advance_to(end);
        Some(Turn::Scanned(0))
    }

    fn look_through(&mut self, frame: &Arc<Frame>, up_to: Offset) -> Turn {
        let all = frame.index_from(self.cursor.next)..frame.index_from(up_to);
        // A filter that is slow by the byte looks at less than a frame at a time.
        let run = frame.run_within(all, self.filter.step_bytes());
        let end = if run.is_empty() { up_to } else { frame.offset_of(run.end - 1).plus(1) };
        let bytes = frame.record_span(run.clone()).len();
        let Some(picked) = frame.pick(&self.filter, run) else {
            self.advance_to(end);
            // After a slow step others run first.
            let slow = self.filter.step_bytes() < MAX_FRAME_BYTES;
            return Turn::Scanned(if slow { usize::MAX } else { bytes });
        };
        let wanted = usize::try_from(self.cursor.remaining).unwrap_or(usize::MAX);
        let picked = picked.first(wanted);
        self.cursor.remaining -= picked.len() as u64;
        self.delivered += picked.len() as u64;
        self.advance_to(if self.cursor.remaining == 0 { picked.next_offset() } else { end });
        Turn::Deliver(Delivery::Records(picked))
    }

    fn advance_to(&mut self, offset: Offset) {
        self.scanned += offset.since(self.cursor.next);
        self.cursor.next = self.cursor.next.max(offset);
    }

    fn skip(&mut self, from: Offset, to: Offset, cause: GapCause) -> Delivery {
        let from = from.max(self.cursor.next);
        self.cursor.next = self.cursor.next.max(to);
        self.read_up_to = self.cursor.next;
        self.read.clear();
        Delivery::Gap { from, to, cause }
    }
}

impl futures_core::Stream for Subscription {
    type Item = Result<Delivery, ReadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_delivery(cx)
    }
}
