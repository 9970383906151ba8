//! Records from inside the process: a bounded channel into a stream, each parcel with a durable answer.

use std::sync::Arc;

use spile_engine::frame::PushError;
use spile_engine::{Ack, Append, AppendError, FrameDraft, ResourceDef};
use spile_proto::v1::LogRecord;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{Running, Sink, Source};

/// The receiving end, to be run as a source.
#[derive(Debug)]
pub struct ChannelSource {
    parcels: mpsc::Receiver<Parcel>,
}

/// The sending end. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RecordSender {
    parcels: mpsc::Sender<Parcel>,
}

/// Why records were not stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SendError {
    /// The source has ended: the server drains.
    #[error("the source has ended")]
    Ended,
    /// The parcel has no records.
    #[error("a parcel needs at least one record")]
    Empty,
    /// A record is not acceptable; none of its parcel is stored.
    #[error("record {index}: {reason}")]
    Record {
        /// Which of the parcel, from 0.
        index: usize,
        /// What is wrong with it.
        reason: Arc<str>,
    },
    /// The stream did not take them.
    #[error(transparent)]
    Append(#[from] AppendError),
}

/// Records that are sent together, and who waits for them.
#[derive(Debug)]
struct Parcel {
    records: Vec<LogRecord>,
    resource: Option<Arc<ResourceDef>>,
    joined: oneshot::Sender<Result<Acked, SendError>>,
}

type Acked = oneshot::Receiver<Result<Ack, AppendError>>;

/// Records that have their place in the stream and are on their way to the disk.
#[derive(Debug)]
pub struct Sent {
    joined: oneshot::Receiver<Result<Acked, SendError>>,
}

impl ChannelSource {
    /// A source and its sender. `parcels` may wait in the channel; then sending waits.
    ///
    /// # Panics
    /// If `parcels` is 0.
    #[must_use]
    pub fn new(parcels: usize) -> (Self, RecordSender) {
        let (sender, receiver) = mpsc::channel(parcels);
        (Self { parcels: receiver }, RecordSender { parcels: sender })
    }
}

impl RecordSender {
    /// Sends records that one resource produced. Returns when they are in the channel, in order; [`Sent::durable`] waits on.
    ///
    /// # Errors
    /// [`SendError::Ended`], or [`SendError::Empty`].
    pub async fn send(
        &self,
        records: Vec<LogRecord>,
        resource: Option<Arc<ResourceDef>>,
    ) -> Result<Sent, SendError> {
        if records.is_empty() {
            return Err(SendError::Empty);
        }
        let (joined, waits) = oneshot::channel();
        let parcel = Parcel { records, resource, joined };
        self.parcels.send(parcel).await.map_err(|_| SendError::Ended)?;
        Ok(Sent { joined: waits })
    }
}

impl Sent {
    /// Waits until the records are durable and visible.
    ///
    /// # Errors
    /// Why they are not stored.
    pub async fn durable(self) -> Result<Ack, SendError> {
        let acked = self.joined.await.map_err(|_| SendError::Ended)??;
        Ok(acked.await.unwrap_or(Err(AppendError::Closed))?)
    }
}

impl Source for ChannelSource {
    fn name(&self) -> &'static str {
        "channel"
    }

    fn run(self: Box<Self>, sink: Sink, shutdown: CancellationToken) -> Running {
        Box::pin(run(self.parcels, sink, shutdown))
    }
}

async fn run(mut parcels: mpsc::Receiver<Parcel>, sink: Sink, shutdown: CancellationToken) {
    loop {
        let parcel = tokio::select! {
            parcel = parcels.recv() => parcel,
            () = shutdown.cancelled(), if !parcels.is_closed() => {
                // What was sent before is still taken.
                parcels.close();
                continue;
            }
        };
        let Some(Parcel { records, resource, joined }) = parcel else { return };
        let outcome = enqueue(&sink, &records, resource.as_ref()).await;
        // The sender may have dropped its wait; the records go in all the same.
        let _ = joined.send(outcome);
    }
}

async fn enqueue(
    sink: &Sink,
    records: &[LogRecord],
    resource: Option<&Arc<ResourceDef>>,
) -> Result<Acked, SendError> {
    let received_unix_nano = sink.context.clock.now_unix_nano();
    let drafts = lay_down(records, resource, received_unix_nano)?;
    let append = Append { drafts, producer: None, received_unix_nano };
    Ok(sink.stream.enqueue(append).await?)
}

fn lay_down(
    records: &[LogRecord],
    resource: Option<&Arc<ResourceDef>>,
    received_unix_nano: u64,
) -> Result<Vec<FrameDraft>, SendError> {
    let mut drafts = vec![FrameDraft::default()];
    for (index, record) in records.iter().enumerate() {
        let refused = |why: PushError| SendError::Record { index, reason: why.to_string().into() };
        let draft = drafts.last_mut().expect("there is always a draft");
        match draft.push(record, resource, received_unix_nano) {
            Ok(()) => {}
            Err(PushError::Full) => {
                let mut next = FrameDraft::default();
                next.push(record, resource, received_unix_nano).map_err(refused)?;
                drafts.push(next);
            }
            Err(why) => return Err(refused(why)),
        }
    }
    Ok(drafts)
}

#[cfg(test)]
mod tests;
