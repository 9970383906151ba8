//! (a) `GetLogs`, one message per entry: the server's CPU time per message, beside the article's server.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use spile_proto::example::LogRequest;
use spile_proto::example::log_service_client::LogServiceClient;
use spile_tests::Server;
use tonic::transport::Endpoint;

use crate::process::{cpu, median};
use crate::{STORED, article, data, row};

const ROUNDS: usize = 5;

/// Entries that both servers hold in memory.
const IN_MEMORY: u64 = 100_000;

/// How often they are read in one round: CPU time is counted in steps of 10 ms.
const READS: u64 = 10;

pub(crate) async fn measure(on_disk: &Server) -> Result<()> {
    let (plain, plain_address) = article::start(IN_MEMORY).await?;
    let plain_pid = plain.id().context("it runs")?;
    let in_memory = data::filled(IN_MEMORY).await?;
    let mut spile = Cost::default();
    let mut article = Cost::default();
    let mut disk = Cost::default();
    for _ in 0..ROUNDS {
        // One after the other in each round, so that a noisy minute meets all of them.
        spile.add(in_memory.pid(), &in_memory.address, IN_MEMORY, READS).await?;
        article.add(plain_pid, &plain_address, IN_MEMORY, READS).await?;
        disk.add(on_disk.pid(), &on_disk.address, STORED, 1).await?;
    }
    let (spile_ns, article_ns, disk_ns) = (spile.cpu_ns(), article.cpu_ns(), disk.cpu_ns());
    row(
        "(a) GetLogs from memory: server CPU per message, Spile : article's server",
        &format!("{spile_ns:.0} ns : {article_ns:.0} ns = {:.3}", spile_ns / article_ns),
        "at most 0.333",
    );
    row(
        "(a) GetLogs of 1 M entries from disk: server CPU per message, Spile : article's server (from memory)",
        &format!("{disk_ns:.0} ns : {article_ns:.0} ns = {:.3}", disk_ns / article_ns),
        "",
    );
    row(
        "(a) GetLogs: messages/s to one client, Spile from memory : from disk : article's server",
        &format!("{:.2} M : {:.2} M : {:.2} M", spile.rate(), disk.rate(), article.rate()),
        "",
    );
    Ok(())
}

/// What reading cost a server, round by round.
#[derive(Default)]
struct Cost {
    cpu_ns: Vec<f64>,
    millions_per_second: Vec<f64>,
}

impl Cost {
    async fn add(&mut self, pid: u32, address: &str, entries: u64, reads: u64) -> Result<()> {
        let (before, start) = (cpu(pid)?, Instant::now());
        for _ in 0..reads {
            read_all(address, entries).await?;
        }
        let messages = (entries * reads) as f64;
        self.cpu_ns.push((cpu(pid)? - before).as_nanos() as f64 / messages);
        self.millions_per_second.push(messages / start.elapsed().as_secs_f64() / 1e6);
        Ok(())
    }

    fn cpu_ns(&self) -> f64 {
        median(self.cpu_ns.clone())
    }

    fn rate(&self) -> f64 {
        median(self.millions_per_second.clone())
    }
}

/// Reads everything once.
async fn read_all(address: &str, entries: u64) -> Result<()> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?
        .initial_connection_window_size(16 << 20)
        .initial_stream_window_size(4 << 20);
    let mut client = LogServiceClient::new(endpoint.connect().await?);
    let mut stream = client.get_logs(LogRequest::default()).await?.into_inner();
    let mut count = 0;
    while stream.message().await?.is_some() {
        count += 1;
    }
    ensure!(count == entries, "{count} entries came");
    Ok(())
}
