//! Times in log lines: civil times as written, resolved to nanoseconds since 1970 with what the line leaves out assumed.

mod assume;
mod epoch;
mod offset;
mod read;
mod zone;

use jiff::civil::DateTime;

pub(crate) use epoch::{from_number, from_parts};
pub use offset::{InvalidOffset, UtcOffset};
pub(crate) use read::{access_log, clock, dashed_day, long, month_day, month_name_day, numeric};
pub(crate) use zone::zone;

pub(crate) const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// What is assumed for a time that does not say it itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    /// The present, nanoseconds since 1970.
    pub(crate) now: u64,
    /// The zone of times without one.
    pub(crate) offset: UtcOffset,
}

/// A point in time, as resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Nanoseconds since 1970 UTC.
    pub(crate) nanos: u64,
    /// Whether the zone was assumed.
    pub(crate) zone_assumed: bool,
}

impl Stamp {
    /// A point that needed no assumption. `None` before 1970 or after 2554.
    pub(crate) fn exact(nanos: i128) -> Option<Self> {
        Some(Self { nanos: u64::try_from(nanos).ok()?, zone_assumed: false })
    }
}

/// The date of a civil time, as far as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Date {
    Full { year: i16, month: u8, day: u8 },
    NoYear { month: u8, day: u8 },
    None,
}

/// The time of day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) nanos: u32,
}

/// A time as a line writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) date: Date,
    pub(crate) clock: Clock,
    /// `None`: no zone is written.
    pub(crate) offset: Option<UtcOffset>,
}

impl Civil {
    pub(crate) fn full(year: i16, month: u8, day: u8, clock: Clock) -> Self {
        Self { date: Date::Full { year, month, day }, clock, offset: None }
    }

    /// The point in time. `None` if there is no such date or time of day, or it is before 1970 or after 2554.
    pub(crate) fn resolve(&self, context: &Context) -> Option<Stamp> {
        let offset = self.offset.unwrap_or(context.offset);
        let nanos = match self.date {
            Date::Full { year, month, day } => self.clock.on(year, month, day, offset)?,
            Date::NoYear { month, day } => assume::year(month, day, self.clock, offset, context.now)?,
            Date::None => assume::day(self.clock, offset, context.now)?,
        };
        let nanos = u64::try_from(nanos).ok()?;
        Some(Stamp { nanos, zone_assumed: self.offset.is_none() })
    }
}

impl Clock {
    /// Nanoseconds since 1970 of this time of day on a date. A leap second is taken for the second after 59.
    fn on(self, year: i16, month: u8, day: u8, offset: UtcOffset) -> Option<i128> {
        let leap = self.second == 60;
        let second = if leap { 59 } else { self.second };
        let signed = |number: u8| i8::try_from(number).ok();
        let civil = DateTime::new(
            year,
            signed(month)?,
            signed(day)?,
            signed(self.hour)?,
            signed(self.minute)?,
            signed(second)?,
            i32::try_from(self.nanos).ok()?,
        );
        let nanos = offset.to_jiff().to_timestamp(civil.ok()?).ok()?.as_nanosecond();
        Some(if leap { nanos + NANOS_PER_SECOND } else { nanos })
    }
}

#[cfg(test)]
mod tests;
