//! Deterministic records, and servers that hold them.

use anyhow::Result;
use prost::Message;
use spile_proto::v1::{AppendRequest, LogRecord, RecordBatch};
use spile_tests::Server;

/// Bytes of each body.
pub(crate) const BODY_BYTES: usize = 150;

/// Record `n`: a body of `BODY_BYTES`, every hundredth an ERROR.
pub(crate) fn record(n: u64) -> LogRecord {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut body = format!(
        "{n:012} GET /api/v1/orders/{mixed:016x} 200 {:5}us request_id={:016x} user={} ",
        mixed % 90_000,
        mixed.rotate_left(17),
        mixed % 5_000
    );
    while body.len() < BODY_BYTES {
        body.push_str("upstream=checkout ");
    }
    body.truncate(BODY_BYTES);
    LogRecord {
        time_unix_nano: 1_790_000_000_000_000_000 + n * 1_000_000,
        observed_time_unix_nano: 1_790_000_000_000_000_000 + n * 1_000_000,
        severity_number: if n.is_multiple_of(100) { 17 } else { 9 },
        body,
        ..LogRecord::default()
    }
}

/// A batch of `count` records from `first` on.
pub(crate) fn batch(first: u64, count: u64) -> RecordBatch {
    RecordBatch { records: (first..first + count).map(record).collect(), ..RecordBatch::default() }
}

/// A server that holds `records` records in `default`.
pub(crate) async fn filled(records: u64) -> Result<Server> {
    let server = Server::start().await?;
    let requests = (0..records).step_by(1_000).map(|first| AppendRequest {
        stream: String::new(),
        producer_id: String::new(),
        sequence: first,
        batch: Some(batch(first, 1_000)),
    });
    let mut acks = server.write().await?.append(tokio_stream::iter(requests)).await?.into_inner();
    let mut stored = 0;
    while let Some(ack) = acks.message().await? {
        stored += ack.records;
    }
    anyhow::ensure!(stored == records, "{stored} of {records} records are stored");
    eprintln!("a record takes {} bytes encoded", record(1).encoded_len());
    Ok(server)
}
