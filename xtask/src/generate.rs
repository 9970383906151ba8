//! `cargo xtask generate`: realistic log records on standard output, the same for the same seed on every machine.

use anyhow::Result;
use clap::ValueEnum;

use crate::process;
use crate::workspace::Workspace;

/// How records are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A JSON object on each line
    Jsonl,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many records
    #[arg(long, default_value_t = 1_000)]
    records: u64,
    /// What decides all of them
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How they are written
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let Format::Jsonl = args.format;
    let mut generate = workspace.cargo();
    generate.args(["run", "--quiet", "--release", "--package", "spile-tests", "--bin", "generate", "--"]);
    process::pass(generate.args([args.records.to_string(), args.seed.to_string()]))
}
