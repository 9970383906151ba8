//! The command line.

mod explore;
mod export;
mod filter;
mod histogram;
mod push;
mod streams;
mod tail;

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use explore::ExploreArgs;
pub(crate) use export::{ExportArgs, ExportFormat};
pub(crate) use filter::FilterArgs;
pub(crate) use histogram::{HistogramArgs, HistogramFormat};
pub(crate) use push::PushArgs;
pub(crate) use streams::{DeleteArgs, RetentionArgs, StreamsArgs, StreamsCommand, StreamsFormat};
pub(crate) use tail::{Format, Lines, TailArgs};

/// Push log files into Spile, and tail what is stored and what arrives.
#[derive(Debug, Parser)]
#[command(name = "spile", version, max_term_width = 100)]
#[command(after_help = "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// The server, host:port [default: 127.0.0.1:50051]
    #[arg(long, global = true, env = "SPILE_ADDR", hide_env_values = true, value_name = "HOST:PORT")]
    pub(crate) addr: Option<String>,
    /// A file that holds the token to send
    #[arg(long, global = true, env = "SPILE_TOKEN_FILE", hide_env_values = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// The settings file [default: spile/config.toml in $XDG_CONFIG_HOME or ~/.config]
    #[arg(long, global = true, env = "SPILE_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// When to use colours; `auto` means on a terminal, and not when NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
    /// Say more about what goes on
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Push(PushArgs),
    Tail(TailArgs),
    Explore(ExploreArgs),
    Count(CountArgs),
    Histogram(HistogramArgs),
    Export(ExportArgs),
    Streams(StreamsArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    Man(ManArgs),
}

/// Count the stored records that match
#[derive(Args, Debug)]
pub(crate) struct CountArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// How to print the count
    #[arg(short, long, value_name = "FORMAT", default_value = "plain", help_heading = "How to print")]
    pub(crate) output: CountFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CountFormat {
    /// The number
    Plain,
    /// An object with `records`, `scanned` and `cursor`, which a tail can start after
    Json,
}

/// Print the manual page of spile or of one of its commands
#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The command [default: spile itself]
    pub(crate) command: Option<String>,
    /// Write all pages into this folder instead of printing one
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub(crate) dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
