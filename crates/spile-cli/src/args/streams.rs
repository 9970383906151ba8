//! The options of `spile streams` and of what it does to streams.

use clap::{Args, Subcommand, ValueEnum};

use crate::amount::{parse_interval, parse_size};

const EXAMPLES: &str = "\
Examples:
  spile streams                                        all streams
  spile streams retention web --max-age 7d             keep a week
  spile streams retention web --max-bytes 10GiB --max-age none
  spile streams delete old                             asks for the name again
  spile streams verify                                 hold all that is stored against its checksums

A stream with the name of a command is shown with -- before it: spile streams -- delete";

/// List the streams, show one, or administer them
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, after_long_help = EXAMPLES)]
pub(crate) struct StreamsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<StreamsCommand>,
    /// The stream to show [default: all]
    pub(crate) name: Option<String>,
    /// How to print them
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: StreamsFormat,
    /// Print times in the local zone, not in UTC
    #[arg(long)]
    pub(crate) local: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StreamsFormat {
    /// Columns, for people
    Table,
    /// One array
    Json,
    /// One object a line
    Jsonl,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StreamsCommand {
    Retention(RetentionArgs),
    Delete(DeleteArgs),
    /// Move what is in a stream's journal to segments now
    Seal {
        /// The stream
        name: String,
    },
    /// Hold what is stored against its checksums; ends with 1 when something is damaged
    Verify {
        /// The stream [default: all]
        name: Option<String>,
    },
}

/// Show or set how much of a stream is kept
///
/// The oldest records go first. What is not given stays as it is.
#[derive(Args, Debug)]
pub(crate) struct RetentionArgs {
    /// The stream
    pub(crate) name: String,
    /// At most this much on disk, such as 10GiB; `none` for no bound
    #[arg(long, value_name = "SIZE", value_parser = parse_max_bytes)]
    pub(crate) max_bytes: Option<u64>,
    /// Nothing that was accepted longer ago than this, such as 7d; `none` for no bound
    #[arg(long, value_name = "TIME", value_parser = parse_max_age)]
    pub(crate) max_age: Option<u64>,
    /// Go back to the server's settings
    #[arg(long, conflicts_with_all = ["max_bytes", "max_age"])]
    pub(crate) inherit: bool,
}

/// Delete a stream with everything in it, for good
///
/// Asks for the name again on a terminal. Without one, --yes is needed.
#[derive(Args, Debug)]
pub(crate) struct DeleteArgs {
    /// The stream
    pub(crate) name: String,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// 0 is no bound on the wire.
fn parse_max_bytes(text: &str) -> Result<u64, String> {
    bound(text, parse_size)
}

fn parse_max_age(text: &str) -> Result<u64, String> {
    bound(text, parse_interval)
}

fn bound(text: &str, parse: fn(&str) -> Result<u64, String>) -> Result<u64, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(0);
    }
    match parse(text)? {
        0 => Err("write `none` for no bound".to_owned()),
        bound => Ok(bound),
    }
}
