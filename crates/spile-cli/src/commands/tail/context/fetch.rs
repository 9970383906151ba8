//! Asks for records by their offsets, again when the connection breaks.

use std::time::Duration;

use spile_client::proto::{ContextRequest, Filter, context_request};
use spile_client::{Client, Error, Tail, TailBatch, is_retryable};
use tokio::time::sleep;

use super::groups::Window;
use crate::exit::CliError;

/// The most that one call gives on one side.
pub(super) const MAX_RECORDS: u64 = 1_000;
/// Together about half a minute: enough when somebody waits for an end.
const ATTEMPTS: u32 = 9;
const FIRST_WAIT: Duration = Duration::from_millis(100);
const MAX_WAIT: Duration = Duration::from_secs(10);

/// A stream to ask.
#[derive(Debug)]
pub(super) struct Source {
    client: Client,
    stream: String,
    /// How often one thing is asked.
    attempts: u32,
}

impl Source {
    /// `for_ever` is how long it is tried when the connection breaks.
    pub(super) fn new(client: Client, stream: String, for_ever: bool) -> Self {
        Self { client, stream, attempts: if for_ever { u32::MAX } else { ATTEMPTS } }
    }

    /// A tail of the stream, without a filter.
    pub(super) fn tail(&self) -> Tail {
        self.client.tail().stream(&self.stream)
    }

    /// All records of a window that can still be read, and maybe some behind it.
    pub(super) async fn window(&self, window: &Window) -> Result<Vec<TailBatch>, CliError> {
        self.between(window.from, window.to, None).await
    }

    /// The offsets from one on and before another of the records that match.
    pub(super) async fn matching(&self, from: u64, to: u64, filter: &Filter) -> Result<Vec<u64>, CliError> {
        let batches = self.between(from, to, Some(filter)).await?;
        let offsets = batches.iter().flat_map(TailBatch::iter).map(|record| record.offset);
        Ok(offsets.filter(|offset| *offset < to).collect())
    }

    /// Calls until there is nothing more: of large records fewer come than were asked for.
    async fn between(&self, from: u64, to: u64, filter: Option<&Filter>) -> Result<Vec<TailBatch>, CliError> {
        let mut batches = Vec::new();
        let mut next = from;
        while next < to {
            let asked = (to - next).min(MAX_RECORDS);
            let request = ContextRequest {
                stream: self.stream.clone(),
                position: Some(context_request::Position::Offset(next)),
                before: 0,
                after: u32::try_from(asked).expect("it is at most a thousand"),
                filter: filter.cloned(),
            };
            let batch = self.ask(request).await?;
            let Some(last) = batch.iter().last().map(|record| record.offset) else {
                break;
            };
            batches.push(batch);
            next = last.saturating_add(1).max(next + 1);
        }
        Ok(batches)
    }

    async fn ask(&self, request: ContextRequest) -> Result<TailBatch, Error> {
        let mut wait = FIRST_WAIT;
        for _ in 1..self.attempts {
            match self.client.context(request.clone()).await {
                Err(Error::Status(status)) if is_retryable(&status) => sleep(wait).await,
                other => return Ok(other?.records),
            }
            wait = (wait * 2).min(MAX_WAIT);
        }
        Ok(self.client.context(request).await?.records)
    }
}
