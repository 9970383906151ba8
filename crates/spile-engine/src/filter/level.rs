//! The names of severities as people write them in filters: OpenTelemetry's, and the usual aliases.

use std::borrow::Cow;

use crate::record::MAX_SEVERITY;

/// The six ranges of severity numbers, in order; each has four numbers, the first one is 1.
const RANGES: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// How many numbers a range has.
const RANGE: u8 = 4;

/// Other names of whole ranges.
const RANGE_ALIASES: [(&str, u8); 8] = [
    ("VERBOSE", 1),
    ("INFORMATION", 9),
    ("INFORMATIONAL", 9),
    ("WARNING", 13),
    ("ERR", 17),
    ("SEVERE", 17),
    ("EMERG", 21),
    ("EMERGENCY", 21),
];

/// Names of single numbers, as the data model's appendix maps them.
const NUMBER_ALIASES: [(&str, u8); 5] =
    [("NOTICE", 10), ("CRIT", 18), ("CRITICAL", 18), ("ALERT", 19), ("PANIC", 19)];

/// The severity numbers that a name stands for: `ERROR` is 17 to 20, `ERROR2` is 18 alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) first: u8,
    pub(super) last: u8,
}

impl Level {
    /// Reads a name, in any case.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        if let Some(at) = RANGES.iter().position(|range| is(range)) {
            return Some(Self::range_from(at as u8 * RANGE + 1));
        }
        if let Some((_, first)) = RANGE_ALIASES.iter().find(|(alias, _)| is(alias)) {
            return Some(Self::range_from(*first));
        }
        if let Some((_, number)) = NUMBER_ALIASES.iter().find(|(alias, _)| is(alias)) {
            return Some(Self::exactly(*number));
        }
        (1..=MAX_SEVERITY).find(|&number| is(&name_of(number))).map(Self::exactly)
    }

    /// One number.
    pub(super) fn exactly(number: u8) -> Self {
        Self { first: number, last: number }
    }

    fn range_from(first: u8) -> Self {
        Self { first, last: first + RANGE - 1 }
    }
}

/// The lowest severity number that a name stands for, in any case; so a level means this severity or worse.
///
/// Names are those of OpenTelemetry (`TRACE` to `FATAL4`) and the usual aliases (`warning`, `err`, `crit`, `notice`, ...).
#[must_use]
pub fn parse_level(name: &str) -> Option<u8> {
    Level::parse(name.trim()).map(|level| level.first)
}

/// OpenTelemetry's short name of a severity number: `ERROR` for 17, `ERROR2` for 18, the number itself where there is no name.
pub(super) fn name_of(number: u8) -> Cow<'static, str> {
    match number {
        1..=MAX_SEVERITY => {
            let range = RANGES[usize::from((number - 1) / RANGE)];
            match (number - 1) % RANGE {
                0 => range.into(),
                step => format!("{range}{}", step + 1).into(),
            }
        }
        _ => number.to_string().into(),
    }
}
