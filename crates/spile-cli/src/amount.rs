//! Sizes and lengths of time as people write them: `10GiB`, `1h30m`.

use jiff::{Span, SpanRelativeTo};

const SIZES: [(&str, u64); 13] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
    // As `ls` and `journalctl` mean them.
    ("T", 1 << 40),
    ("G", 1 << 30),
    ("M", 1 << 20),
    ("K", 1 << 10),
];

/// The units of a length of time, nanoseconds.
const TIMES: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Reads a number of bytes: whole, with a unit or without.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = if unit.is_empty() { "B" } else { unit.trim_start() };
    let factor = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(_, factor)| *factor);
    let (Ok(number), Some(factor)) = (number.parse::<u64>(), factor) else {
        return Err("it is not a size; write for instance 512MiB or 10GiB".to_owned());
    };
    number.checked_mul(factor).ok_or_else(|| "it is too large".to_owned())
}

/// Reads a length of time above zero, nanoseconds: `10s`, `1h30m`, `7d`, `2 weeks`. A day has 24 hours.
pub(crate) fn parse_interval(text: &str) -> Result<u64, String> {
    let wrong = || "it is not a length of time; write for instance 30s, 1h30m or 7d".to_owned();
    let text = text.trim();
    if !text.starts_with(|first: char| first.is_ascii_digit()) || text.ends_with("ago") {
        return Err(wrong());
    }
    let span: Span = text.parse().map_err(|_| wrong())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    match u64::try_from(duration.as_nanos()) {
        Ok(0) => Err("it is no time at all".to_owned()),
        Ok(nanos) => Ok(nanos),
        Err(_) => Err("it is over 584 years".to_owned()),
    }
}

/// A number of bytes in the largest unit that is exact: `10GiB`, `1500B`.
pub(crate) fn size(bytes: u64) -> String {
    let (name, unit) =
        SIZES.iter().find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit)).unwrap_or(&("B", 1));
    format!("{}{name}", bytes / unit)
}

/// A length of time in the fewest units, exactly: `90s` is `1m30s`.
pub(crate) fn interval(nanos: u64) -> String {
    let mut text = String::new();
    let mut rest = nanos;
    for (name, unit) in TIMES {
        if rest >= unit {
            text.push_str(&format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests;
