//! The acknowledgement of a record, and the wait for it.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;

use crate::error::Error;

/// A record is durable and visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// Its position in the stream; `None` for a duplicate of a batch so old that the server does not know it any more.
    pub offset: Option<u64>,
    /// An earlier call had stored it: one of this appender that broke before its acknowledgement, or of an earlier run with the
    /// same producer id and number.
    pub duplicate: bool,
    /// A tail after this cursor starts behind the record's batch.
    pub cursor: Arc<str>,
}

/// What becomes of a batch; `None` while it is not known.
pub(super) type Outcome = Option<Result<BatchAck, Error>>;

#[derive(Clone, Debug)]
pub(super) struct BatchAck {
    pub(super) first_offset: Option<u64>,
    pub(super) duplicate: bool,
    pub(super) cursor: Arc<str>,
}

/// The acknowledgement of a record that was taken: await it.
#[derive(Clone, Debug)]
pub struct PendingAck {
    pub(super) batch: watch::Receiver<Outcome>,
    /// Which record of the batch.
    pub(super) index: u64,
}

impl PendingAck {
    /// Waits for the acknowledgement.
    pub async fn wait(mut self) -> Result<Ack, Error> {
        let outcome = self.batch.wait_for(Option::is_some).await;
        // The sender is only dropped unused together with the appender.
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        let batch = outcome.unwrap_or(Err(Error::Closed))?;
        Ok(Ack {
            offset: batch.first_offset.map(|first| first + self.index),
            duplicate: batch.duplicate,
            cursor: batch.cursor,
        })
    }
}

impl IntoFuture for PendingAck {
    type Output = Result<Ack, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.wait())
    }
}
