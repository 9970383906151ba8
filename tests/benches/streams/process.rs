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
    status(pid, "VmRSS:")
}

/// The most resident memory since the process started, or since [`forget_peak_memory`], bytes.
pub(crate) fn peak_memory(pid: u32) -> Result<u64> {
    status(pid, "VmHWM:")
}

/// Makes the peak what the process holds now.
pub(crate) fn forget_peak_memory(pid: u32) -> Result<()> {
    Ok(std::fs::write(format!("/proc/{pid}/clear_refs"), "5")?)
}

/// A size in the process's status, bytes.
fn status(pid: u32, field: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).context("the size is told")?;
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
