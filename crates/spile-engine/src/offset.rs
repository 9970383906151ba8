//! A record's position in its stream.

use std::fmt;

/// The position of a record in its stream: dense, from 0.
///
/// ```text
///   trimmed      retained            unwritten
/// ───────────┬──────────────────────┬──────────▶ offset
///            head                   tail
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub u64);

impl Offset {
    /// The first offset of every stream.
    pub const ZERO: Self = Self(0);

    /// The offset `count` records later. Saturates: a stream never comes near 2^64 records.
    #[must_use]
    pub fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// How many records lie between `earlier` and this offset; 0 when `earlier` is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
