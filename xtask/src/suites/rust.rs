//! Every test of the workspace, in one `cargo test`.

use std::time::Duration;

use anyhow::Result;

use super::programs;
use crate::process;
use crate::report::{self, Counts};
use crate::workspace::Workspace;

/// The longest that the tests may be silent in CI before they are taken to hang.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

pub(super) fn run(workspace: &Workspace) -> Result<Counts> {
    test(workspace, &["--workspace", "--all-features", "--no-fail-fast"], &programs::skipped())
}

/// Runs `cargo test` with these arguments, and its test binaries with others.
pub(super) fn test(workspace: &Workspace, arguments: &[&str], of_binaries: &[&str]) -> Result<Counts> {
    let cargo_test = || {
        let mut cargo = workspace.cargo();
        cargo.arg("test").args(arguments);
        cargo
    };
    // Building may well be silent for longer.
    process::run(cargo_test().arg("--no-run"))?;
    let mut counts = Counts::default();
    let mut failures = Vec::new();
    let mut cargo = cargo_test();
    let status =
        process::each_line(cargo.arg("--").args(of_binaries), report::in_ci().then_some(PATIENCE), |line| {
            if let Some(binary) = parse(line) {
                counts += binary;
            }
            failures.extend(failure(line).map(str::to_owned));
        })?;
    if !status.success() && counts.failed == 0 {
        // A test binary died before it could count.
        counts.failed = 1;
    }
    for test in failures {
        println!("failed: {test}");
    }
    Ok(counts)
}

/// The name of a test that failed.
fn failure(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

/// The closing line of one test binary: `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
fn parse(line: &str) -> Option<Counts> {
    let result = line.trim_start().strip_prefix("test result: ")?;
    let (_, result) = result.split_once(". ")?;
    let mut counts = Counts::default();
    for part in result.split(';') {
        match part.trim().split_once(' ') {
            Some((n, "passed")) => counts.passed = n.parse().ok()?,
            Some((n, "failed")) => counts.failed = n.parse().ok()?,
            Some((n, "ignored")) => counts.skipped = n.parse().ok()?,
            _ => {}
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted_and_others_are_not() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.02s";
        assert_eq!(parse(line), Some(Counts { passed: 12, failed: 3, skipped: 1 }));
        assert_eq!(
            parse("test result: ok. 7 passed; 0 failed; 0 ignored"),
            Some(Counts { passed: 7, ..Counts::default() })
        );
        assert_eq!(parse("test engine::tests::result ... ok"), None);
    }

    #[test]
    fn failed_tests_are_named() {
        assert_eq!(failure("test engine::tests::order ... FAILED"), Some("engine::tests::order"));
        assert_eq!(failure("test engine::tests::order ... ok"), None);
    }
}
