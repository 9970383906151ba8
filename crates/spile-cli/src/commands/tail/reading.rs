//! Reads a tail and what is around its records, and has it printed.

use futures_util::FutureExt;
use spile_client::proto::{EndReason, Filter};
use spile_client::{Client, TailBatch, TailEvent, TailStream};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::open;
use super::start::Start;
use super::view::View;
use crate::args::TailArgs;
use crate::exit::CliError;

/// The reason that servers give when a stream does not exist.
pub(super) const NO_STREAM: &str = "STREAM_NOT_FOUND";

/// A tail that is printed.
pub(super) struct Reading {
    tail: TailStream,
    context: Option<Context>,
    /// Behind what was printed; the tail's own may be ahead of it.
    cursor: Option<String>,
}

/// What there is to do.
enum Woken {
    Event(Option<Result<TailEvent, spile_client::Error>>),
    /// Records behind a match.
    Arrived(TailBatch),
    /// Nothing to print.
    Other,
}

impl Reading {
    pub(super) fn open(client: &Client, args: &TailArgs, filter: &Filter, start: &Start) -> Self {
        let context = Context::new(client, args, filter, start.limit(args.limit));
        Self { tail: open(client, args, filter, start), context, cursor: None }
    }

    /// The cursor behind what was printed.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Whether it ended at once because there is no such stream.
    pub(super) fn found_no_stream(&self, outcome: &Result<(), CliError>) -> bool {
        match outcome {
            Err(CliError::Client(error)) => {
                self.tail.cursor().is_none() && error.reason().as_deref() == Some(NO_STREAM)
            }
            _ => false,
        }
    }

    /// Prints until the end, an error, or a wish to stop.
    pub(super) async fn print(
        &mut self,
        view: &mut View<'_>,
        stop: &CancellationToken,
    ) -> Result<(), CliError> {
        loop {
            // All that was told so far was printed.
            self.cursor = self.tail.cursor().map(str::to_owned);
            if stop.is_cancelled() {
                return Ok(());
            }
            let event = match self.next(view, stop).await? {
                Woken::Event(Some(event)) => event?,
                Woken::Event(None) => return Ok(()),
                Woken::Arrived(batch) => {
                    tokio::select! {
                        printed = self.print_arrived(&batch, view) => printed?,
                        () = stop.cancelled() => return Ok(()),
                    }
                    continue;
                }
                Woken::Other => continue,
            };
            tokio::select! {
                printed = self.print_event(&event, view) => printed?,
                () = stop.cancelled(), if self.context.is_some() => return Ok(()),
            }
            view.checkpoint(self.tail.cursor())?;
            if let TailEvent::End(end) = event {
                self.cursor = self.tail.cursor().map(str::to_owned);
                return match end.reason {
                    EndReason::Limit | EndReason::Until | EndReason::EndOfHistory => Ok(()),
                    reason => Err(CliError::Ended(reason.as_str_name())),
                };
            }
        }
    }

    /// While there is more, it goes to the buffer; before waiting, the buffer goes out.
    async fn next(&mut self, view: &mut View<'_>, stop: &CancellationToken) -> Result<Woken, CliError> {
        if let Some(event) = self.tail.next().now_or_never() {
            return Ok(Woken::Event(event));
        }
        view.pause(self.tail.cursor())?;
        let due = view.due();
        let waiting = self.context.as_mut().filter(|context| context.waits());
        let waits = waiting.is_some();
        tokio::select! {
            biased;
            event = self.tail.next() => Ok(Woken::Event(event)),
            () = stop.cancelled() => Ok(Woken::Other),
            arrived = async { waiting.expect("it is only polled with one").arrived().await }, if waits => {
                arrived.map(Woken::Arrived)
            }
            () = async { sleep_until(due.expect("it is only polled with one")).await }, if due.is_some() => {
                view.overdue();
                Ok(Woken::Other)
            }
        }
    }

    async fn print_event(&mut self, event: &TailEvent, view: &mut View<'_>) -> Result<(), CliError> {
        match (&mut self.context, event) {
            // It prints them with what is around them.
            (Some(context), TailEvent::Batch(_)) => context.event(event, view).await,
            (Some(context), _) => {
                view.event(event)?;
                context.event(event, view).await
            }
            (None, _) => view.event(event),
        }
    }

    async fn print_arrived(&mut self, batch: &TailBatch, view: &mut View<'_>) -> Result<(), CliError> {
        match &mut self.context {
            Some(context) => context.print_arrived(batch, view).await,
            None => Ok(()),
        }
    }
}
