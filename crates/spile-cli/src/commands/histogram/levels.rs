//! The severities as a chart shows them: in groups, the worst first.

use anstyle::{AnsiColor, Style};
use spile_client::proto::{HistogramBucket, SeverityCount};

/// How many groups there are.
pub(super) const LEVELS: usize = 7;

/// How many records each group has, in the order of [`ALL`].
pub(super) type Counts = [u64; LEVELS];

/// A group of severities.
pub(super) struct Level {
    pub(super) name: &'static str,
    /// What stands for it where there are no colours.
    pub(super) letter: char,
    pub(super) style: Style,
}

/// The groups, the worst first.
pub(super) const ALL: [Level; LEVELS] = [
    level("FATAL", '█', AnsiColor::Magenta),
    level("ERROR", '▓', AnsiColor::Red),
    level("WARN", '▒', AnsiColor::Yellow),
    level("INFO", '░', AnsiColor::Green),
    level("DEBUG", ':', AnsiColor::Blue),
    level("TRACE", '.', AnsiColor::Cyan),
    level("no level", '+', AnsiColor::BrightBlack),
];

const fn level(name: &'static str, letter: char, colour: AnsiColor) -> Level {
    Level { name, letter, style: colour.on_default() }
}

/// The counts of a bucket by group.
pub(super) fn counts(bucket: &HistogramBucket) -> Counts {
    let mut counts = Counts::default();
    for SeverityCount { severity_number, records } in &bucket.counts {
        let level = match usize::try_from(*severity_number) {
            Ok(number @ 1..=24) => 5 - (number - 1) / 4,
            _ => LEVELS - 1,
        };
        counts[level] += records;
    }
    counts
}

/// All of them together.
pub(super) fn total(counts: &Counts) -> u64 {
    counts.iter().sum()
}
