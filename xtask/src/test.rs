//! `cargo xtask test`: sets up what the tests need, then runs all of them.

use anyhow::Result;

use crate::suites::{self, Suite};
use crate::workspace::Workspace;

/// Every suite that belongs to the tests; clients in more languages are in `cargo xtask interop`.
pub(crate) const SUITES: &[Suite] = &[
    Suite::Buf,
    Suite::Rust,
    Suite::Nginx,
    Suite::Tmux,
    Suite::Postgres,
    Suite::Rsyslog,
    Suite::Python,
    Suite::Parquet,
    Suite::Viewer,
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these suites
    #[arg(value_enum)]
    suites: Vec<Suite>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let chosen = if args.suites.is_empty() { SUITES } else { &args.suites };
    suites::run(workspace, chosen).close()
}
