//! Writing: an appender that gathers records into batches, keeps several on the way, and sends what was not acknowledged again,
//! in order, after a broken connection.

mod ack;
mod batch;
mod call;
mod codec;
mod driver;
mod shared;

use std::sync::Arc;
use std::time::Duration;

use spile_proto::v1::Resource;
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use ack::{Ack, PendingAck};

use crate::client::Client;
use crate::error::Error;
use crate::record::NewRecord;
use crate::retry::RetryPolicy;
use driver::Driver;
use shared::{Limits, Shared};

/// Servers take 128 bytes.
const MAX_PRODUCER_ID: usize = 128;
/// What a request has beside its batch: the stream's name, the producer's id, numbers.
const REQUEST_OVERHEAD: usize = 1 << 10;
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// The settings of an [`Appender`].
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `open`"]
pub struct AppenderBuilder {
    client: Client,
    stream: String,
    producer: Option<(String, u64)>,
    resource: Option<Arc<Resource>>,
    batch_bytes: usize,
    batch_records: usize,
    linger: Duration,
    max_in_flight: usize,
    max_buffered_bytes: u32,
    ack_timeout: Duration,
    retry: RetryPolicy,
}

impl AppenderBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            stream: String::new(),
            producer: None,
            resource: None,
            batch_bytes: 256 << 10,
            batch_records: 4_096,
            linger: Duration::from_millis(5),
            max_in_flight: 16,
            max_buffered_bytes: 16 << 20,
            ack_timeout: Duration::from_secs(45),
            retry: RetryPolicy::default(),
        }
    }

    /// The stream to write to; the first record makes it. Default: `default`.
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = name.into();
        self
    }

    /// Who writes, and the number of the first batch; each batch has the next number. The server stores a number of a producer
    /// only once, and refuses any that is below: give a number above all that this id has used, or repeat the very same batches
    /// ([`Appender::append_batch`]) with their old numbers. At most 128 bytes. Default: a random id, from 1.
    pub fn producer(mut self, id: impl Into<String>, first_sequence: u64) -> Self {
        self.producer = Some((id.into(), first_sequence));
        self
    }

    /// What produces records that name no resource of their own, made with [`resource`](crate::resource()). Default: not known.
    pub fn resource(mut self, resource: &Arc<Resource>) -> Self {
        self.resource = Some(Arc::clone(resource));
        self
    }

    /// A batch is sent when it holds so many bytes. Default 256 KiB.
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.batch_bytes = bytes;
        self
    }

    /// A batch is sent when it holds so many records. Default 4,096.
    pub fn batch_records(mut self, records: usize) -> Self {
        self.batch_records = records;
        self
    }

    /// A batch is sent when its first record has waited so long. Default 5 ms; zero sends what there is as soon as it can be sent.
    pub fn linger(mut self, wait: Duration) -> Self {
        self.linger = wait;
        self
    }

    /// How many batches may be on the way, sent and not acknowledged; at least 1. Default 16.
    pub fn max_in_flight(mut self, batches: usize) -> Self {
        self.max_in_flight = batches.max(1);
        self
    }

    /// How many bytes of records may wait here for their acknowledgement; when it is reached, appending waits. Default 16 MiB.
    pub fn max_buffered_bytes(mut self, bytes: u32) -> Self {
        self.max_buffered_bytes = bytes;
        self
    }

    /// Takes a call as broken when no acknowledgement comes for so long while one is due. Default 45 s.
    pub fn ack_timeout(mut self, limit: Duration) -> Self {
        self.ack_timeout = limit;
        self
    }

    /// How broken calls are followed by others. Default: for ever.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Makes the appender. Its connection is used when there is something to send. Must be called within a Tokio runtime.
    pub fn open(self) -> Result<Appender, Error> {
        let (producer_id, first_sequence) = self.producer.unwrap_or_else(|| (random_id(), 1));
        let refuse = |reason: &str| Error::Setting { setting: "producer id", reason: reason.to_owned() };
        if producer_id.is_empty() {
            return Err(refuse("it is empty"));
        }
        if producer_id.len() > MAX_PRODUCER_ID {
            return Err(refuse("it is over 128 bytes"));
        }
        let message_bytes = self.client.max_message().saturating_sub(REQUEST_OVERHEAD);
        let limits = Limits {
            batch_bytes: self.batch_bytes.min(message_bytes),
            batch_records: self.batch_records.max(1),
            linger: self.linger,
            buffered_bytes: self.max_buffered_bytes,
            message_bytes,
        };
        let shared = Arc::new(Shared::new(limits, first_sequence));
        let driver = Driver {
            client: self.client,
            shared: Arc::clone(&shared),
            stream: self.stream,
            producer_id,
            max_in_flight: self.max_in_flight,
            ack_timeout: self.ack_timeout,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(driver.run(self.retry));
        Ok(Appender { inner: Arc::new(Inner { shared, resource: self.resource, _driver: tasks }) })
    }
}

/// Writes records to a stream; each is acknowledged when it is durable. Clones share one connection and one order.
///
/// - **Order**: records are stored in the order in which `append` took them.
/// - **Once**: a batch has a number that the server stores only once per producer, so what is sent again after a broken connection is
///   stored once.
/// - **Back-pressure**: `append` waits while too much waits for its acknowledgement; memory is bounded.
/// - **Failure**: what can pass (no server, a broken connection) is tried again, as the retry policy says. What cannot, as a refused
///   record, ends the appender: whatever was not acknowledged gets the error, and so does every later call.
/// - **Drop**: what was not acknowledged when the last clone is dropped may be stored or not: [`close`](Self::close) or
///   [`flush`](Self::flush) first.
///
/// ```no_run
/// # async fn example(client: spile_client::Client) -> Result<(), spile_client::Error> {
/// use spile_client::{NewRecord, proto::SeverityNumber, resource};
/// let service = resource([("service.name", "checkout")]);
/// let appender = client.appender().stream("shop").resource(&service).open()?;
/// let record = NewRecord::new("payment refused").severity(SeverityNumber::Error);
/// let pending = appender.append(record).await?; // taken
/// let ack = pending.await?; // durable
/// println!("stored at {:?}", ack.offset);
/// appender.close().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Appender {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    resource: Option<Arc<Resource>>,
    /// Ends with the last clone.
    _driver: JoinSet<()>,
}

impl Appender {
    /// Takes one record, waiting while too much is buffered. What it gives can be awaited for the acknowledgement, or dropped
    /// in favour of a later [`flush`](Self::flush). When this future is dropped before it is ready, the record is not taken.
    pub async fn append(&self, record: impl Into<NewRecord>) -> Result<PendingAck, Error> {
        let record = record.into().or_resource(self.inner.resource.as_ref());
        self.inner.shared.push(record).await
    }

    /// Takes records as one batch of their own, whatever the batch limits are, so that it has the same number and content each
    /// time it is repeated. The acknowledgement is that of its first record.
    pub async fn append_batch(&self, records: Vec<NewRecord>) -> Result<PendingAck, Error> {
        let resource = self.inner.resource.as_ref();
        let records = records.into_iter().map(|record| record.or_resource(resource)).collect();
        self.inner.shared.push_batch(records).await
    }

    /// Waits until everything that was taken before is durable.
    pub async fn flush(&self) -> Result<(), Error> {
        match self.inner.shared.seal()? {
            Some(last) => last.await.map(drop),
            None => Ok(()),
        }
    }

    /// Takes no more records, on no clone, and waits until everything that was taken is durable.
    pub async fn close(self) -> Result<(), Error> {
        self.inner.shared.close();
        self.flush().await?;
        // Everything is durable. The call gets a moment to end as it should, rather than being cancelled by the drop.
        let _late = timeout(CLOSE_GRACE, self.inner.shared.finished()).await;
        Ok(())
    }
}

fn random_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}
