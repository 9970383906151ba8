//! A record's place in the order of time, and a reader's position in that order.

use crate::offset::Offset;

/// Where a record stands when records are ordered by time, and those of the same time by offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeKey {
    /// The record's time, Unix nanoseconds.
    pub unix_nano: u64,
    /// Its offset.
    pub offset: Offset,
}

impl TimeKey {
    /// The first place.
    pub const FIRST: Self = Self { unix_nano: 0, offset: Offset::ZERO };

    /// The place right behind this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self { offset: self.offset.plus(1), ..self }
    }
}

/// A position in a reading by time: what was delivered lies before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimePosition {
    /// The first place that is not delivered.
    pub next: TimeKey,
    /// What was appended from here on is not part of it: the tail when the reading began.
    pub end: Offset,
    /// What retention had removed when that was last told, or when the reading began, lies before this offset.
    pub floor: Offset,
}
