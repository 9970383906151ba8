//! (b) `Tail` in batches to one client.

use std::time::Instant;

use anyhow::{Result, ensure};
use spile_proto::v1::TailRequest;
use spile_proto::v1::tail_response::Payload;
use spile_tests::Server;
use tonic::codegen::http::uri::PathAndQuery;

use crate::process::{cpu, median};
use crate::raw::RawCodec;
use crate::{STORED, row};

const ROUNDS: usize = 7;

pub(crate) async fn measure(server: &Server) -> Result<()> {
    let (mut decoded, mut raw, mut costs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        decoded.push(decoding(server).await?);
        let before = cpu(server.pid())?;
        raw.push(counting(server).await?);
        costs.push((cpu(server.pid())? - before).as_nanos() as f64 / STORED as f64);
    }
    let rate = median(decoded) / 1e6;
    row(
        "(b) Tail, 150 B bodies: records/s to one client that decodes every record",
        &format!("{rate:.2} M"),
        "2 M",
    );
    let rate = median(raw) / 1e6;
    row("(b) Tail: records/s to one client that takes the messages as bytes", &format!("{rate:.2} M"), "");
    row("(b) Tail: server CPU per record", &format!("{:.0} ns", median(costs)), "");
    Ok(())
}

/// Reads everything with the generated client.
async fn decoding(server: &Server) -> Result<f64> {
    let mut client = server.read().await?;
    let start = Instant::now();
    let mut messages = client.tail(TailRequest::default()).await?.into_inner();
    let mut count = 0;
    while let Some(message) = messages.message().await? {
        if let Some(Payload::Batch(batch)) = message.payload {
            count += batch.records.len() as u64;
        }
    }
    ensure!(count == STORED, "{count} records came");
    Ok(STORED as f64 / start.elapsed().as_secs_f64())
}

/// Reads everything without decoding it.
async fn counting(server: &Server) -> Result<f64> {
    let mut grpc = tonic::client::Grpc::new(server.channel().await?).max_decoding_message_size(16 << 20);
    grpc.ready().await?;
    let path = PathAndQuery::from_static("/spile.v1.ReadService/Tail");
    let start = Instant::now();
    let request = tonic::Request::new(TailRequest::default());
    let mut messages = grpc.server_streaming(request, path, RawCodec).await?.into_inner();
    let mut bytes = 0;
    while let Some(message) = messages.message().await? {
        bytes += message.len() as u64;
    }
    ensure!(bytes > STORED * 150, "{bytes} bytes came");
    Ok(STORED as f64 / start.elapsed().as_secs_f64())
}
