//! (a) `GetLogs`, one message per entry: the server's CPU time per message, beside the article's server.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use spile_proto::example::LogRequest;
use spile_proto::example::log_service_client::LogServiceClient;
use spile_tests::Server;
use tonic::transport::Endpoint;

use crate::process::{cpu, median};
use crate::{STORED, article, row};

const ROUNDS: usize = 5;

pub(crate) async fn measure(spile: &Server) -> Result<()> {
    let (plain, plain_address) = article::start().await?;
    let plain_pid = plain.id().context("it runs")?;
    let mut costs = [Vec::new(), Vec::new()];
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        // One after the other in each round, so that a noisy minute meets both.
        let targets = [(spile.pid(), spile.address.as_str()), (plain_pid, plain_address.as_str())];
        for (which, (pid, address)) in targets.into_iter().enumerate() {
            let (used, took) = read_all(pid, address).await?;
            costs[which].push(used.as_nanos() as f64 / STORED as f64);
            rates[which].push(STORED as f64 / took.as_secs_f64());
        }
    }
    let [spile_ns, plain_ns] = costs.map(median);
    let [spile_rate, plain_rate] = rates.map(median);
    row(
        "(a) GetLogs, 1 M entries: server CPU per message, Spile : article's server",
        &format!("{spile_ns:.0} ns : {plain_ns:.0} ns = {:.3}", spile_ns / plain_ns),
        "at most 0.333",
    );
    row(
        "(a) GetLogs: messages/s to one client, Spile : article's server",
        &format!("{:.2} M : {:.2} M", spile_rate / 1e6, plain_rate / 1e6),
        "",
    );
    Ok(())
}

/// Reads everything once. Returns the server's CPU time and the time it took.
async fn read_all(pid: u32, address: &str) -> Result<(Duration, Duration)> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?
        .initial_connection_window_size(16 << 20)
        .initial_stream_window_size(4 << 20);
    let mut client = LogServiceClient::new(endpoint.connect().await?);
    let (before, start) = (cpu(pid)?, Instant::now());
    let mut entries = client.get_logs(LogRequest::default()).await?.into_inner();
    let mut count = 0;
    while entries.message().await?.is_some() {
        count += 1;
    }
    ensure!(count == STORED, "{count} entries came");
    Ok((cpu(pid)? - before, start.elapsed()))
}
