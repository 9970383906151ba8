//! The first entry of a `StreamLogs` over a stored million: how long after the call it is there.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use spile_proto::example::LogRequest;
use spile_tests::Server;

use crate::process::percentile;
use crate::row;

const ROUNDS: usize = 200;

pub(crate) async fn measure(server: &Server) -> Result<()> {
    for (name, level) in [("all levels", ""), ("level error, 1 %", "error")] {
        let mut took: Vec<Duration> = Vec::new();
        for _ in 0..ROUNDS {
            let mut client = server.logs().await?;
            let start = Instant::now();
            let request = LogRequest { level: level.to_owned() };
            let mut entries = client.stream_logs(request).await?.into_inner();
            entries.message().await?.context("there is a first entry")?;
            took.push(start.elapsed());
        }
        took.sort();
        let [p50, p99] = [0.5, 0.99].map(|share| percentile(&took, share).as_secs_f64() * 1e3);
        row(
            &format!("first entry of StreamLogs over 1 M stored, {name}: p50, p99"),
            &format!("{p50:.2} ms, {p99:.2} ms"),
            "5 ms",
        );
    }
    Ok(())
}
