//! A million realistic records and more: what it costs to take and keep them, and how soon searches find theirs.
//!
//! Filled data folders are kept in the target folder and used again: a change of reading code is measured in seconds.

mod data;
mod query;
mod tail;

use anyhow::Result;

use crate::{Options, row};

/// Fills a server with so many records, or finds one that was filled, then measures.
pub(crate) async fn measure(records: u64, options: &Options) -> Result<()> {
    let filled = data::filled(records, options.refill).await?;
    eprintln!("{records} records are in {}", filled.folder.display());
    filled.facts.print();
    let mut slowest = (0.0, "");
    for query in query::all(&filled.facts) {
        if options.query.as_ref().is_some_and(|wanted| !query.name.contains(wanted.as_str())) {
            continue;
        }
        let cost = query.measure(&filled, options.rounds).await?;
        row(&query.title(), &cost.to_string(), &query.aim);
        if let Some(first_ms) = cost.first_ms
            && first_ms > slowest.0
        {
            slowest = (first_ms, query.name);
        }
    }
    if options.query.is_none() {
        let (first_ms, name) = slowest;
        row(
            "history: the first record of any of these, median, the slowest",
            &format!("{first_ms:.1} ms ({name})"),
            "5 ms",
        );
    }
    Ok(())
}
