//! What the cases share: records in, deliveries out.

use std::ops::Range;
use std::time::Duration;

use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{
    AppendRequest, AppendResponse, Filter, LogRecord, RecordBatch, Start, TailRequest, TailResponse, start,
};
use spile_tests::Server;
use tokio_stream::StreamExt;
use tonic::{Status, Streaming};

/// Longer than anything here takes on a busy machine; only a failure comes near it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Waits, but not for ever.
pub(crate) async fn patiently<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited too long for {what}"))
}

/// A record of this body and severity.
pub(crate) fn record(body: impl Into<String>, severity: i32) -> LogRecord {
    LogRecord { body: body.into(), severity_number: severity, ..LogRecord::default() }
}

/// A batch of records whose bodies are `PREFIX N`; every tenth is an ERROR, the others INFO.
pub(crate) fn numbered(prefix: &str, range: Range<u64>) -> Vec<LogRecord> {
    range.map(|n| record(format!("{prefix} {n}"), if n.is_multiple_of(10) { 17 } else { 9 })).collect()
}

/// Appends batches on one call and returns their acks.
pub(crate) async fn append_batches(
    server: &Server,
    stream: &str,
    batches: Vec<Vec<LogRecord>>,
) -> Result<Vec<AppendResponse>, Status> {
    let stream = stream.to_owned();
    let requests = batches.into_iter().enumerate().map(move |(at, records)| AppendRequest {
        stream: stream.clone(),
        producer_id: String::new(),
        sequence: at as u64 + 1,
        batch: Some(RecordBatch { records, ..RecordBatch::default() }),
    });
    let mut client = server.write().await.expect("the server is there");
    let acks = client.append(tokio_stream::iter(requests.collect::<Vec<_>>())).await?;
    acks.into_inner().collect::<Result<Vec<_>, _>>().await
}

/// Appends records in batches of a thousand.
pub(crate) async fn append(server: &Server, stream: &str, records: Vec<LogRecord>) {
    let batches = records.chunks(1000).map(<[LogRecord]>::to_vec).collect();
    patiently("appends", append_batches(server, stream, batches)).await.expect("appends are taken");
}

/// A request for all of a stream.
pub(crate) fn all_of(stream: &str) -> TailRequest {
    TailRequest { stream: stream.to_owned(), ..TailRequest::default() }
}

/// The position after a cursor.
pub(crate) fn after(cursor: impl Into<String>) -> Option<Start> {
    Some(Start { position: Some(start::Position::AfterCursor(cursor.into())) })
}

/// A filter by expression.
pub(crate) fn matching(expression: &str) -> Option<Filter> {
    Some(Filter { expression: expression.to_owned(), ..Filter::default() })
}

/// A record as it was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivered {
    pub(crate) offset: u64,
    pub(crate) body: String,
}

/// The records of a batch with their offsets.
pub(crate) fn delivered(batch: RecordBatch) -> Vec<Delivered> {
    let RecordBatch { records, first_offset, offset_deltas, offsets, .. } = batch;
    assert!(offset_deltas.is_empty() || offset_deltas.len() == records.len());
    assert!(offsets.is_empty() || (offsets.len(), first_offset) == (records.len(), 0));
    let delta = |at: usize| offset_deltas.get(at).map_or(at as u64, |&delta| u64::from(delta));
    let offset = |at: usize| offsets.get(at).copied().unwrap_or_else(|| first_offset + delta(at));
    let records = records.into_iter().enumerate();
    records.map(|(at, record)| Delivered { offset: offset(at), body: record.body }).collect()
}

/// A running tail and what it has delivered.
pub(crate) struct Reading {
    pub(crate) stream: Streaming<TailResponse>,
    pub(crate) records: Vec<Delivered>,
    pub(crate) cursor: String,
    pub(crate) caught_up: bool,
    /// Every message that is not a batch.
    pub(crate) others: Vec<Payload>,
}

impl Reading {
    pub(crate) async fn open(server: &Server, request: TailRequest) -> Result<Self, Status> {
        let mut client = server.read().await.expect("the server is there");
        let stream = client.tail(request).await?.into_inner();
        Ok(Self { stream, records: Vec::new(), cursor: String::new(), caught_up: false, others: Vec::new() })
    }

    /// Takes one message; `false` at the end.
    pub(crate) async fn step(&mut self) -> Result<bool, Status> {
        let Some(message) = patiently("a message", self.stream.message()).await? else { return Ok(false) };
        assert!(!message.cursor.is_empty(), "every message has a cursor");
        self.cursor = message.cursor;
        match message.payload.expect("every message has a payload") {
            Payload::Batch(batch) => {
                let batch = delivered(batch);
                assert!(!batch.is_empty(), "a batch is never empty");
                self.records.extend(batch);
            }
            other => {
                self.caught_up |= matches!(other, Payload::CaughtUp(_));
                self.others.push(other);
            }
        }
        Ok(true)
    }

    /// Reads until so many records have come.
    pub(crate) async fn until_records(&mut self, count: usize) -> Result<(), Status> {
        while self.records.len() < count {
            assert!(self.step().await?, "the tail ended after {} of {count} records", self.records.len());
        }
        Ok(())
    }

    /// Reads to the end.
    pub(crate) async fn read_to_end(&mut self) -> Result<(), Status> {
        while self.step().await? {}
        Ok(())
    }

    pub(crate) fn bodies(&self) -> Vec<&str> {
        self.records.iter().map(|record| record.body.as_str()).collect()
    }

    pub(crate) fn offsets(&self) -> Vec<u64> {
        self.records.iter().map(|record| record.offset).collect()
    }
}

/// crc32c over bodies, each followed by a newline, as `spile-checksum` has it.
pub(crate) fn checksum<'a>(bodies: impl IntoIterator<Item = &'a str>) -> String {
    let sum = bodies
        .into_iter()
        .fold(0, |sum, body| crc32c::crc32c_append(crc32c::crc32c_append(sum, body.as_bytes()), b"\n"));
    format!("{sum:08x}")
}

/// Waits until a condition that the server tells by its metrics holds.
pub(crate) async fn until_metric(
    server: &Server,
    name: &str,
    labels: &[&str],
    wanted: impl Fn(f64) -> bool,
) -> f64 {
    patiently(name, async {
        loop {
            let value = server.metric(name, labels).await.expect("metrics are there");
            if wanted(value) {
                return value;
            }
            // Metrics are polled, for they have no notification.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
}
