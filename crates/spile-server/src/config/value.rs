//! Sizes and durations as people write them: `64MiB`, `1h30m`, `off`.

use std::time::Duration;

/// Units of size, the largest first so that rendering finds the roundest form.
const BYTE_UNITS: &[(&str, u64)] = &[
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

/// Units of time in milliseconds, the largest first.
const TIME_UNITS: &[(&str, u64)] =
    &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads a size: a whole number with a unit (`64MiB`, `10GB`), or of bytes without one. Units are case-insensitive.
pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (number, unit) = split_number(text);
    let factor = if unit.is_empty() { Some(1) } else { unit_factor(BYTE_UNITS, unit) };
    match (number.parse::<u64>(), factor) {
        (Ok(number), Some(factor)) => {
            number.checked_mul(factor).ok_or_else(|| format!("{text:?} is too large"))
        }
        _ => Err(format!("{text:?} is not a size; write for instance 512KiB, 64MiB or 10GB")),
    }
}

/// Reads a duration: whole numbers with units, `15m`, `1h30m`, `250ms`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let wrong = || format!("{text:?} is not a duration; write for instance 250ms, 15s, 1h30m or 7d");
    let mut rest = text;
    let mut total_ms: u64 = 0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let (number, tail) = split_number(rest);
        let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let factor = unit_factor(TIME_UNITS, unit).ok_or_else(wrong)?;
        total_ms = number
            .checked_mul(factor)
            .and_then(|ms| total_ms.checked_add(ms))
            .ok_or_else(|| format!("{text:?} is too long"))?;
        rest = tail.trim_start();
    }
    Ok(Duration::from_millis(total_ms))
}

/// The shortest exact form of a size: `64MiB`, `10GB`, `1500B`.
pub(crate) fn render_bytes(bytes: u64) -> String {
    let unit = BYTE_UNITS.iter().find(|(_, factor)| bytes != 0 && bytes.is_multiple_of(*factor));
    let (name, factor) = unit.unwrap_or(&("B", 1));
    format!("{}{name}", bytes / factor)
}

/// The shortest exact form of a duration of whole milliseconds in one unit: `15m`, `90s`, `250ms`.
pub(crate) fn render_duration(duration: Duration) -> String {
    let ms = u64::try_from(duration.as_millis()).expect("settings hold durations of u64 milliseconds");
    let unit = TIME_UNITS.iter().find(|(_, factor)| ms != 0 && ms.is_multiple_of(*factor));
    let (name, factor) = unit.unwrap_or(&("s", 1_000));
    format!("{}{name}", ms / factor)
}

/// The leading digits, and what follows them without spaces in between.
fn split_number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    (number, rest.trim_start())
}

fn unit_factor(units: &[(&str, u64)], name: &str) -> Option<u64> {
    let found = units.iter().find(|(unit, _)| unit.eq_ignore_ascii_case(name))?;
    Some(found.1)
}
