//! A fixed distance from UTC.

use std::fmt;
use std::str::FromStr;

use jiff::tz::Offset;

use super::zone;
use crate::scan::Scanner;

/// A fixed distance from UTC, at most 18 hours, to the second. Written `Z`, `UTC`, `+02:00`, `-0530` or `+02`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct UtcOffset {
    seconds: i32,
}

/// The text or number is no [`UtcOffset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidOffset;

impl fmt::Display for InvalidOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "not an offset from utc: write `Z` or a sign, hours and minutes as in `+02:00`, at most 18 hours",
        )
    }
}

impl std::error::Error for InvalidOffset {}

impl UtcOffset {
    /// No distance.
    pub const UTC: Self = Self { seconds: 0 };

    const MAX_SECONDS: u32 = 18 * 3600;

    /// An offset in seconds, positive to the east.
    ///
    /// # Errors
    /// If it is over 18 hours either way.
    pub fn from_seconds(seconds: i32) -> Result<Self, InvalidOffset> {
        if seconds.unsigned_abs() <= Self::MAX_SECONDS { Ok(Self { seconds }) } else { Err(InvalidOffset) }
    }

    pub(crate) const fn hours(hours: i32) -> Self {
        assert!(hours.abs() <= 18, "an offset is at most 18 hours");
        Self { seconds: hours * 3600 }
    }

    /// The offset in seconds, positive to the east.
    #[must_use]
    pub fn seconds(self) -> i32 {
        self.seconds
    }

    pub(crate) fn to_jiff(self) -> Offset {
        Offset::from_seconds(self.seconds).expect("18 hours are within jiff's bound of almost 26")
    }
}

impl FromStr for UtcOffset {
    type Err = InvalidOffset;

    fn from_str(text: &str) -> Result<Self, InvalidOffset> {
        let mut scanner = Scanner::new(text.trim_ascii());
        let offset = zone::adjacent(&mut scanner).or_else(|| zone::named(&mut scanner));
        offset.filter(|_| scanner.is_done()).ok_or(InvalidOffset)
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, seconds) = (if self.seconds < 0 { '-' } else { '+' }, self.seconds.abs());
        write!(formatter, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
        if seconds % 60 == 0 { Ok(()) } else { write!(formatter, ":{:02}", seconds % 60) }
    }
}
