//! Points in time as people write them.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp, Zoned};

/// The forms, for messages.
const FORMS: &str = "2026-11-22T10:00:00Z, \"2026-11-22 10:00\", 2026-11-22, 10:00, 5m or -5m or \
                     \"5 minutes ago\", +5m, now, today, yesterday, tomorrow, @unixseconds, Unix nanoseconds";

/// Reads a bound in time: Unix nanoseconds, at least 1 since 0 means "no bound" on the wire. `now` says what "now" and "here" are: times without a zone are
/// in its zone.
///
/// # Errors
/// That it is no time, and which forms there are.
pub fn parse(text: &str, now: &Zoned) -> Result<u64, String> {
    let text = text.trim();
    let time = named(text, now)
        .or_else(|| unix_seconds(text))
        .or_else(|| unix_nanos(text))
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| civil(text, now))
        .or_else(|| relative(text, now))
        .ok_or_else(|| format!("it is not a time; forms: {FORMS}"))?;
    let nanos = time.as_nanosecond();
    if nanos < 0 {
        return Err("it is before 1970".to_owned());
    }
    u64::try_from(nanos).map(|nanos| nanos.max(1)).map_err(|_| "it is after the year 2554".to_owned())
}

fn named(text: &str, now: &Zoned) -> Option<Timestamp> {
    let day = match text.to_ascii_lowercase().as_str() {
        "now" => return Some(now.timestamp()),
        "today" => now.clone(),
        "yesterday" => now.yesterday().ok()?,
        "tomorrow" => now.tomorrow().ok()?,
        _ => return None,
    };
    Some(day.start_of_day().ok()?.timestamp())
}

/// `@1732269600` or `@1732269600.25`.
fn unix_seconds(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = match text.strip_prefix('@')?.split_once('.') {
        Some((seconds, fraction)) => (seconds, fraction),
        None => (&text[1..], ""),
    };
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    let seconds: u64 = seconds.parse().ok()?;
    Timestamp::new(i64::try_from(seconds).ok()?, nanos).ok()
}

/// `1732269600000000000`: of digits so many that nothing else can be meant.
fn unix_nanos(text: &str) -> Option<Timestamp> {
    let is_nanos = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_nanos.then(|| text.parse().ok().and_then(|nanos| Timestamp::from_nanosecond(nanos).ok()))?
}

/// A date, a time of today, or both.
fn civil(text: &str, now: &Zoned) -> Option<Timestamp> {
    let time = if let Ok(date) = text.parse::<Date>()
        && text.len() <= "2026-11-22".len()
    {
        date.at(0, 0, 0, 0)
    } else if let Ok(time) = text.parse::<Time>()
        && text.contains(':')
        && !text.contains(['-', ' '])
    {
        now.date().to_datetime(time)
    } else {
        text.parse::<DateTime>().ok()?
    };
    Some(time.to_zoned(now.time_zone().clone()).ok()?.timestamp())
}

/// `5m`, `-5m`, `1h30m ago`: so long ago. `+5m`: in so long.
fn relative(text: &str, now: &Zoned) -> Option<Timestamp> {
    let (ahead, span) = match text.strip_prefix('+') {
        Some(span) => (true, span),
        None => (false, text.strip_prefix('-').unwrap_or(text)),
    };
    let span = span.strip_suffix("ago").map_or(span, str::trim_end);
    if !span.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let span: Span = span.parse().ok()?;
    let time = if ahead { now.checked_add(span) } else { now.checked_sub(span) };
    Some(time.ok()?.timestamp())
}

#[cfg(test)]
mod tests;
