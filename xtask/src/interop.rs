//! `cargo xtask interop`: clients in other languages, and senders that others have made, against a real server.

use anyhow::Result;

use crate::suites::{self, Suite};
use crate::workspace::Workspace;

const SUITES: &[Suite] = &[
    Suite::Grpcurl,
    Suite::Python,
    Suite::Node,
    Suite::Go,
    Suite::OtlpPython,
    Suite::OtlpNode,
    Suite::Loki,
    Suite::Collector,
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these clients
    #[arg(value_enum)]
    clients: Vec<Suite>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let chosen = if args.clients.is_empty() { SUITES } else { &args.clients };
    suites::run(workspace, chosen).close()
}
