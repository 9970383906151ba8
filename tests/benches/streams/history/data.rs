//! Servers that hold generated records in segments, and what it took to fill them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use spile_proto::v1::{AppendRequest, SealStreamRequest};
use spile_tests::generate::{Batches, Generated, JsonLines, needles};
use spile_tests::{Server, ServerOptions};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::process::cpu;
use crate::row;

const SEED: u64 = 1;
const BATCH: usize = 1_000;

/// Batches that are made ahead of being sent.
const AHEAD: usize = 16;

/// A data folder and what is in it.
pub(crate) struct Filled {
    pub(crate) folder: PathBuf,
    pub(crate) facts: Facts,
}

/// What was sent, and what it cost. Kept beside the data.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) records: u64,
    /// As lines of JSON.
    raw_bytes: u64,
    body_bytes: u64,
    stored_bytes: u64,
    cpu_ms: u64,
    took_ms: u64,
    pub(crate) errors: u64,
    pub(crate) with_word: u64,
    pub(crate) with_substring: u64,
    /// One that a single record has.
    pub(crate) request_id: String,
}

impl Filled {
    /// Starts a server over the data.
    pub(crate) async fn serve(&self) -> Result<Server> {
        ServerOptions::new().data_dir(&self.folder).start().await
    }
}

/// The kept data of so many records; made if there is none, or `refill` says so.
pub(crate) async fn filled(records: u64, refill: bool) -> Result<Filled> {
    let kept = kept_folder()?.join(format!("history-{records}-{SEED}"));
    let facts_file = kept.join("facts.json");
    if refill && kept.exists() {
        fs::remove_dir_all(&kept)?;
    }
    let folder = kept.join("data");
    if let Ok(facts) = fs::read_to_string(&facts_file) {
        return Ok(Filled { folder, facts: serde_json::from_str(&facts)? });
    }
    // What an interrupted run left is no base.
    if kept.exists() {
        fs::remove_dir_all(&kept)?;
    }
    fs::create_dir_all(&folder)?;
    let facts = fill(&folder, records).await?;
    fs::write(&facts_file, serde_json::to_string_pretty(&facts)?)?;
    Ok(Filled { folder, facts })
}

/// In the target folder: three levels above this program, `TARGET/release/deps/PROGRAM`.
fn kept_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(3).context("a bench lies in the target folder")?;
    Ok(target.join("bench-data"))
}

async fn fill(folder: &Path, records: u64) -> Result<Facts> {
    let mut server = ServerOptions::new().data_dir(folder).start().await?;
    let (requests, receiver) = mpsc::channel(AHEAD);
    let generator = tokio::task::spawn_blocking(move || generate(records, &requests));
    let (before, start) = (cpu(server.pid())?, Instant::now());
    let mut acks = server.write().await?.append(ReceiverStream::new(receiver)).await?.into_inner();
    let mut stored = 0;
    while let Some(ack) = acks.message().await? {
        stored += ack.records;
    }
    ensure!(stored == records, "{stored} of {records} records are stored");
    let sealed = server.admin().await?.seal_stream(SealStreamRequest::default()).await?.into_inner();
    ensure!(sealed.sealed_to == records, "sealed to {} of {records}", sealed.sealed_to);
    let took = start.elapsed();
    // The end of the process is part of it: what it still had to tidy up is counted.
    let used = cpu(server.pid())? - before;
    let mut facts = generator.await??;
    server.terminate()?;
    ensure!(server.wait().await? == Some(0), "the server drains");
    facts.stored_bytes = size(folder)?;
    (facts.cpu_ms, facts.took_ms) = (used.as_millis() as u64, took.as_millis() as u64);
    Ok(facts)
}

/// Makes requests with all records, and says what is in them.
fn generate(records: u64, requests: &mpsc::Sender<AppendRequest>) -> Result<Facts> {
    let mut batches = Batches::new(SEED);
    let mut lines = JsonLines::new(batches.resources());
    let mut facts = Facts::default();
    while facts.records < records {
        let count = BATCH.min((records - facts.records) as usize);
        let batch = Some(batches.take(count, |one| see(one, records, &mut lines, &mut facts)));
        let request = AppendRequest { sequence: facts.records, batch, ..AppendRequest::default() };
        requests.blocking_send(request).ok().context("the call goes on")?;
    }
    Ok(facts)
}

fn see(one: &Generated, records: u64, lines: &mut JsonLines, facts: &mut Facts) {
    let Generated { record, request_id, .. } = one;
    facts.records += 1;
    facts.raw_bytes += lines.write(record, &mut std::io::sink()).expect("a sink takes everything") as u64;
    facts.body_bytes += record.body.len() as u64;
    facts.errors += u64::from(record.severity_number >= 17);
    facts.with_word += u64::from(record.body.contains(needles::WORD));
    facts.with_substring += u64::from(record.body.contains(needles::SUBSTRING));
    // At 73 % of all: neither among the first nor among the last.
    if facts.records == records * 73 / 100 {
        facts.request_id = format!("{request_id:016x}");
    }
}

/// Bytes of all files in a folder and those below it.
fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}

impl Facts {
    /// Prints what filling cost.
    pub(crate) fn print(&self) {
        let millions = self.records / 1_000_000;
        let per = |bytes: u64| bytes as f64 / self.records as f64;
        eprintln!(
            "of {millions} M records each has {:.0} bytes as JSON, {:.0} of them the body, and {:.1} on disk; filled in {:.1} s",
            per(self.raw_bytes),
            per(self.body_bytes),
            per(self.stored_bytes),
            self.took_ms as f64 / 1e3
        );
        let cpu = self.cpu_ms as f64 / 1e3 / (self.raw_bytes as f64 / 1e9);
        row(
            &format!("history, {millions} M: taking and sealing, server CPU per GB of raw JSON"),
            &format!("{cpu:.1} s"),
            "33 s",
        );
        let share = self.stored_bytes as f64 / self.raw_bytes as f64 * 100.0;
        row(
            &format!("history, {millions} M: bytes on disk, of raw JSON"),
            &format!("{share:.1} %"),
            "13.5 %",
        );
    }
}
