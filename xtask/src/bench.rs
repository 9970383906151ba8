//! `cargo xtask bench`: what streams cost, on real server processes, then the parts one by one with criterion.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// The packages with criterion benches of their parts.
const PARTS: &[&str] = &["spile-engine", "spile-lines"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only measurements whose name contains one of these: get-logs tail http append otlp first explore latency followers history; and
    /// history-5m, which is measured only when it is named
    names: Vec<String>,
    /// Fill the servers of the history measurements anew instead of using the data of an earlier run
    #[arg(long)]
    refill: bool,
    /// Of the history measurements, only searches whose name contains this
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
    /// Ask each search so many times, for instance while a profiler looks at the server
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// Also the criterion benches of the parts
    #[arg(long)]
    parts: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let mut streams = workspace.cargo();
    streams.args(["bench", "--package", "spile-tests", "--bench", "streams", "--"]);
    streams.args(&args.names);
    if args.refill {
        streams.arg("--refill");
    }
    if let Some(query) = &args.query {
        streams.args(["--query", query]);
    }
    if let Some(rounds) = args.rounds {
        streams.args(["--rounds", &rounds.to_string()]);
    }
    process::run(&mut streams)?;
    if args.parts {
        for part in PARTS {
            process::run(workspace.cargo().args(["bench", "--package", part, "--benches"]))?;
        }
    }
    Ok(())
}
