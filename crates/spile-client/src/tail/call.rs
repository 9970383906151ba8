//! One call of a tail: takes its messages apart and checks that what arrived is what was sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::FutureExt;
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{End, EndReason, RecordBatch, TailResponse};
use tonic::metadata::MetadataMap;
use tonic::{Status, Streaming};

use super::batch::{ResourceTable, TailBatch};
use super::event::TailEvent;
use crate::checksum::BodyChecksum;
use crate::error::Error;

/// A call that is being read.
#[derive(Debug)]
pub(super) struct Call {
    responses: Streaming<TailResponse>,
    resources: ResourceTable,
    checksum: BodyChecksum,
    records: u64,
    end: Option<End>,
}

/// What one poll of a call gives.
#[derive(Debug)]
pub(super) enum Step {
    /// A message: what it tells, if anything, and the cursor behind it.
    Message(Option<TailEvent>, String),
    /// The call is over.
    Over(Over),
    /// The server broke its word; there is no use in going on.
    Broken(Error),
}

/// How a call was over: what the server said last, and its status unless that is OK.
#[derive(Debug)]
pub(super) struct Over {
    pub(super) reason: Option<EndReason>,
    pub(super) status: Option<Status>,
}

impl Call {
    pub(super) fn new(responses: Streaming<TailResponse>) -> Self {
        Self {
            responses,
            resources: ResourceTable::default(),
            checksum: BodyChecksum::default(),
            records: 0,
            end: None,
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let step = match ready!(Pin::new(&mut self.responses).poll_next(cx)) {
            Some(Ok(response)) => self.accept(response),
            Some(Err(status)) => self.finish(Some(status)),
            None => self.finish(None),
        };
        Poll::Ready(step.unwrap_or_else(Step::Broken))
    }

    fn accept(&mut self, response: TailResponse) -> Result<Step, Error> {
        let TailResponse { cursor, payload } = response;
        if self.end.is_some() {
            return Err(Error::Protocol("a message came after the end".to_owned()));
        }
        let event = match payload {
            // Without one, what follows a break could be told twice.
            Some(Payload::Batch(_)) if cursor.is_empty() => {
                return Err(Error::Protocol("records came without a cursor".to_owned()));
            }
            Some(Payload::Batch(batch)) => self.accept_batch(batch)?.map(TailEvent::Batch),
            Some(Payload::Gap(gap)) => Some(TailEvent::Gap(gap)),
            Some(Payload::Progress(progress)) => Some(TailEvent::Progress(progress)),
            Some(Payload::CaughtUp(mark)) => Some(TailEvent::CaughtUp(mark)),
            Some(Payload::End(end)) => {
                self.check("the end", end.checksum, end.records)?;
                self.end = Some(end);
                None
            }
            // A payload of a later version: the cursor counts all the same.
            None => None,
        };
        Ok(Step::Message(event, cursor))
    }

    fn accept_batch(&mut self, batch: RecordBatch) -> Result<Option<TailBatch>, Error> {
        for record in &batch.records {
            self.checksum.add(&record.body);
        }
        self.records += batch.records.len() as u64;
        let batch = self.resources.resolve(batch)?;
        Ok((!batch.is_empty()).then_some(batch))
    }

    fn finish(&mut self, status: Option<Status>) -> Result<Step, Error> {
        let trailers = match &status {
            Some(status) => Some(status.metadata().clone()),
            // The stream is at its end, so the trailers are there or will never be.
            None => self.responses.trailers().now_or_never().and_then(|trailers| trailers.ok().flatten()),
        };
        let trailers = trailers.unwrap_or_default();
        if let Some(checksum) = trailer(&trailers, "spile-checksum") {
            let checksum = u32::from_str_radix(checksum, 16)
                .map_err(|_| Error::Protocol("the trailer spile-checksum is not hexadecimal".to_owned()))?;
            let records = trailer(&trailers, "spile-records").and_then(|n| n.parse().ok());
            self.check("the trailer", checksum, records.unwrap_or(self.records))?;
        }
        let reason = match &self.end {
            Some(end) => Some(end.reason()),
            None => trailer(&trailers, "spile-end-reason").and_then(reason_named),
        };
        Ok(Step::Over(Over { reason, status }))
    }

    fn check(&self, source: &str, checksum: u32, records: u64) -> Result<(), Error> {
        if records != self.records {
            return Err(Error::Damaged(format!(
                "{} records arrived, {source} of the call counts {records}",
                self.records
            )));
        }
        if checksum != self.checksum.value() {
            return Err(Error::Damaged(format!(
                "their checksum is {:08x}, {source} of the call says {checksum:08x}",
                self.checksum.value()
            )));
        }
        Ok(())
    }
}

fn trailer<'a>(trailers: &'a MetadataMap, name: &str) -> Option<&'a str> {
    trailers.get(name)?.to_str().ok()
}

/// The end reason of this name, as the trailer `spile-end-reason` writes it.
fn reason_named(name: &str) -> Option<EndReason> {
    let name = name.to_ascii_uppercase().replace('-', "_");
    EndReason::from_str_name(&format!("END_REASON_{name}"))
}
