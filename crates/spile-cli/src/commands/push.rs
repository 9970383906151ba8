//! `spile push`.

mod bar;
mod source;

use std::time::Instant;

use indicatif::{BinaryBytes, HumanCount};
use spile_client::proto::{UploadHeader, UploadResponse};
use spile_client::{Client, Error, RetryPolicy, key_value};
use tokio_util::sync::CancellationToken;

use crate::args::{GlobalArgs, PushArgs};
use crate::connect::connect;
use crate::exit::CliError;
use crate::notes::Notes;
use bar::Bar;
use source::Source;

/// Well over half a minute of trying.
const ATTEMPTS: u32 = 10;

pub(super) async fn run(
    global: &GlobalArgs,
    args: PushArgs,
    notes: &Notes,
    stop: &CancellationToken,
) -> Result<(), CliError> {
    let sources = source::sources(&args)?;
    let header = UploadHeader {
        stream: args.stream.clone(),
        resource_attributes: resource_attributes(&args),
        ..UploadHeader::default()
    };
    let client = connect(global).await?;
    let mut total = Total::default();
    for source in &sources {
        let bar = Bar::new(notes, source);
        let began = Instant::now();
        let outcome = tokio::select! {
            outcome = upload(&client, source, header.clone(), &bar) => outcome,
            () = stop.cancelled() => {
                bar.clear();
                notes.note(&format!("{}: interrupted; what was read so far may be stored", source.name));
                return Err(CliError::Told);
            }
        };
        bar.clear();
        match outcome {
            Ok(summary) => {
                notes.note(&format!("{}: {}", source.name, describe(&summary, began)));
                total.add(&summary);
            }
            Err(error) => {
                notes.error(&format!("{}: {error}", source.name));
                total.failed += 1;
                if matches!(error, Error::GaveUp { .. }) {
                    notes.error("the server cannot be reached, so the rest is not tried");
                    break;
                }
            }
        }
    }
    total.tell(sources.len(), notes)
}

async fn upload(
    client: &Client,
    source: &Source,
    header: UploadHeader,
    bar: &Bar,
) -> Result<UploadResponse, Error> {
    let header = UploadHeader {
        file_name: source.file_name.clone(),
        producer_id: source.producer_id.clone(),
        ..header
    };
    let progress = bar.progress();
    match &source.path {
        Some(path) => {
            let retry = RetryPolicy::default().max_attempts(ATTEMPTS);
            let open = || tokio::fs::File::open(path);
            client.upload_with(open, header, retry, progress).await
        }
        None => client.upload(tokio::io::stdin(), header, progress).await,
    }
}

/// The resource of every line. What `--attr` says of the service counts before `--service`.
fn resource_attributes(args: &PushArgs) -> Vec<spile_client::proto::KeyValue> {
    let service = args.service.iter().map(|name| ("service.name", name.as_str()));
    let attributes = args.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let mut by_key = std::collections::BTreeMap::new();
    by_key.extend(service.chain(attributes));
    by_key.into_iter().map(|(key, value)| key_value(key.to_owned(), value)).collect()
}

fn describe(summary: &UploadResponse, began: Instant) -> String {
    let seconds = began.elapsed().as_secs_f64();
    let mut text =
        format!("{}, {} in {seconds:.1} s", counted(summary.records, "record"), BinaryBytes(summary.bytes));
    if summary.duplicate_records > 0 {
        text.push_str(&format!(", {} of them stored before", HumanCount(summary.duplicate_records)));
    }
    if summary.cut_lines > 0 {
        text.push_str(&format!(", cut {} that were too long", counted(summary.cut_lines, "line")));
    }
    text
}

fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", HumanCount(number))
}

/// What all files come to.
#[derive(Debug, Default)]
struct Total {
    files: usize,
    records: u64,
    bytes: u64,
    failed: usize,
}

impl Total {
    fn add(&mut self, summary: &UploadResponse) {
        self.files += 1;
        self.records += summary.records;
        self.bytes += summary.bytes;
    }

    fn tell(&self, asked: usize, notes: &Notes) -> Result<(), CliError> {
        if asked > 1 {
            let (records, bytes) = (counted(self.records, "record"), BinaryBytes(self.bytes));
            notes.note(&format!("{} of {asked} files pushed: {records}, {bytes}", self.files));
        }
        if self.failed > 0 { Err(CliError::Told) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
