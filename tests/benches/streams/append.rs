//! (c) Durable appends by many producers at once.

use std::time::Instant;

use anyhow::{Result, ensure};
use spile_proto::v1::AppendRequest;
use spile_tests::Server;

use crate::process::cpu;
use crate::{data, row};

const PRODUCERS: u64 = 16;
const BATCHES: u64 = 200;
const BATCH: u64 = 500;

pub(crate) async fn measure() -> Result<()> {
    let server = Server::start().await?;
    // What is sent is made before the clock starts: this is about the server.
    let requests: Vec<AppendRequest> = (0..PRODUCERS)
        .map(|producer| AppendRequest {
            stream: String::new(),
            producer_id: format!("producer-{producer}"),
            sequence: 0,
            batch: Some(data::batch(producer * BATCH, BATCH)),
        })
        .collect();
    let (before, start) = (cpu(server.pid())?, Instant::now());
    let mut producers = tokio::task::JoinSet::new();
    for request in requests {
        let mut client = server.write().await?;
        producers.spawn(async move {
            let batches = (1..=BATCHES).map(move |sequence| AppendRequest { sequence, ..request.clone() });
            let mut acks = client.append(tokio_stream::iter(batches)).await?.into_inner();
            let mut records = 0;
            while let Some(ack) = acks.message().await? {
                records += ack.records;
            }
            anyhow::Ok(records)
        });
    }
    let mut records = 0;
    while let Some(done) = producers.join_next().await {
        records += done??;
    }
    let took = start.elapsed();
    ensure!(records == PRODUCERS * BATCHES * BATCH, "{records} records were acknowledged");
    let used = cpu(server.pid())? - before;
    let rate = records as f64 / took.as_secs_f64();
    row("(c) Append, 16 producers, 150 B bodies, durable: records/s", &format!("{rate:.0}"), "300,000");
    let per_record = used.as_nanos() as f64 / records as f64;
    row("(c) Append: server CPU per record", &format!("{per_record:.0} ns"), "");
    Ok(())
}
