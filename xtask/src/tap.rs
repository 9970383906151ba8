//! Runs a program that reports in the Test Anything Protocol, as the clients in other languages do.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::process;
use crate::report::{self, Counts};

/// The longest that a client may be silent in CI before it is taken to hang; each of its calls has a deadline.
const PATIENCE: Duration = Duration::from_secs(3 * 60);

/// Runs the program, prints what it prints, and counts its test lines. A program that ends without having run the
/// number of tests that it planned, or that fails without naming a test, counts as one more failure.
pub(crate) fn run(command: &mut Command) -> Result<Counts> {
    let mut tally = Tally::default();
    let status = process::each_line(command, report::in_ci().then_some(PATIENCE), |line| tally.see(line))?;
    Ok(tally.close(status.success()))
}

#[derive(Default)]
struct Tally {
    counts: Counts,
    planned: Option<u64>,
}

impl Tally {
    fn see(&mut self, line: &str) {
        if let Some(planned) = line.strip_prefix("1..") {
            self.planned = planned.trim().parse().ok();
        } else if line.starts_with("not ok ") {
            self.counts.failed += 1;
        } else if let Some(test) = line.strip_prefix("ok ") {
            let skipped = test.to_ascii_uppercase().contains("# SKIP");
            *(if skipped { &mut self.counts.skipped } else { &mut self.counts.passed }) += 1;
        }
    }

    fn close(mut self, success: bool) -> Counts {
        let Counts { passed, failed, skipped } = self.counts;
        let complete = self.planned == Some(passed + failed + skipped);
        if !complete || (!success && failed == 0) {
            self.counts.failed += 1;
        }
        self.counts
    }
}

#[cfg(test)]
mod tests;
