//! (d) A thousand followers of one filter: what each costs.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use spile_proto::v1::read_service_client::ReadServiceClient;
use spile_proto::v1::start::{Latest, Position};
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{AppendRequest, Filter, Start, TailRequest};
use spile_tests::Server;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::process::{cpu, memory};
use crate::{data, row};

const FOLLOWERS: usize = 1_000;
const PER_CONNECTION: usize = 200;
const RATE: u64 = 1_000;
const SECONDS: u64 = 10;

pub(crate) async fn measure() -> Result<()> {
    let server = Server::start().await?;
    let before = memory(server.pid())?;
    let mut followers = tokio::task::JoinSet::new();
    for _ in 0..FOLLOWERS / PER_CONNECTION {
        let channel = server.channel().await?;
        for _ in 0..PER_CONNECTION {
            let mut client = ReadServiceClient::new(channel.clone());
            let filter = Filter { expression: "severity>=INFO checkout".to_owned(), ..Filter::default() };
            let start = Start { position: Some(Position::Latest(Latest {})) };
            let request = TailRequest {
                follow: true,
                filter: Some(filter),
                start: Some(start),
                ..TailRequest::default()
            };
            let mut tail = client.tail(request).await?.into_inner();
            followers.spawn(async move {
                let mut seen = 0;
                while seen < RATE * SECONDS {
                    let message = tail.message().await?.context("a follow goes on")?;
                    if let Some(Payload::Batch(batch)) = message.payload {
                        seen += batch.records.len() as u64;
                    }
                }
                anyhow::Ok(Instant::now())
            });
        }
    }
    let idle = memory(server.pid())?;
    let (used, start) = (cpu(server.pid())?, Instant::now());
    push(&server).await?;
    let pushed = start.elapsed();
    let mut last = start;
    while let Some(done) = followers.join_next().await {
        last = last.max(done??);
    }
    let used = cpu(server.pid())? - used;
    let busy = memory(server.pid())?;
    ensure!(pushed >= Duration::from_secs(SECONDS - 1), "the rate was held");
    let kib = |bytes: u64| bytes as f64 / FOLLOWERS as f64 / 1024.0;
    row(
        "(d) 1,000 followers of one filter: memory per follower, idle; after 10 s at 1,000 records/s",
        &format!("{:.1} KiB; {:.1} KiB", kib(idle.saturating_sub(before)), kib(busy.saturating_sub(before))),
        "100 KB",
    );
    let deliveries = (FOLLOWERS as u64 * RATE * SECONDS) as f64;
    row(
        "(d) server CPU per follower at 1,000 records/s; per delivered record",
        &format!(
            "{:.3} % of a core; {:.2} us",
            used.as_secs_f64() / start.elapsed().as_secs_f64() / FOLLOWERS as f64 * 100.0,
            used.as_secs_f64() * 1e6 / deliveries
        ),
        "",
    );
    let behind = last.saturating_duration_since(start + pushed);
    row(
        "(d) the last follower had everything after the last push",
        &format!("{} ms", behind.as_millis()),
        "",
    );
    Ok(())
}

/// Pushes at the rate, ten records at a time.
async fn push(server: &Server) -> Result<()> {
    let (requests, receiver) = mpsc::channel(64);
    let mut writer = server.write().await?;
    let acks = tokio::spawn(async move {
        let mut acks = writer.append(ReceiverStream::new(receiver)).await?.into_inner();
        while acks.message().await?.is_some() {}
        anyhow::Ok(())
    });
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    for n in 0..RATE * SECONDS / 10 {
        ticks.tick().await;
        let batch = Some(data::batch(n * 10, 10));
        let request = AppendRequest { sequence: n + 1, batch, ..AppendRequest::default() };
        requests.send(request).await.context("the call goes on")?;
    }
    drop(requests);
    acks.await?
}
