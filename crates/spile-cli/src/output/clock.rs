//! Times as they are printed.

use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

const MILLIS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
const SECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(0));

/// Prints times in one zone.
#[derive(Debug)]
pub(crate) struct Clock {
    /// `None` is UTC, printed with a Z.
    zone: Option<TimeZone>,
}

impl Clock {
    /// UTC, or the zone that this machine is in.
    pub(crate) fn new(local: bool) -> Self {
        Self { zone: local.then(TimeZone::system) }
    }

    #[cfg(test)]
    pub(crate) fn in_zone(zone: TimeZone) -> Self {
        Self { zone: Some(zone) }
    }

    /// Appends Unix nanoseconds as RFC 3339 in milliseconds.
    pub(crate) fn millis(&self, unix_nanos: u64, out: &mut String) {
        self.print(&MILLIS, unix_nanos, out);
    }

    /// As [`millis`](Self::millis), in whole seconds.
    pub(crate) fn seconds(&self, unix_nanos: u64, out: &mut String) {
        self.print(&SECONDS, unix_nanos, out);
    }

    fn print(&self, printer: &DateTimePrinter, unix_nanos: u64, out: &mut String) {
        let time = timestamp(unix_nanos);
        let printed = match &self.zone {
            None => printer.print_timestamp(&time, &mut *out),
            Some(zone) => printer.print_timestamp_with_offset(&time, zone.to_offset(time), &mut *out),
        };
        printed.expect("a String takes everything");
    }

    /// Unix nanoseconds as a date and time of the zone.
    pub(crate) fn zoned(&self, unix_nanos: u64) -> Zoned {
        timestamp(unix_nanos).to_zoned(self.zone.clone().unwrap_or(TimeZone::UTC))
    }

    /// Whether times are printed in UTC, with a Z.
    pub(crate) fn is_utc(&self) -> bool {
        self.zone.is_none()
    }
}

fn timestamp(unix_nanos: u64) -> Timestamp {
    Timestamp::from_nanosecond(unix_nanos.into()).expect("64 bits of nanoseconds end in the year 2554")
}
