//! Ranges of record time, and how they are written.

use std::fmt;

use jiff::Timestamp;

use super::ast::Relation;

/// Record times from `first` to `last`, both included, Unix nanoseconds. Empty when `first` is after `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeRange {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl TimeRange {
    /// All time.
    pub(super) const ALL: Self = Self { first: 0, last: u64::MAX };

    /// No time.
    pub(super) const NONE: Self = Self { first: u64::MAX, last: 0 };

    /// The times that stand in this relation to `at`: at most two ranges.
    pub(super) fn related(relation: Relation, at: u64) -> Vec<Self> {
        let before = at.checked_sub(1).map_or(Self::NONE, |last| Self { first: 0, last });
        let after = at.checked_add(1).map_or(Self::NONE, |first| Self { first, last: u64::MAX });
        match relation {
            Relation::Equal => vec![Self { first: at, last: at }],
            Relation::NotEqual => vec![before, after],
            Relation::Less => vec![before],
            Relation::LessOrEqual => vec![Self { first: 0, last: at }],
            Relation::Greater => vec![after],
            Relation::GreaterOrEqual => vec![Self { first: at, last: u64::MAX }],
        }
    }

    /// The times at or after `since` and before `until`.
    pub(super) fn between(since: Option<u64>, until: Option<u64>) -> Self {
        let first = since.unwrap_or(0);
        match until {
            None => Self { first, last: u64::MAX },
            Some(0) => Self::NONE,
            Some(until) => Self { first, last: until - 1 },
        }
    }

    /// The times outside of it: at most two ranges.
    pub(super) fn complement(self) -> Vec<Self> {
        if self.is_empty() {
            return vec![Self::ALL];
        }
        let mut outside = Self::related(Relation::Less, self.first);
        outside.extend(Self::related(Relation::Greater, self.last));
        outside
    }

    pub(super) fn contains(self, time: u64) -> bool {
        self.first <= time && time <= self.last
    }

    pub(super) fn is_empty(self) -> bool {
        self.first > self.last
    }

    pub(super) fn intersection(self, other: Self) -> Self {
        Self { first: self.first.max(other.first), last: self.last.min(other.last) }
    }

    /// The smallest range that covers both.
    pub(super) fn hull(self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => Self { first: self.first.min(other.first), last: self.last.max(other.last) },
        }
    }

    /// Whether its text is two comparisons.
    pub(super) fn has_two_bounds(self) -> bool {
        self.first != 0 && self.last != u64::MAX && self.first != self.last
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return write!(f, "time={}", timestamp(self.first));
        }
        if self.first != 0 {
            write!(f, "time>={}", timestamp(self.first))?;
        }
        if self.has_two_bounds() {
            f.write_str(" ")?;
        }
        if self.last != u64::MAX {
            write!(f, "time<{}", timestamp(self.last + 1))?;
        }
        Ok(())
    }
}

/// Reads RFC 3339 into Unix nanoseconds. `None` when it is malformed, before 1970 or after July 2554.
pub(super) fn parse(text: &str) -> Option<u64> {
    let timestamp: Timestamp = text.parse().ok()?;
    u64::try_from(timestamp.as_nanosecond()).ok()
}

fn timestamp(unix_nano: u64) -> Timestamp {
    Timestamp::from_nanosecond(unix_nano.into())
        .expect("64 bits of nanoseconds end in 2554, long before the last timestamp")
}
