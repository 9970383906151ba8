//! What a time leaves out, taken from the present: the year, or the whole date.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Clock, NANOS_PER_SECOND, UtcOffset};

const DAY: i128 = 86_400 * NANOS_PER_SECOND;
const HOUR: i128 = 3600 * NANOS_PER_SECOND;

/// A time without a year: in the last year in which it is not more than a day after now. (A day's grace: zones, and clocks
/// that go ahead.) 29 February is looked for up to 8 years back.
pub(super) fn year(month: u8, day: u8, clock: Clock, offset: UtcOffset, now: u64) -> Option<i128> {
    let latest = i128::from(now) + DAY;
    let this_year = today(offset, now)?.year();
    (this_year - 8..=this_year + 1)
        .rev()
        .find_map(|year| clock.on(year, month, day, offset).filter(|nanos| *nanos <= latest))
}

/// A time without a date: the last one that is not more than an hour after now.
pub(super) fn day(clock: Clock, offset: UtcOffset, now: u64) -> Option<i128> {
    let latest = i128::from(now) + HOUR;
    let today = today(offset, now)?;
    let mut date = today.tomorrow().ok()?;
    for _ in 0..3 {
        let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
        let nanos = clock.on(date.year(), month, day, offset)?;
        if nanos <= latest {
            return Some(nanos);
        }
        date = date.yesterday().ok()?;
    }
    None
}

fn today(offset: UtcOffset, now: u64) -> Option<Date> {
    let now = Timestamp::from_nanosecond(i128::from(now)).ok()?;
    Some(offset.to_jiff().to_datetime(now).date())
}
