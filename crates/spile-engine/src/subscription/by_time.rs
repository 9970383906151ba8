//! Reading what is stored in the order of record time, over all tiers, in bounded memory.

#[cfg(test)]
mod tests;
mod window;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::delivery::{Delivery, Turn, Waits};
use crate::block::BlockInfo;
use crate::cursor::{End, GapCause};
use crate::filter::Filter;
use crate::frame::{Frame, MAX_FRAME_BYTES, Rows};
use crate::journal::ReadError;
use crate::offset::Offset;
use crate::segments::Part;
use crate::stream::{Found, Stream};
use crate::time_key::{TimeKey, TimePosition};
use window::{Window, Zone};

/// Records are given out in deliveries of about so many bytes.
const DELIVERY_BYTES: usize = 64 * 1024;

/// What a reader by time reads.
#[derive(Clone, Debug)]
pub struct ByTimePlan {
    /// Where it goes on; `None`: from the earliest record of what is stored now.
    pub resume: Option<TimePosition>,
    /// Which records are delivered.
    pub filter: Filter,
    /// At most this many records; `None`: no limit.
    pub limit: Option<u64>,
}

/// Reads what is stored when it begins by record time, then by offset, pulled by polling.
///
/// However the times lie, it holds records of at most [`Limits::time_order_bytes`](crate::Limits::time_order_bytes), the definitions of
/// the resources that they name, one read from disk or a few frames of memory, and a few dozen bytes for each block of the stream. Where
/// times ascend more or less it reads everything once; the first record comes when no block that begins earlier is unread. Dropping it
/// frees all of it.
///
/// Quarantined ranges are told first. What retention removes while it reads is told as one range, of which some may have been delivered.
/// Yields `Err` when the disk fails; the position is kept, and the next poll tries again.
pub struct ByTime {
    stream: Stream,
    filter: Filter,
    position: TimePosition,
    remaining: u64,
    window: Window,
    open: Option<Open>,
    wait: Option<Wait>,
    /// Gaps that are still to be told, and quarantined ranges that were.
    gaps: VecDeque<(Offset, Offset, GapCause)>,
    told: Vec<(Offset, Offset)>,
    fresh: bool,
    scanned: u64,
    delivered: u64,
    done: bool,
}

/// What it waits for.
enum Wait {
    /// The start of the rest of the open zone.
    Range(Waits<Result<Found, ReadError>>),
    /// What the open zone consists of.
    Parts(Waits<Result<Vec<Part>, ReadError>>),
}

/// The zone that is being read.
struct Open {
    at: Offset,
    to: Offset,
    /// Passes over what was taken before.
    filter: Filter,
    /// Frames that are not looked through yet, and the offset up to which there are no others.
    frames: VecDeque<Arc<Frame>>,
    next: Offset,
}

impl ByTime {
    pub(crate) fn new(stream: Stream, plan: ByTimePlan) -> Self {
        let extent = stream.extent();
        let begin = TimePosition { next: TimeKey::FIRST, end: extent.tail, floor: extent.head };
        let position = plan.resume.unwrap_or(begin);
        let fresh = position.next == TimeKey::FIRST;
        let mut reader = Self {
            window: Window::new(zones(&stream, &plan.filter, &position), stream.limits().time_order_bytes),
            filter: plan.filter,
            position,
            remaining: plan.limit.unwrap_or(u64::MAX),
            open: None,
            wait: None,
            gaps: VecDeque::new(),
            told: stream.gaps_between(extent.head, position.end),
            fresh,
            scanned: 0,
            delivered: 0,
            done: false,
            stream,
        };
        reader.tell_removed();
        if fresh {
            let quarantined = reader.told.iter().map(|&(from, to)| (from, to, GapCause::Quarantined));
            reader.gaps.extend(quarantined);
        }
        reader
    }

    /// The stream that is read.
    #[must_use]
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Where to resume.
    #[must_use]
    pub fn position(&self) -> TimePosition {
        self.position
    }

    /// How many records were looked at; those that were looked at again count again.
    #[must_use]
    pub fn scanned(&self) -> u64 {
        self.scanned
    }

    /// How many records were delivered.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// How many bytes the records that it holds are charged; within [`Limits::time_order_bytes`](crate::Limits::time_order_bytes), unless it
    /// is a single record that is more.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.window.bytes()
    }

    /// How many records it is going to deliver, when that is known without looking at any.
    #[must_use]
    pub fn known_total(&self) -> Option<u64> {
        let whole = self.fresh.then_some((Offset::ZERO, self.position.end))?;
        let total = self.stream.known_count(&self.filter, whole.0, whole.1)?;
        Some(total.min(self.remaining))
    }

    /// The next delivery; its records are in the order of time. `None` after [`Delivery::End`].
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
            if let Err(error) = ready!(self.poll_wait(cx)) {
                return Poll::Ready(Some(Err(error)));
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

    /// Waits for what there is to wait for, and takes it in.
    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ReadError>> {
        let taken = match &mut self.wait {
            None => return Poll::Ready(Ok(())),
            Some(Wait::Range(read)) => ready!(read.as_mut().poll(cx)).map(|found| self.take(found)),
            Some(Wait::Parts(parts)) => ready!(parts.as_mut().poll(cx)).map(|parts| self.divide(&parts)),
        };
        self.wait = None;
        if taken.is_err() {
            // It is begun anew.
            self.open = None;
            self.window.abandon_zone();
        }
        Poll::Ready(taken)
    }

    /// Reads the parts of the zone in its place.
    fn divide(&mut self, parts: &[Part]) {
        let matching =
            |part: &&Part| part.matching.as_ref().is_none_or(|counts| counts.iter().any(|n| *n > 0));
        let parts = parts.iter().filter(matching);
        let zones = parts.filter_map(|part| zone(&part.block, &self.filter, &self.position)).collect();
        self.window.divide_zone(zones);
    }

    /// Takes in what was found at the start of the rest of the open zone.
    fn take(&mut self, found: Found) {
        let Some(open) = &mut self.open else { return };
        match found {
            Found::Frames { frames, next } => {
                self.scanned += next.since(open.at);
                (open.frames, open.next) = (frames.into(), next);
            }
            Found::Missing { to, cause } => {
                let from = std::mem::replace(&mut open.at, to);
                match cause {
                    GapCause::Retention => self.tell_removed(),
                    _ => self.tell_lost(from, to),
                }
            }
        }
    }

    /// One step.
    fn turn(&mut self) -> Turn<Rows> {
        if self.remaining == 0 {
            return self.end(End::Limit);
        }
        if let Some((from, to, cause)) = self.gaps.pop_front() {
            return Turn::Deliver(Delivery::Gap { from, to, cause });
        }
        if self.open.is_some() {
            return self.read_on();
        }
        if let Some((rows, next)) = self.window.give_out(self.remaining, DELIVERY_BYTES) {
            self.remaining -= rows.len() as u64;
            self.delivered += rows.len() as u64;
            self.position.next = next;
            return Turn::Deliver(Delivery::Records(rows));
        }
        let Some(zone) = self.window.open_zone() else { return self.end(End::EndOfHistory) };
        if let Some(block) = zone.whole {
            let parts = self.stream.clone().divide(*block, self.filter.clone());
            self.wait = Some(Wait::Parts(Box::pin(parts)));
            return Turn::Wait;
        }
        let since = zone.lower.unix_nano;
        let filter = self.filter.and_time((since > 0).then_some(since), None);
        let (at, to) = (zone.from, zone.to);
        self.open = Some(Open { at, to, filter, frames: VecDeque::new(), next: at });
        Turn::Scanned(0)
    }

    fn end(&mut self, end: End) -> Turn<Rows> {
        self.done = true;
        Turn::Deliver(Delivery::End(end))
    }

    /// A step through the open zone.
    fn read_on(&mut self) -> Turn<Rows> {
        let Some(open) = &mut self.open else { return Turn::Scanned(0) };
        let Some(frame) = open.frames.front().map(Arc::clone) else {
            open.at = open.at.max(open.next);
            if open.at < open.to {
                let read = self.stream.clone().read_range(open.at, open.to, open.filter.clone());
                self.wait = Some(Wait::Range(Box::pin(read)));
                return Turn::Wait;
            }
            self.window.close_zone();
            self.open = None;
            return Turn::Scanned(0);
        };
        let all = frame.index_from(open.at)..frame.index_from(open.next);
        // A filter that is slow by the byte looks at less than a frame at a time.
        let run = frame.run_within(all.clone(), open.filter.step_bytes());
        let bytes = frame.record_span(run.clone()).len();
        if run.end == all.end {
            open.frames.pop_front();
        } else {
            open.at = frame.offset_of(run.end);
        }
        let mut picked = Vec::new();
        open.filter.select(&frame, run, &mut picked);
        picked.iter().for_each(|&at| self.window.offer(&frame, at as usize));
        // After a slow step others run first.
        let slow = self.filter.step_bytes() < MAX_FRAME_BYTES;
        Turn::Scanned(if slow { usize::MAX } else { bytes })
    }

    /// Tells what retention has removed since it was last told.
    fn tell_removed(&mut self) {
        let head = self.stream.extent().head.min(self.position.end);
        if head > self.position.floor {
            let from = std::mem::replace(&mut self.position.floor, head);
            self.gaps.push_back((from, head, GapCause::Retention));
        }
    }

    /// Tells a range that is found damaged, once.
    fn tell_lost(&mut self, from: Offset, to: Offset) {
        if !self.told.iter().any(|told| told.0 <= from && to <= told.1) {
            self.told.push((from, to));
            self.gaps.push_back((from, to, GapCause::Quarantined));
        }
    }
}

/// The blocks that may have records at or behind a position.
fn zones(stream: &Stream, filter: &Filter, position: &TimePosition) -> Vec<Zone> {
    let blocks = stream.blocks(Offset::ZERO, position.end);
    blocks.iter().filter_map(|block| zone(block, filter, position)).collect()
}

/// A block as a zone, unless nothing of it can be wanted.
fn zone(block: &BlockInfo, filter: &Filter, position: &TimePosition) -> Option<Zone> {
    let summary = &block.summary;
    let has_records = summary.min_time_unix_nano <= summary.max_time_unix_nano;
    let wanted = summary.max_time_unix_nano >= position.next.unix_nano && filter.may_match(summary);
    let earliest = TimeKey { unix_nano: summary.min_time_unix_nano, offset: block.from };
    let whole = block.divisible.then(|| Box::new(block.clone()));
    (has_records && wanted).then(|| Zone {
        from: block.from,
        to: block.to,
        lower: earliest.max(position.next),
        whole,
    })
}

impl futures_core::Stream for ByTime {
    type Item = Result<Delivery<Rows>, ReadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_delivery(cx)
    }
}
