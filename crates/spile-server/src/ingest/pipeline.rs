//! Sends batches to a stream with several on their way, so that the disk's syncs are not waited for one by one.

use std::collections::VecDeque;
use std::sync::Arc;

use spile_engine::{Ack, Append, AppendError, FrameDraft, Offset, ProducerSequence, Stream};
use tokio::sync::oneshot;

use super::decoder::Batch;
use super::place::Place;
use crate::metrics::{Metrics, SourceLabel};

/// A batch on its way.
#[derive(Debug)]
struct InFlight {
    place: Place,
    encoded_bytes: usize,
    acked: oneshot::Receiver<Result<Ack, AppendError>>,
}

/// What is durable of what was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Records that this pipeline stored.
    pub(crate) records: u64,
    /// Records of batches that turned out to be stored already.
    pub(crate) duplicates: u64,
    /// The offset of the first record that this pipeline stored.
    pub(crate) first_offset: Option<Offset>,
    /// The offset behind the last record sent, stored before or now.
    pub(crate) next_offset: Option<Offset>,
    /// Behind the last batch that is durable.
    pub(crate) place: Place,
}

/// One sender's batches, in order. After an error nothing more can be sent by it: what comes behind a lost batch must not be stored.
#[derive(Debug)]
pub(crate) struct AppendPipeline {
    stream: Stream,
    producer: Option<Arc<str>>,
    /// The sequence of the batch sent last, which the next one has to follow.
    last: Option<u64>,
    window_bytes: usize,
    in_flight: VecDeque<InFlight>,
    in_flight_bytes: usize,
    stored: Stored,
    metrics: Arc<Metrics>,
    source: SourceLabel,
}

impl AppendPipeline {
    /// A pipeline into `stream` with about `window_bytes` of encoded records on their way at most. `source` is its label in the metrics.
    ///
    /// What lies up to `start` is durable. `producer`'s last batch has to be `last`, if that is given; without a producer, nothing is told
    /// apart from its repetition.
    pub(crate) fn new(
        stream: Stream,
        producer: Option<Arc<str>>,
        (start, last): (Place, Option<u64>),
        window_bytes: usize,
        metrics: Arc<Metrics>,
        source: &'static str,
    ) -> Self {
        Self {
            stream,
            producer,
            last,
            window_bytes,
            in_flight: VecDeque::new(),
            in_flight_bytes: 0,
            stored: Stored { place: start, ..Stored::default() },
            metrics,
            source: SourceLabel { source },
        }
    }

    /// Sends a batch: returns when it has joined the stream's line, after waiting for acks while too much is on its way.
    pub(crate) async fn send(&mut self, batch: Batch) -> Result<(), AppendError> {
        let Batch { drafts, place, received_unix_nano } = batch;
        let encoded_bytes = drafts.iter().map(FrameDraft::encoded_bytes).sum();
        while !self.in_flight.is_empty() && self.in_flight_bytes + encoded_bytes > self.window_bytes {
            self.acked().await?;
        }
        let sequence = place.sequence();
        let producer = self.producer.clone();
        let producer = producer.map(|producer| ProducerSequence { producer, sequence, after: self.last });
        let acked = self.stream.enqueue(Append { drafts, producer, received_unix_nano }).await?;
        self.last = Some(sequence);
        self.in_flight_bytes += encoded_bytes;
        self.in_flight.push_back(InFlight { place, encoded_bytes, acked });
        Ok(())
    }

    /// Waits until the oldest batch is durable; for ever if none is on its way. May be dropped and called again.
    pub(crate) async fn acked(&mut self) -> Result<(), AppendError> {
        let Some(oldest) = self.in_flight.front_mut() else { return std::future::pending().await };
        let ack = (&mut oldest.acked).await.unwrap_or(Err(AppendError::Closed));
        if let Some(oldest) = self.in_flight.pop_front() {
            self.in_flight_bytes -= oldest.encoded_bytes;
            self.count(&oldest, ack?);
        }
        Ok(())
    }

    /// Waits until everything sent is durable.
    pub(crate) async fn flush(&mut self) -> Result<(), AppendError> {
        while !self.in_flight.is_empty() {
            self.acked().await?;
        }
        Ok(())
    }

    /// Waits for what is on its way, whatever becomes of it.
    pub(crate) async fn settle(&mut self) {
        while !self.in_flight.is_empty() {
            // The first error was told; those behind it follow from it.
            let _ = self.acked().await;
        }
    }

    /// What is durable so far.
    pub(crate) fn stored(&self) -> Stored {
        self.stored
    }

    fn count(&mut self, of: &InFlight, ack: Ack) {
        self.stored.place = of.place;
        self.stored.next_offset = Some(ack.next_offset);
        if ack.duplicate {
            self.stored.duplicates += ack.records;
            return;
        }
        self.stored.records += ack.records;
        self.stored.first_offset.get_or_insert(ack.first_offset);
        self.metrics.appended_records.get_or_create(&self.source).inc_by(ack.records);
        self.metrics.appended_bytes.get_or_create(&self.source).inc_by(of.encoded_bytes as u64);
    }
}
