//! A reader's position, and the pure decision of what it does next.

#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::offset::Offset;

/// Where a stream stands at one moment.
///
/// ```text
///           head              ring                tail
/// ───────────┬─────────────────┬───────────────────┬──────▶ offset
///   trimmed     disk              disk and memory    unwritten
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// First retained offset.
    pub head: Offset,
    /// First offset that is in memory.
    pub ring: Offset,
    /// First unwritten offset.
    pub tail: Offset,
}

/// What a reader does for a range that memory no longer holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LossPolicy {
    /// Read it from disk: nothing is skipped.
    #[default]
    CatchUp,
    /// Once it has been live, skip to what memory holds, and say so.
    SkipToLive,
}

/// Why a range is not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapCause {
    /// Retention removed it.
    Retention,
    /// The reader's loss policy skipped it; it is still stored.
    Lagged,
    /// It was found corrupt and set aside.
    Quarantined,
}

/// Why a reader came to its end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The number of records asked for was delivered.
    Limit,
    /// All that was stored when reading began was delivered.
    EndOfHistory,
}

/// The next step of a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The range is not readable; go on behind it.
    Gap {
        /// First offset that is missed.
        from: Offset,
        /// First offset that is not.
        to: Offset,
        /// Why.
        cause: GapCause,
    },
    /// Read from memory, from the cursor's position up to this offset (exclusive).
    Memory {
        /// Where to stop.
        up_to: Offset,
    },
    /// Read from disk, from the cursor's position up to this offset (exclusive).
    Disk {
        /// Where to stop.
        up_to: Offset,
    },
    /// All is read; wait for the tail to move.
    AtTail,
    /// Done.
    End(End),
}

/// A reader's position in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The next offset to look at.
    pub next: Offset,
    /// Reading ends before this offset; `None`: never.
    pub end: Option<Offset>,
    /// How many more records may be delivered.
    pub remaining: u64,
    /// What to do when memory no longer holds the position.
    pub loss_policy: LossPolicy,
    /// Whether the reader has been at the tail: from then on `SkipToLive` holds.
    pub live: bool,
}

impl Cursor {
    /// What to do next. Depends on nothing but the two positions.
    #[must_use]
    pub fn step(&self, extent: &Extent) -> Step {
        debug_assert!(extent.head <= extent.ring && extent.ring <= extent.tail);
        let end = self.end.unwrap_or(Offset(u64::MAX));
        if self.remaining == 0 {
            return Step::End(End::Limit);
        }
        if self.next >= end {
            return Step::End(End::EndOfHistory);
        }
        if self.next < extent.head {
            let to = extent.head.min(end);
            return Step::Gap { from: self.next, to, cause: GapCause::Retention };
        }
        let up_to = extent.tail.min(end);
        if self.next >= up_to {
            return Step::AtTail;
        }
        if self.next >= extent.ring {
            return Step::Memory { up_to };
        }
        if self.live && self.loss_policy == LossPolicy::SkipToLive {
            let to = extent.ring.min(end);
            return Step::Gap { from: self.next, to, cause: GapCause::Lagged };
        }
        Step::Disk { up_to: extent.ring.min(end) }
    }
}

/// Why a cursor token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Not something that Spile gave out.
    #[error("this is not a cursor that spile gave out; pass one unchanged, as it came in a response")]
    Malformed,
    /// Of a reading by time, where one by offset is wanted.
    #[error("the cursor came on a call by time; pass it to one of that order, or start anew")]
    ByTime,
    /// Of a reading by offset, where one by time is wanted.
    #[error(
        "the cursor came on a call that was not by time; pass it to one by offset or newest first, or start anew"
    )]
    ByOffset,
    /// From a later version.
    #[error("the cursor has version {0}, which this server does not know; it comes from a newer one")]
    Version(u8),
}
