//! `cargo xtask bench`: what streams cost, on real server processes, then the parts one by one with criterion.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// The packages with criterion benches of their parts.
const PARTS: &[&str] = &["spile-engine", "spile-lines"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only measurements whose name contains one of these, for instance: get-logs tail append first latency followers
    names: Vec<String>,
    /// Also the criterion benches of the parts
    #[arg(long)]
    parts: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let mut streams = workspace.cargo();
    streams.args(["bench", "--package", "spile-tests", "--bench", "streams", "--"]);
    process::run(streams.args(&args.names))?;
    if args.parts {
        for part in PARTS {
            process::run(workspace.cargo().args(["bench", "--package", part, "--benches"]))?;
        }
    }
    Ok(())
}
