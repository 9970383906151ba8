//! What senders of OTLP cost: exports over gRPC and HTTP, each answered when it is durable.

use std::time::Instant;

use anyhow::{Result, ensure};
use prost::Message;
use spile_proto::otlp::collector::logs::v1::ExportLogsServiceRequest;
use spile_proto::otlp::common::v1::{AnyValue, KeyValue, any_value::Value};
use spile_proto::otlp::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use spile_proto::otlp::resource::v1::Resource;
use spile_tests::{Server, post};
use tonic::codec::CompressionEncoding;

use crate::process::cpu;
use crate::row;

const SENDERS: u64 = 8;
const BATCHES: u64 = 100;
const BATCH: u64 = 512;

pub(crate) async fn measure() -> Result<()> {
    for (name, coding) in
        [("", None), (", gzip", Some(CompressionEncoding::Gzip)), (", zstd", Some(CompressionEncoding::Zstd))]
    {
        let server = Server::start().await?;
        let before = (cpu(server.pid())?, Instant::now());
        let mut senders = tokio::task::JoinSet::new();
        for sender in 0..SENDERS {
            let mut client = server.otlp().await?;
            if let Some(coding) = coding {
                client = client.send_compressed(coding);
            }
            let request = request(sender);
            senders.spawn(async move {
                for _ in 0..BATCHES {
                    let answer = client.export(request.clone()).await?.into_inner();
                    ensure!(answer.partial_success.is_none(), "{answer:?}");
                }
                Ok(())
            });
        }
        while let Some(done) = senders.join_next().await {
            done??;
        }
        tell(&format!("over gRPC{name}"), &server, before)?;
    }
    let server = Server::start().await?;
    let before = (cpu(server.pid())?, Instant::now());
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..SENDERS {
        let (address, body) = (server.address.clone(), request(sender).encode_to_vec());
        senders.spawn(async move {
            for _ in 0..BATCHES {
                let (status, text) =
                    post(&address, "/v1/logs", &[("content-type", "application/x-protobuf")], &body).await?;
                ensure!(status == 200, "{status} {text}");
            }
            Ok(())
        });
    }
    while let Some(done) = senders.join_next().await {
        done??;
    }
    tell("over HTTP", &server, before)
}

fn tell(how: &str, server: &Server, (cpu_before, start): (std::time::Duration, Instant)) -> Result<()> {
    let took = start.elapsed();
    let used = cpu(server.pid())? - cpu_before;
    let records = (SENDERS * BATCHES * BATCH) as f64;
    let rate = records / took.as_secs_f64();
    row(&format!("OTLP {how}, 8 senders, batches of 512, durable: records/s"), &format!("{rate:.0}"), "");
    let per_cpu_second = records / used.as_secs_f64();
    row(&format!("OTLP {how}: records per CPU second of the server"), &format!("{per_cpu_second:.0}"), "");
    Ok(())
}

/// A batch as SDKs send them: bodies of about 120 bytes, four attributes, a trace.
fn request(sender: u64) -> ExportLogsServiceRequest {
    let text = |text: String| Some(AnyValue { value: Some(Value::StringValue(text)) });
    let attribute = |key: &str, value| KeyValue { key: key.into(), value, ..KeyValue::default() };
    let records = (0..BATCH).map(|n| LogRecord {
        time_unix_nano: 1_700_000_000_000_000_000 + n,
        observed_time_unix_nano: 1_700_000_000_000_000_000 + n,
        severity_number: if n.is_multiple_of(10) { 17 } else { 9 },
        severity_text: "INFO".into(),
        body: text(format!("request {n} of sender {sender} for /api/v1/orders/{} was answered with 200 after {} ms by shard {}", n * 7_919, n % 97, n % 13)),
        attributes: vec![
            attribute("http.request.method", text("GET".into())),
            attribute("url.path", text(format!("/api/v1/orders/{}", n * 7_919))),
            attribute("http.response.status_code", Some(AnyValue { value: Some(Value::IntValue(200)) })),
            attribute("thread.name", text(format!("worker-{}", n % 16))),
        ],
        trace_id: (n as u128 * 0x9e37_79b9_7f4a_7c15 + 1).to_be_bytes().to_vec(),
        span_id: (n * 0x9e37_79b9 + 1).to_be_bytes().to_vec(),
        ..LogRecord::default()
    });
    let resource = Resource {
        attributes: vec![attribute("service.name", text(format!("sender-{sender}")))],
        ..Resource::default()
    };
    let scope = ScopeLogs { log_records: records.collect(), ..ScopeLogs::default() };
    let part = ResourceLogs { resource: Some(resource), scope_logs: vec![scope], ..ResourceLogs::default() };
    ExportLogsServiceRequest { resource_logs: vec![part] }
}
