//! One call of a tail: takes its messages apart and checks that what arrived is what was sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::FutureExt;
use spile_proto::v1::{EndReason, TailResponse};
use tonic::metadata::MetadataMap;
use tonic::{Status, Streaming};

use super::event::TailEvent;
use super::received::Received;
use crate::error::Error;

/// A call that is being read.
#[derive(Debug)]
pub(super) struct Call {
    responses: Streaming<TailResponse>,
    received: Received,
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
pub(crate) struct Over {
    pub(crate) reason: Option<EndReason>,
    pub(crate) status: Option<Status>,
}

impl Call {
    pub(super) fn new(responses: Streaming<TailResponse>) -> Self {
        Self { responses, received: Received::default() }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let step = match ready!(Pin::new(&mut self.responses).poll_next(cx)) {
            Some(Ok(response)) => {
                self.received.accept(response).map(|(event, cursor)| Step::Message(event, cursor))
            }
            Some(Err(status)) => self.finish(Some(status)),
            None => self.finish(None),
        };
        Poll::Ready(step.unwrap_or_else(Step::Broken))
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
            self.received.check("the trailer", checksum, records.unwrap_or(self.received.records()))?;
        }
        let reason = match self.received.end() {
            Some(reason) => Some(reason),
            None => trailer(&trailers, "spile-end-reason").and_then(reason_named),
        };
        Ok(Step::Over(Over { reason, status }))
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
