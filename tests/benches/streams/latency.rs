//! From a push to a follower, at 5,000 records a second.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{AppendRequest, Filter, LogRecord, RecordBatch, TailRequest};
use spile_tests::Server;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::process::percentile;
use crate::row;

const RATE: u32 = 5_000;
const RECORDS: u32 = 50_000;

pub(crate) async fn measure() -> Result<()> {
    let server = Server::start().await?;
    let mut reader = server.read().await?;
    let request = TailRequest { follow: true, filter: Some(Filter::default()), ..TailRequest::default() };
    let mut tail = reader.tail(request).await?.into_inner();
    let origin = Instant::now();
    let (requests, receiver) = mpsc::channel(1024);
    let mut writer = server.write().await?;
    let acks = tokio::spawn(async move {
        let mut acks = writer.append(ReceiverStream::new(receiver)).await?.into_inner();
        while acks.message().await?.is_some() {}
        anyhow::Ok(())
    });
    let pusher = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        for sequence in 0..RECORDS / (RATE / 1000) {
            ticks.tick().await;
            // Each record carries when it was pushed, in nanoseconds since the start.
            let pushed =
                || LogRecord { body: origin.elapsed().as_nanos().to_string(), ..LogRecord::default() };
            let records = (0..RATE / 1000).map(|_| pushed()).collect();
            let batch = Some(RecordBatch { records, ..RecordBatch::default() });
            let sequence = u64::from(sequence) + 1;
            let request = AppendRequest { sequence, batch, ..AppendRequest::default() };
            requests.send(request).await.context("the call goes on")?;
        }
        anyhow::Ok(())
    });
    let mut took: Vec<Duration> = Vec::new();
    while took.len() < RECORDS as usize {
        let message = tail.message().await?.context("a follow goes on")?;
        let seen = origin.elapsed();
        if let Some(Payload::Batch(batch)) = message.payload {
            for record in batch.records {
                took.push(seen.saturating_sub(Duration::from_nanos(record.body.parse()?)));
            }
        }
    }
    pusher.await??;
    acks.await??;
    took.sort();
    let [p50, p90, p99, max] =
        [0.5, 0.9, 0.99, 1.0].map(|share| percentile(&took, share).as_secs_f64() * 1e3);
    row(
        "pushed to seen by a follower, durable, 5,000 records/s: p50, p90, p99, max",
        &format!("{p50:.2}, {p90:.2}, {p99:.2}, {max:.2} ms"),
        "a few ms",
    );
    Ok(())
}
