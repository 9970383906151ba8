//! `spile export`.

mod csv;
mod destination;
mod encoder;
mod parquet;
mod progress;

use std::time::Instant;

use indicatif::{BinaryBytes, HumanCount};
use spile_client::proto::EndReason;
use spile_client::{TailEvent, TailStream};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use crate::args::{ExportArgs, ExportFormat, GlobalArgs};
use crate::connect::{connect, retry_for_a_while};
use crate::escape::visible;
use crate::exit::CliError;
use crate::filter::filter;
use crate::gap;
use crate::notes::Notes;
use crate::outage::Outage;
use destination::Destination;
use encoder::Encoder;
use progress::Progress;

pub(super) async fn run(
    global: &GlobalArgs,
    args: &ExportArgs,
    notes: &Notes,
    stop: &CancellationToken,
) -> Result<(), CliError> {
    let filter = filter(&args.filter)?;
    let destination = Destination::open(args.output_file.as_deref())?;
    if args.format() == ExportFormat::Parquet && destination.is_terminal() {
        return Err(CliError::Usage("Parquet is not for terminals: give --output-file FILE".to_owned()));
    }
    let encoder = Encoder::new(args.format(), destination.target(global.color))?;
    let client = connect(global).await?;
    let progress = Progress::new(notes, &client, &args.filter.stream, destination.is_terminal()).await;
    let tail = client.tail().stream(&args.filter.stream).matching(filter).retry(retry_for_a_while()).open();
    let mut export = Export { encoder, destination, progress, notes, outage: Outage::default(), records: 0 };
    let began = Instant::now();
    let outcome = export.copy(tail, stop).await;
    export.progress.clear();
    // What is dropped without its end leaves no file.
    outcome?;
    let (records, bytes) = (HumanCount(export.records), BinaryBytes(export.destination.bytes()));
    let name = export.destination.name().map(|name| format!("{}: ", visible(&name))).unwrap_or_default();
    export.destination.commit()?;
    notes.note(&format!("{name}{records} records, {bytes} in {:.1} s", began.elapsed().as_secs_f64()));
    Ok(())
}

/// Records on their way from a tail to a file.
struct Export<'a> {
    encoder: Encoder,
    destination: Destination,
    progress: Progress,
    notes: &'a Notes,
    outage: Outage,
    records: u64,
}

impl Export<'_> {
    async fn copy(&mut self, mut tail: TailStream, stop: &CancellationToken) -> Result<(), CliError> {
        self.destination.print(|out| self.encoder.begin(out))?;
        loop {
            let due = self.outage.due();
            let event = tokio::select! {
                biased;
                () = stop.cancelled() => return Err(CliError::Told),
                event = tail.next() => event,
                () = async { sleep_until(due.expect("it is only polled with one")).await }, if due.is_some() => {
                    if let Some(cause) = self.outage.tell() {
                        self.notes.note(&format!("connection lost, trying again: {cause}"));
                    }
                    continue;
                }
            };
            let Some(event) = event.transpose()? else {
                return Err(CliError::Ended("without a reason"));
            };
            self.take(&event, tail.total_records())?;
            if let TailEvent::End(end) = event {
                return match end.reason {
                    EndReason::Limit | EndReason::Until | EndReason::EndOfHistory => self.finish(),
                    reason => Err(CliError::Ended(reason.as_str_name())),
                };
            }
        }
    }

    fn take(&mut self, event: &TailEvent, total: Option<u64>) -> Result<(), CliError> {
        match event {
            TailEvent::Batch(batch) => {
                self.destination.try_print(|out| self.encoder.batch(batch, out))?;
                self.records += batch.len() as u64;
                self.progress.delivered(batch, self.records, total);
            }
            TailEvent::Progress(mark) => self.progress.scanned(mark.next_offset),
            TailEvent::Gap(gap) => self.notes.note(&gap::describe(gap)),
            TailEvent::Reconnecting { wait, cause, .. } => {
                self.notes.detail(&format!("going on in {wait:.1?}: {cause}"));
                self.outage.begin(cause.to_string());
            }
            TailEvent::Reconnected => {
                let was_told = self.outage.end();
                if was_told || self.notes.is_verbose() {
                    self.notes.note("connected again");
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), CliError> {
        self.destination.try_print(|out| self.encoder.finish(out))?;
        self.destination.flush()
    }
}
