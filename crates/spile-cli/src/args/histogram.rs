//! The options of `spile histogram`.

use clap::{Args, ValueEnum, value_parser};

use super::FilterArgs;
use crate::amount::parse_interval;

const EXAMPLES: &str = "\
Examples:
  spile histogram --since today              the day so far
  spile histogram -l error --since -1h       when the errors of the last hour came
  spile histogram --interval 1m 'service.name=\"checkout\"'";

/// Draw how many stored records match, by time and severity
///
/// The worst severities stand next to the axis, and each that occurs has at least one cell if there is room, so that a single
/// error is seen among many thousands of other records.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct HistogramArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// At most this many bars; each is then as wide as a round time
    #[arg(help_heading = "How to draw", long, value_name = "N", default_value = "30", value_parser = value_parser!(u32).range(1..=1000))]
    pub(crate) buckets: u32,
    /// The time that a bar stands for: 10s, 1m, 1h30m, 1d
    #[arg(help_heading = "How to draw", long, value_name = "TIME", value_parser = parse_interval, conflicts_with = "buckets")]
    pub(crate) interval: Option<u64>,
    /// How to print it
    #[arg(help_heading = "How to draw", short, long, value_name = "FORMAT", default_value = "chart")]
    pub(crate) output: HistogramFormat,
    /// Print times in the local zone, not in UTC
    #[arg(long, help_heading = "How to draw")]
    pub(crate) local: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistogramFormat {
    /// Bars, for people
    Chart,
    /// One object
    Json,
    /// One object for each bar, on a line
    Jsonl,
}
