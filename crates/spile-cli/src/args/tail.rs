//! The options of `spile tail`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum, value_parser};

use super::FilterArgs;

const EXAMPLES: &str = "\
Examples:
  spile tail -l error -f                  every error that is stored, then every one that arrives
  spile tail -f -n 20                     the last 20 records, then what arrives
  spile tail -r -l error -n 5             the newest 5 errors, the newest first
  spile tail -l error -n 5 -C 3           the last 5 errors with three records before and after each
  spile tail -g 'user \\d+' -e healthz     by regular expressions
  spile tail 'service.name=\"checkout\" (timeout OR attributes.code>=500)' --since -1h
  spile tail --cursor-file seen -o jsonl  what came since the last time";

/// Print what is stored, and with -f what arrives
///
/// Without -n everything that is stored comes first. When the connection breaks, the tail goes on by itself where it was. With -f,
/// a stream that does not exist yet is waited for.
#[derive(Args, Debug, Default)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct TailArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Keep going: print what arrives
    #[arg(short, long, help_heading = "What to print")]
    pub(crate) follow: bool,
    /// Begin with the last N stored records that match; 0 is none, `all` is all of them. With -r only those
    #[arg(short = 'n', long, value_name = "N", default_value = "all", help_heading = "What to print")]
    pub(crate) lines: Lines,
    /// Print the newest first
    #[arg(short, long, conflicts_with_all = ["follow", "skip_to_live", "cursor_file"], help_heading = "What to print")]
    pub(crate) reverse: bool,
    /// Print what is stored by the time of the records, not in the order in which they arrived
    #[arg(long, conflicts_with_all = ["follow", "skip_to_live", "cursor_file", "reverse", "lines"],
          help_heading = "What to print")]
    pub(crate) by_time: bool,
    /// End after so many records
    #[arg(long, value_name = "N", help_heading = "What to print")]
    pub(crate) limit: Option<u64>,
    /// When this reader falls far behind, jump to the newest records and tell what was skipped
    #[arg(long, help_heading = "What to print")]
    pub(crate) skip_to_live: bool,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Begin after this cursor
    #[arg(long, value_name = "CURSOR", conflicts_with = "lines", help_heading = "Where to go on")]
    pub(crate) after_cursor: Option<String>,
    /// Print the cursor at the end, to go on after it another time
    #[arg(long, help_heading = "Where to go on")]
    pub(crate) show_cursor: bool,
    /// Begin after the cursor in this file if it exists, and keep the cursor in it
    #[arg(long, value_name = "FILE", help_heading = "Where to go on")]
    pub(crate) cursor_file: Option<PathBuf>,
    /// How to print records
    #[arg(short, long, value_name = "FORMAT", default_value = "default", help_heading = "How to print")]
    pub(crate) output: Format,
    /// Print times in the local zone, not in UTC
    #[arg(long, help_heading = "How to print")]
    pub(crate) local: bool,
}

/// The records around those that match, as grep has them for lines.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct ContextArgs {
    /// Also print N records after each that matches, whatever they hold
    #[arg(short = 'A', long, value_name = "N", value_parser = value_parser!(u32).range(..=1000),
          conflicts_with_all = ["reverse", "by_time"], help_heading = "What to print")]
    after_context: Option<u32>,
    /// Also print N records before each that matches
    #[arg(short = 'B', long, value_name = "N", value_parser = value_parser!(u32).range(..=1000),
          conflicts_with_all = ["reverse", "by_time"], help_heading = "What to print")]
    before_context: Option<u32>,
    /// Both; -A and -B count before it
    #[arg(short = 'C', long, value_name = "N", value_parser = value_parser!(u32).range(..=1000),
          conflicts_with_all = ["reverse", "by_time"], help_heading = "What to print")]
    context: Option<u32>,
}

impl ContextArgs {
    /// How many before and after; `None` when no context is asked for, which is another thing than none.
    pub(crate) fn around(self) -> Option<(u64, u64)> {
        let Self { after_context, before_context, context } = self;
        after_context.or(before_context).or(context)?;
        let records = |own: Option<u32>| u64::from(own.or(context).unwrap_or(0));
        Some((records(before_context), records(after_context)))
    }
}

/// How many stored records come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lines {
    #[default]
    All,
    Last(u32),
}

impl FromStr for Lines {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self::All);
        }
        match text.parse() {
            Ok(records @ 0..=1_000_000) => Ok(Self::Last(records)),
            _ => Err("it must be a number from 0 to 1000000, or `all`".to_owned()),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Time, severity, service and text
    #[default]
    Default,
    /// The text alone, as it was, byte for byte
    Raw,
    /// One object a record, over several lines
    Json,
    /// One object a line
    Jsonl,
}
