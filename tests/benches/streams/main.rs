//! What a stream costs, measured from outside on real server processes: `cargo xtask bench`.
//!
//! Machines differ and are noisy, so what counts are the ratios within one run. Each measurement prints a row of a table.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod append;
mod article;
mod data;
mod first;
mod followers;
mod get_logs;
mod latency;
mod process;
mod tail;

use anyhow::Result;

/// Records stored for the reading measurements.
const STORED: u64 = 1_000_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // This program is also the server that others are compared with, in a process of its own.
    if let [role, entries, ..] = arguments.as_slice()
        && role == article::ROLE
    {
        return runtime.block_on(article::serve(entries.parse()?));
    }
    // Cargo passes `--bench`; what else is given chooses measurements by name.
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let chosen = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str()));
    println!("| measurement | figure | aim |\n|---|---|---|");
    runtime.block_on(async {
        if ["get-logs", "tail", "first"].into_iter().any(&chosen) {
            let filled = data::filled(STORED).await?;
            if chosen("first") {
                first::measure(&filled).await?;
            }
            if chosen("get-logs") {
                get_logs::measure(&filled).await?;
            }
            if chosen("tail") {
                tail::measure(&filled).await?;
            }
        }
        if chosen("append") {
            append::measure().await?;
        }
        if chosen("latency") {
            latency::measure().await?;
        }
        if chosen("followers") {
            followers::measure().await?;
        }
        Ok(())
    })
}

/// Prints one row.
fn row(measurement: &str, figure: &str, aim: &str) {
    println!("| {measurement} | {figure} | {aim} |");
}
