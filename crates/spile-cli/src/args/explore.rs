//! The options of `spile explore`.

use clap::Args;

use super::FilterArgs;

const EXAMPLES: &str = "\
Examples:
  spile explore                           the newest records of the stream `default`, then what arrives
  spile explore -l warn 'service.name=\"checkout\"'
  spile explore -s audit --at -2h         around two hours ago
  spile explore --at 120000               around an offset

Press ? for the keys: / searches, & filters, e and E go to the next and the previous error, g and G to the oldest and the newest,
f follows, p pauses, Enter shows all of a record, c what stands around it, s other streams, q quits.";

/// Look around in a stream on the terminal: scroll, search, filter, follow
///
/// Starts with the newest records that match and follows what arrives. Scrolling back fetches older ones as they are needed.
#[derive(Args, Clone, Debug, Default)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ExploreArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Begin around an offset or a time, in the forms of --since
    #[arg(
        long,
        value_name = "PLACE",
        conflicts_with = "after_cursor",
        allow_hyphen_values = true,
        help_heading = "Where to begin"
    )]
    pub(crate) at: Option<String>,
    /// Begin after this cursor
    #[arg(long, value_name = "CURSOR", help_heading = "Where to begin")]
    pub(crate) after_cursor: Option<String>,
    /// When what arrives is too fast to follow, jump to the newest records and show what was skipped
    #[arg(long, help_heading = "What to show")]
    pub(crate) skip_to_live: bool,
    /// Show times in the local zone, not in UTC
    #[arg(long, help_heading = "How to show")]
    pub(crate) local: bool,
}
