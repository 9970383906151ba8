//! OTLP and Loki senders against the real server: what they are told is true, also after kill -9, and what they cost is bounded.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;
use spile_proto::otlp::collector::logs::v1::ExportLogsServiceRequest;
use spile_proto::otlp::common::v1::AnyValue;
use spile_proto::otlp::common::v1::any_value::Value;
use spile_proto::otlp::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};

use spile_tests::{Server, ServerOptions, get, post, program};
use tonic::codec::CompressionEncoding;
use tonic::{Code, Request};

use crate::support::{Reading, all_of, patiently};

const JSON: (&str, &str) = ("content-type", "application/json");

fn request(bodies: impl IntoIterator<Item = String>) -> ExportLogsServiceRequest {
    let record = |body| LogRecord {
        body: Some(AnyValue { value: Some(Value::StringValue(body)) }),
        severity_number: 9,
        ..LogRecord::default()
    };
    let scope = ScopeLogs { log_records: bodies.into_iter().map(record).collect(), ..ScopeLogs::default() };
    let part = ResourceLogs { scope_logs: vec![scope], ..ResourceLogs::default() };
    ExportLogsServiceRequest { resource_logs: vec![part] }
}

/// All bodies of a stream.
async fn bodies(server: &Server, stream: &str) -> Vec<String> {
    let mut reading = Reading::open(server, all_of(stream)).await.unwrap();
    reading.read_to_end().await.unwrap();
    reading.bodies().into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn what_was_answered_is_there_after_kill_9() {
    let mut server = Server::start().await.unwrap();
    let mut sent = Vec::new();
    for (batch, coding) in
        [None, Some(CompressionEncoding::Gzip), Some(CompressionEncoding::Zstd)].into_iter().enumerate()
    {
        let mut client = server.otlp().await.unwrap();
        if let Some(coding) = coding {
            client = client.send_compressed(coding);
        }
        let batch: Vec<String> = (0..1000).map(|n| format!("batch {batch} record {n}")).collect();
        let mut export = Request::new(request(batch.clone()));
        export.metadata_mut().insert("spile-stream", "shop".parse().unwrap());
        let answer = patiently("an export", client.export(export)).await.unwrap();
        assert_eq!(answer.into_inner().partial_success, None);
        sent.extend(batch);
    }
    let values: Vec<_> = (0..100).map(|n| json!([format!("{}", n + 1), format!("pushed {n}")])).collect();
    let push = json!({ "streams": [{ "stream": { "job": "x" }, "values": values }] }).to_string();
    let headers = [JSON, ("spile-stream", "shop")];
    let (status, text) = post(&server.address, "/loki/api/v1/push", &headers, push.as_bytes()).await.unwrap();
    assert_eq!((status, text.as_str()), (204, ""));
    sent.extend((0..100).map(|n| format!("pushed {n}")));
    server.kill().await.unwrap();
    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    assert_eq!(bodies(&server, "shop").await, sent);
}

#[tokio::test]
async fn further_ports_serve_otlp_and_nothing_else() {
    let options = ServerOptions::new().args(["--otlp-listen", "127.0.0.1:0", "--otlp-listen", "127.0.0.1:0"]);
    let mut server = options.start().await.unwrap();
    assert_eq!(server.otlp.len(), 2);
    for (nth, address) in server.otlp.clone().into_iter().enumerate() {
        let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}"))
            .unwrap()
            .connect()
            .await
            .unwrap();
        let mut client = spile_proto::otlp::collector::logs::v1::logs_service_client::LogsServiceClient::new(
            channel.clone(),
        );
        patiently("an export", client.export(request([format!("grpc {nth}")]))).await.unwrap();
        let json = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [{ "body": { "stringValue": format!("http {nth}") } }] }] }] });
        let (status, text) = post(&address, "/v1/logs", &[JSON], json.to_string().as_bytes()).await.unwrap();
        assert_eq!((status, text.as_str()), (200, "{}"));

        let mut other = spile_proto::v1::read_service_client::ReadServiceClient::new(channel);
        let refused = other.list_streams(spile_proto::v1::ListStreamsRequest::default()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unimplemented);
        for path in ["/", "/v1/tail", "/ready", "/metrics"] {
            assert_eq!(get(&address, path).await.unwrap().0, 404, "{path}");
        }
        assert_eq!(post(&address, "/loki/api/v1/push", &[JSON], b"{}").await.unwrap().0, 404);
    }
    assert_eq!(bodies(&server, "").await, ["grpc 0", "http 0", "grpc 1", "http 1"]);
    assert!(server.metric("spile_accepted_connections_total", &["port=\"otlp\""]).await.unwrap() >= 8.0);
    server.terminate().unwrap();
    assert_eq!(patiently("the drain", server.wait()).await.unwrap(), Some(0));
}

#[tokio::test]
async fn addresses_that_others_can_reach_need_consent() {
    let run = |arguments: &'static [&'static str]| async move {
        let folder = tempfile::tempdir().unwrap();
        let mut command = tokio::process::Command::new(program("spile-server"));
        command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]).args(arguments);
        command.arg("--data-dir").arg(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let output = patiently("the refusal", command.output()).await.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, text) = run(&["--otlp-listen", "0.0.0.0:0"]).await;
    assert_eq!(code, Some(64));
    assert!(text.contains("otlp-listen: 0.0.0.0:0 can be reached by other hosts"), "{text}");
    let (code, text) = run(&["--otlp-listen", "127.0.0.1:4317", "--otlp-listen", "127.0.0.1:4317"]).await;
    assert_eq!(code, Some(64));
    assert!(text.contains("127.0.0.1:4317 is taken by `otlp-listen`"), "{text}");
    let (code, text) = run(&["--receive-memory-bytes", "64MiB"]).await;
    assert_eq!(code, Some(64));
    assert!(text.contains("receive-memory-bytes"), "{text}");
}

/// Each bomb is 1 MiB on the wire, 1 GiB when it is opened; a dozen are sent at once, again and again.
#[tokio::test]
async fn bombs_cost_no_more_memory_than_the_setting_says() {
    let options =
        ServerOptions::new().args(["--max-otlp-request-bytes", "4MiB", "--receive-memory-bytes", "64MiB"]);
    let server = options.start().await.unwrap();
    let small = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [{ "body": { "stringValue": "x" } }] }] }] }).to_string();
    assert_eq!(post(&server.address, "/v1/logs", &[JSON], small.as_bytes()).await.unwrap().0, 200);
    let before = server.resident_bytes().unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    for _ in 0..256 {
        encoder.write_all(&[0; 1 << 22]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    for _ in 0..3 {
        let sending = (0..12).map(|n| {
            let path = if n % 2 == 0 { "/v1/logs" } else { "/loki/api/v1/push" };
            post(&server.address, path, &[JSON, ("content-encoding", "gzip")], &bomb)
        });
        let answers = futures_util::future::join_all(sending).await;
        for answer in answers {
            let (status, text) = answer.unwrap();
            assert!(status == 413 || status == 503, "{status} {text}");
        }
    }
    let grown = server.resident_bytes().unwrap().saturating_sub(before);
    assert!(grown < 128 << 20, "{} MiB more than before", grown >> 20);
    assert_eq!(post(&server.address, "/v1/logs", &[JSON], small.as_bytes()).await.unwrap().0, 200);
    assert_eq!(bodies(&server, "").await, ["x", "x"]);
}

/// Both of the article's words for it, over one server: what came in as OTLP is read as any record is.
#[tokio::test]
async fn records_from_otlp_are_found_by_what_they_say() {
    let server = Server::start().await.unwrap();
    let json = json!({ "resourceLogs": [{
        "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "checkout" } }] },
        "scopeLogs": [{ "scope": { "name": "cart" }, "logRecords": [
            { "severityNumber": 17, "body": { "stringValue": "card declined" }, "traceId": "0af7651916cd43dd8448eb211c80319c",
              "attributes": [{ "key": "http.response.status_code", "value": { "intValue": "402" } }] },
            { "severityNumber": 9, "body": { "kvlistValue": { "values": [{ "key": "paid", "value": { "boolValue": true } }] } } },
        ] }],
    }] });
    assert_eq!(post(&server.address, "/v1/logs", &[JSON], json.to_string().as_bytes()).await.unwrap().0, 200);
    for (filter, body) in [
        (r#"service.name="checkout" severity>=ERROR"#, "card declined"),
        ("attributes.http.response.status_code=402", "card declined"),
        ("trace_id=0af7651916cd43dd8448eb211c80319c", "card declined"),
        (r#"scope="cart" "paid""#, r#"{"paid":true}"#),
    ] {
        let mut request = all_of("");
        request.filter = crate::support::matching(filter);
        let mut reading = Reading::open(&server, request).await.unwrap();
        reading.read_to_end().await.unwrap();
        assert_eq!(reading.bodies(), [body], "{filter}");
    }
}
