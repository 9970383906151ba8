//! What a process has used, as Linux counts it.

use std::time::Duration;

use anyhow::{Context, Result};

/// CPU time of a process so far, user and system. In steps of 10 ms.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything; what follows it are numbers.
    let (_, numbers) = stat.rsplit_once(')').context("a process has a name")?;
    let field = |at: usize| -> Result<u64> {
        Ok(numbers.split_whitespace().nth(at).context("stat has its fields")?.parse()?)
    };
    // utime and stime: fields 14 and 15, of which the first two are cut off; 100 ticks a second on every Linux.
    Ok(Duration::from_millis((field(11)? + field(12)?) * 10))
}

/// Resident memory, bytes.
pub(crate) fn memory(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS is told")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? * 1024)
}

/// The value at a share of sorted values.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let at = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[at]
}

/// The middle of values.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
