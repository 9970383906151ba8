//! The zone of times that name none.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use spile_lines::UtcOffset;

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// How far it is from UTC at a moment.
    #[must_use]
    pub fn offset(&self, unix_nano: u64) -> UtcOffset {
        let moment = Timestamp::from_nanosecond(i128::from(unix_nano)).unwrap_or(Timestamp::UNIX_EPOCH);
        UtcOffset::from_seconds(self.0.to_offset(moment).seconds()).unwrap_or(UtcOffset::UTC)
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "local" {
            return TimeZone::try_system()
                .map(Self)
                .map_err(|error| format!("the system's zone is not known: {error}"));
        }
        if let Ok(offset) = text.parse::<UtcOffset>() {
            let offset =
                jiff::tz::Offset::from_seconds(offset.seconds()).map_err(|error| error.to_string())?;
            return Ok(Self(TimeZone::fixed(offset)));
        }
        TimeZone::get(text).map(Self).map_err(|_| {
            format!("{text:?} is no zone; write local, UTC, an offset as +02:00, or a name as Europe/Berlin")
        })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("a zone of its own"))
    }
}
