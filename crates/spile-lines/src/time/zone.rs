//! The zone after a time: an offset, `Z`, or one of the few names that have one meaning.

use super::UtcOffset;
use crate::scan::Scanner;

/// A zone directly at the time or after one blank. No step if there is none.
pub(crate) fn zone(scanner: &mut Scanner<'_>) -> Option<UtcOffset> {
    if let Some(offset) = adjacent(scanner) {
        // Java writes the region as well: `+01:00[Europe/Berlin]`.
        if matches!(scanner.peek_at(1), Some(b'A'..=b'Z')) && scanner.bytes().contains(&b'/') {
            scanner.group(b'[', b']');
        }
        return Some(offset);
    }
    let mut ahead = *scanner;
    if !ahead.eat(b' ') {
        return None;
    }
    // After a blank a sign may as well be a dash or a negative number: four digits, or two and two, must follow.
    let offset = match ahead.peek()? {
        b'+' | b'-' => {
            let from = ahead.bytes().len();
            let offset = adjacent(&mut ahead)?;
            let is_whole = from - ahead.bytes().len() >= 5;
            let ends =
                ahead.peek().is_none_or(|byte| matches!(byte, b' ' | b'\t' | b']' | b',' | b':' | b'|'));
            (is_whole && ends).then_some(offset)?
        }
        _ => named(&mut ahead)?,
    };
    *scanner = ahead;
    Some(offset)
}

/// `Z`, or a sign with `hh`, `hhmm` or `hh:mm`.
pub(super) fn adjacent(scanner: &mut Scanner<'_>) -> Option<UtcOffset> {
    let mut ahead = *scanner;
    let sign = match ahead.eat_any(b"Zz+-")? {
        b'+' => 1,
        b'-' => -1,
        _ => {
            let ends = ahead.peek().is_none_or(|byte| !byte.is_ascii_alphanumeric());
            return ends.then(|| {
                *scanner = ahead;
                UtcOffset::UTC
            });
        }
    };
    let hours = i32::from(ahead.two()?);
    let mut end = ahead;
    ahead.eat(b':');
    let minutes = match ahead.two() {
        Some(minutes) if minutes < 60 => {
            end = ahead;
            i32::from(minutes)
        }
        _ => 0,
    };
    let offset = UtcOffset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
    if end.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    *scanner = end;
    Some(offset)
}

/// A zone's name. Only names of one meaning: UTC's own, those of RFC 2822, and Central European Time.
pub(super) fn named(scanner: &mut Scanner<'_>) -> Option<UtcOffset> {
    let mut ahead = *scanner;
    let hours = match ahead.take_until(|byte| !byte.is_ascii_uppercase()) {
        "UTC" | "GMT" | "UT" | "Z" => 0,
        "CET" => 1,
        "CEST" => 2,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => return None,
    };
    if ahead.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')) {
        return None;
    }
    *scanner = ahead;
    Some(UtcOffset::hours(hours))
}
