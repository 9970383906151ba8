//! Reads civil times in the spellings of log lines. Each function moves the scanner only if it succeeds.

use super::{Civil, Clock, Date, zone};
use crate::scan::Scanner;

/// A numeric date and time: `2024-01-31 23:59:59,123`, `2024/01/31 23:59:59`, `2024-01-31T23:59:59.123456789+01:00`; also with dots
/// between the parts of the date. The zone may follow directly or after a blank; `T`, `t`, `_`, `:` or blanks stand before the hour.
pub(crate) fn numeric(scanner: &mut Scanner<'_>) -> Option<Civil> {
    let mut ahead = *scanner;
    let year = i16::try_from(ahead.digits(4, 4)?).ok()?;
    let separator = ahead.eat_any(b"-/.")?;
    let month = ahead.two()?;
    if !ahead.eat(separator) {
        return None;
    }
    let day = ahead.two()?;
    ahead.eat_any(b"Tt _:")?;
    let clock = clock(&mut ahead)?;
    let offset = zone(&mut ahead);
    *scanner = ahead;
    Some(Civil { date: Date::Full { year, month, day }, clock, offset })
}

/// A time of day: `23:59:59` with an optional fraction after `.`, `,` or `:`. A one-digit hour may stand after a blank. No zone.
pub(crate) fn clock(scanner: &mut Scanner<'_>) -> Option<Clock> {
    let mut ahead = *scanner;
    let hour = if ahead.eat(b' ') { u8::try_from(ahead.digits(1, 1)?).ok()? } else { ahead.two()? };
    if !ahead.eat(b':') {
        return None;
    }
    let minute = ahead.two()?;
    if !ahead.eat(b':') {
        return None;
    }
    let second = ahead.two()?;
    if ahead.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos = fraction(&mut ahead).unwrap_or(0);
    *scanner = ahead;
    Some(Clock { hour, minute, second, nanos })
}

/// A fraction of a second as nanoseconds; digits after the ninth are left out.
fn fraction(scanner: &mut Scanner<'_>) -> Option<u32> {
    let mut ahead = *scanner;
    ahead.eat_any(b".,:")?;
    let before = ahead.bytes().len();
    let digits = ahead.digits(1, 9)?;
    let count = before - ahead.bytes().len();
    while ahead.digits(1, 9).is_some() {}
    *scanner = ahead;
    Some(digits * 10_u32.pow(9 - u32::try_from(count).ok()?))
}

/// A month's English name of three letters.
fn month_name(scanner: &mut Scanner<'_>) -> Option<u8> {
    let month = match scanner.bytes().get(..3)? {
        b"Jan" | b"jan" | b"JAN" => 1,
        b"Feb" | b"feb" | b"FEB" => 2,
        b"Mar" | b"mar" | b"MAR" => 3,
        b"Apr" | b"apr" | b"APR" => 4,
        b"May" | b"may" | b"MAY" => 5,
        b"Jun" | b"jun" | b"JUN" => 6,
        b"Jul" | b"jul" | b"JUL" => 7,
        b"Aug" | b"aug" | b"AUG" => 8,
        b"Sep" | b"sep" | b"SEP" => 9,
        b"Oct" | b"oct" | b"OCT" => 10,
        b"Nov" | b"nov" | b"NOV" => 11,
        b"Dec" | b"dec" | b"DEC" => 12,
        _ => return None,
    };
    scanner.skip(3);
    Some(month)
}

/// Syslog's `Jan  2 15:04:05`: also with a fraction, with the year before the time of day (`Jan  2 2006 15:04:05`), or after it.
pub(crate) fn month_name_day(scanner: &mut Scanner<'_>) -> Option<Civil> {
    let mut ahead = *scanner;
    let month = month_name(&mut ahead)?;
    if !ahead.eat(b' ') {
        return None;
    }
    ahead.eat(b' ');
    let day = u8::try_from(ahead.digits(1, 2)?).ok()?;
    ahead.eat(b',');
    if !ahead.eat(b' ') {
        return None;
    }
    let mut year = four_digits_and(&mut ahead, b' ');
    let clock = clock(&mut ahead)?;
    let offset = zone(&mut ahead);
    if year.is_none() {
        let mut after = ahead;
        if after.eat(b' ') {
            let digits = after.digits(4, 4);
            let ends = after.peek().is_none_or(|byte| matches!(byte, b' ' | b']' | b':'));
            if let Some(found) = digits.filter(|found| ends && (1970..2555).contains(found)) {
                year = i16::try_from(found).ok();
                ahead = after;
            }
        }
    }
    *scanner = ahead;
    let date = match year {
        Some(year) => Date::Full { year, month, day },
        None => Date::NoYear { month, day },
    };
    Some(Civil { date, clock, offset })
}

fn four_digits_and(scanner: &mut Scanner<'_>, byte: u8) -> Option<i16> {
    let mut ahead = *scanner;
    let year = ahead.digits(4, 4)?;
    if !ahead.eat(byte) {
        return None;
    }
    *scanner = ahead;
    i16::try_from(year).ok()
}

/// The C library's long form, as in Apache's error log: `Sun Dec 04 04:47:44.123456 2005`.
pub(crate) fn long(scanner: &mut Scanner<'_>) -> Option<Civil> {
    let mut ahead = *scanner;
    if !matches!(ahead.bytes().get(..3)?, b"Mon" | b"Tue" | b"Wed" | b"Thu" | b"Fri" | b"Sat" | b"Sun") {
        return None;
    }
    ahead.skip(3);
    ahead.eat(b',');
    if !ahead.eat(b' ') {
        return None;
    }
    let civil = month_name_day(&mut ahead).or_else(|| dashed_day(&mut ahead))?;
    *scanner = ahead;
    Some(civil)
}

/// A day before the month's name: `31-Jan-2024 23:59:59.123`, `31 Jan 2024 23:59:59,123`.
pub(crate) fn dashed_day(scanner: &mut Scanner<'_>) -> Option<Civil> {
    let mut ahead = *scanner;
    let day = u8::try_from(ahead.digits(1, 2)?).ok()?;
    let separator = ahead.eat_any(b"- ")?;
    let month = month_name(&mut ahead)?;
    if !ahead.eat(separator) {
        return None;
    }
    let year = i16::try_from(ahead.digits(4, 4)?).ok()?;
    if !ahead.eat(b' ') {
        return None;
    }
    let clock = clock(&mut ahead)?;
    let offset = zone(&mut ahead);
    *scanner = ahead;
    Some(Civil { date: Date::Full { year, month, day }, clock, offset })
}

/// The access log's `31/Jan/2024:23:59:59 +0100`.
pub(crate) fn access_log(scanner: &mut Scanner<'_>) -> Option<Civil> {
    let mut ahead = *scanner;
    let day = ahead.two()?;
    if !ahead.eat(b'/') {
        return None;
    }
    let month = month_name(&mut ahead)?;
    if !ahead.eat(b'/') {
        return None;
    }
    let year = i16::try_from(ahead.digits(4, 4)?).ok()?;
    if !ahead.eat(b':') {
        return None;
    }
    let clock = clock(&mut ahead)?;
    let offset = zone(&mut ahead);
    *scanner = ahead;
    Some(Civil { date: Date::Full { year, month, day }, clock, offset })
}

/// A month and a day in digits, as logcat and glog write them, then a blank and the time of day.
/// `separator` stands between month and day, if there is one.
pub(crate) fn month_day(scanner: &mut Scanner<'_>, separator: Option<u8>) -> Option<Civil> {
    let mut ahead = *scanner;
    let month = ahead.two()?;
    if separator.is_some_and(|separator| !ahead.eat(separator)) {
        return None;
    }
    let day = ahead.two()?;
    if !ahead.eat(b' ') {
        return None;
    }
    let clock = clock(&mut ahead)?;
    *scanner = ahead;
    Some(Civil { date: Date::NoYear { month, day }, clock, offset: None })
}
