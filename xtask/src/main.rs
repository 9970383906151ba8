//! Development tasks: `cargo xtask <task>`. Each task is a file of its own; `suites/` and `tools/` are what they share.

mod bench;
mod ci;
mod codegen;
mod contract;
mod corpus;
mod generate;
mod interop;
mod process;
mod report;
mod server;
mod suites;
mod tap;
mod test;
#[cfg(test)]
mod tidy;
mod tools;
mod viewer;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::workspace::Workspace;

/// Spile's development tasks.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
enum Task {
    /// Compile proto/ into crates/spile-proto/src/generated and hold it against the golden contract
    Codegen(codegen::Args),
    /// Set up what the tests need, then run all of them
    Test(test::Args),
    /// Run clients in other languages against a real server
    Interop(interop::Args),
    /// Measure what streams cost, beside the article's server
    Bench(bench::Args),
    /// Write realistic log records, the same for the same seed on every machine
    Generate(generate::Args),
    /// Build the viewer into viewer/dist
    Viewer,
    /// Format, lints, docs and all tests, as CI runs them
    Ci,
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Codegen(args) => codegen::run(&workspace.root, &args),
        Task::Test(args) => test::run(&workspace, &args),
        Task::Interop(args) => interop::run(&workspace, &args),
        Task::Bench(args) => bench::run(&workspace, &args),
        Task::Generate(args) => generate::run(&workspace, &args),
        Task::Viewer => viewer::run(&workspace),
        Task::Ci => ci::run(&workspace),
    }
}
