//! What a stream costs, measured from outside on real server processes: `cargo xtask bench`.
//!
//! Machines differ and are noisy, so what counts are the ratios within one run. Each measurement prints a row of a table.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod append;
mod article;
mod data;
mod explore;
mod first;
mod followers;
mod get_logs;
mod history;
mod http_doors;
mod latency;
mod otlp;
mod process;
mod raw;
mod tail;

use anyhow::Result;

/// Records stored for the reading measurements.
const STORED: u64 = 1_000_000;

/// What is measured, and how. `cargo xtask bench` documents it.
#[derive(Default)]
struct Options {
    names: Vec<String>,
    refill: bool,
    query: Option<String>,
    rounds: Option<usize>,
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // Cargo passes it.
                "--bench" => {}
                "--refill" => options.refill = true,
                "--query" => options.query = arguments.next().cloned(),
                "--rounds" => options.rounds = arguments.next().map(|rounds| rounds.parse()).transpose()?,
                name => options.names.push(name.to_owned()),
            }
        }
        Ok(options)
    }

    /// Whether a measurement is wanted: all are unless some are named.
    fn chosen(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| name.contains(wanted.as_str()))
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // This program is also the server that others are compared with, in a process of its own.
    if let [role, entries, ..] = arguments.as_slice()
        && role == article::ROLE
    {
        return runtime.block_on(article::serve(entries.parse()?));
    }
    let options = Options::read(&arguments)?;
    let chosen = |name: &str| options.chosen(name);
    println!("| measurement | figure | aim |\n|---|---|---|");
    runtime.block_on(async {
        if ["get-logs", "tail", "first", "explore", "http"].into_iter().any(&chosen) {
            let filled = data::filled(STORED).await?;
            if chosen("first") {
                first::measure(&filled).await?;
            }
            if chosen("explore") {
                explore::measure(&filled).await?;
            }
            if chosen("get-logs") {
                get_logs::measure(&filled).await?;
            }
            if chosen("tail") {
                tail::measure(&filled).await?;
            }
            if chosen("http") {
                http_doors::measure(&filled).await?;
            }
        }
        if chosen("append") {
            append::measure().await?;
        }
        if chosen("otlp") {
            otlp::measure().await?;
        }
        if chosen("latency") {
            latency::measure().await?;
        }
        if chosen("followers") {
            followers::measure().await?;
        }
        if chosen("history") {
            history::measure(STORED, &options).await?;
        }
        // Filling it takes a while: only for those who name it.
        if options.names.iter().any(|name| name == "history-5m") {
            history::measure(5 * STORED, &options).await?;
        }
        Ok(())
    })
}

/// Prints one row.
fn row(measurement: &str, figure: &str, aim: &str) {
    println!("| {measurement} | {figure} | {aim} |");
}
