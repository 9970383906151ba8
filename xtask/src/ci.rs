//! `cargo xtask ci`: all that a change must pass, the quickest first; every step runs, and the end lists what failed.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process;
use crate::report::Counts;
use crate::suites;
use crate::test;
use crate::workspace::Workspace;

/// One step: its name, how it ended, and how long it took.
struct Step {
    name: &'static str,
    result: Result<()>,
    took: Duration,
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Vec::new();
    let mut counts = Counts::default();
    step(&mut steps, "format", || process::run(workspace.cargo().args(["fmt", "--all", "--check"])));
    step(&mut steps, "clippy", || {
        let mut clippy = workspace.cargo();
        clippy.args(["clippy", "--workspace", "--all-targets", "--all-features", "--locked"]);
        process::run(clippy.args(["--", "--deny=warnings"]))
    });
    step(&mut steps, "docs", || {
        let mut doc = workspace.cargo();
        doc.env("RUSTDOCFLAGS", "--deny=warnings");
        process::run(doc.args(["doc", "--workspace", "--no-deps", "--all-features", "--locked"]))
    });
    // Fresh generated code, the wire contract and the structure of the source are tests among the others.
    step(&mut steps, "test", || {
        let report = suites::run(workspace, test::SUITES);
        report.print();
        counts = report.counts();
        report.verdict(true)
    });
    print(&steps);
    println!("\n{counts}");
    let failed: Vec<_> = steps.iter().filter(|step| step.result.is_err()).map(|step| step.name).collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

fn step(steps: &mut Vec<Step>, name: &'static str, run: impl FnOnce() -> Result<()>) {
    println!("\n=== {name}");
    let started = Instant::now();
    let result = run();
    if let Err(error) = &result {
        println!("{error:#}");
    }
    steps.push(Step { name, result, took: started.elapsed() });
}

fn print(steps: &[Step]) {
    println!("\nsteps:");
    for step in steps {
        let result = match &step.result {
            Ok(()) => "passed".to_owned(),
            Err(error) => format!("failed: {error:#}"),
        };
        println!("  {:<10} {:>7.1} s  {result}", step.name, step.took.as_secs_f32());
    }
}
