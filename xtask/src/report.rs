//! What the suites of a run came to, and the table that says so.

use std::fmt;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, bail};

/// How many tests passed, failed, or were skipped by the suite itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// An error that says: this machine lacks something that may not be installed from here. The suite is left out.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// How one suite ended.
enum Outcome {
    Ran(Counts),
    LeftOut(String),
    Broken(Error),
}

/// The suites of one run, in the order they ran.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<(&'static str, Outcome, Duration)>,
}

impl Report {
    /// Runs a suite and keeps how it ended. An error is kept too, so that the suites behind it still run.
    pub(crate) fn run(&mut self, name: &'static str, suite: impl FnOnce() -> Result<Counts>) {
        println!("\n== suite {name}");
        let started = Instant::now();
        let outcome = match suite() {
            Ok(counts) => Outcome::Ran(counts),
            Err(error) => match error.downcast_ref::<Missing>() {
                Some(missing) => Outcome::LeftOut(missing.0.clone()),
                None => {
                    println!("{error:#}");
                    Outcome::Broken(error)
                }
            },
        };
        self.rows.push((name, outcome, started.elapsed()));
    }

    /// The sum over the suites; a suite that broke counts as one failure.
    pub(crate) fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        for (_, outcome, _) in &self.rows {
            match outcome {
                Outcome::Ran(counts) => sum += *counts,
                Outcome::Broken(_) => sum.failed += 1,
                Outcome::LeftOut(_) => {}
            }
        }
        sum
    }

    /// One line for each suite.
    pub(crate) fn print(&self) {
        println!("\nsuites:");
        for (name, outcome, took) in &self.rows {
            let seconds = took.as_secs_f32();
            match outcome {
                Outcome::Ran(counts) => println!("  {name:<10} {counts} ({seconds:.1} s)"),
                Outcome::LeftOut(why) => println!("  {name:<10} left out: {why}"),
                Outcome::Broken(error) => println!("  {name:<10} failed: {error:#}"),
            }
        }
    }

    /// Closes a run: the table, the sum on a line of its own, and the verdict.
    pub(crate) fn close(&self) -> Result<()> {
        self.print();
        println!("\n{}", self.counts());
        self.verdict(in_ci())
    }

    /// Fails when a test failed, when nothing ran, or, if `all` suites must run, when one was left out.
    pub(crate) fn verdict(&self, all: bool) -> Result<()> {
        let counts = self.counts();
        let left_out = |row: &&(_, Outcome, _)| matches!(row.1, Outcome::LeftOut(_));
        let left_out: Vec<_> = self.rows.iter().filter(left_out).map(|row| row.0).collect();
        if counts.failed > 0 {
            bail!("{} failed", counts.failed);
        }
        if counts.passed == 0 {
            bail!("no test ran");
        }
        if all && !left_out.is_empty() {
            bail!("left out, and in CI every suite must run: {}", left_out.join(", "));
        }
        Ok(())
    }
}

/// Whether this is a CI run, where leaving a suite out is a failure.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

#[cfg(test)]
mod tests;
