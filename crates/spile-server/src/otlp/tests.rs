//! OTLP as senders speak it, into a real engine.

#![allow(clippy::unwrap_used)]

mod hostile;

use bytes::Bytes;
use prost::Message;
use serde_json::{Value as Json, json};
use spile_proto::otlp::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use spile_proto::otlp::common::v1::any_value::Value;
use spile_proto::otlp::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use spile_proto::otlp::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use spile_proto::otlp::resource::v1::Resource;
use spile_proto::v1;
use tonic::Code;
use tonic_types::StatusExt;
use tonic_types::pb;

use crate::testing::{Answer, Receiving, compressed, framed, pack, soon};

const EXPORT: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
const JSON: (&str, &str) = ("content-type", "application/json");

fn text(text: &str) -> AnyValue {
    AnyValue { value: Some(Value::StringValue(text.into())) }
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn record(body: &str) -> LogRecord {
    LogRecord { body: Some(text(body)), severity_number: 9, ..LogRecord::default() }
}

fn request(records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    let resource = Resource {
        attributes: vec![attribute("service.name", Value::StringValue("shop".into()))],
        ..Resource::default()
    };
    let scope = InstrumentationScope { name: "cart".into(), version: "1.2".into(), ..Default::default() };
    let scope_logs = ScopeLogs { scope: Some(scope), log_records: records, ..ScopeLogs::default() };
    let part = ResourceLogs { resource: Some(resource), scope_logs: vec![scope_logs], ..Default::default() };
    ExportLogsServiceRequest { resource_logs: vec![part] }
}

fn grpc_answer(answer: &Answer) -> ExportLogsServiceResponse {
    assert_eq!(answer.grpc_status().code(), Code::Ok, "{:?}", answer.grpc_status());
    ExportLogsServiceResponse::decode(&answer.body[5..]).unwrap()
}

#[tokio::test]
async fn an_export_over_grpc_is_durable_when_it_is_answered() {
    let receiving = Receiving::start().await;
    let answer = receiving.grpc(EXPORT, &[], framed(&request(vec![record("one"), record("two")]))).await;
    assert_eq!(grpc_answer(&answer), ExportLogsServiceResponse::default());
    assert_eq!(answer.headers["content-type"], "application/grpc");
    let stored = receiving.stored("default").await;
    let bodies: Vec<&str> = stored.iter().map(|stored| stored.record.body.as_str()).collect();
    assert_eq!(bodies, ["one", "two"]);
    assert_eq!(stored[0].resource_attribute("service.name"), Some("shop"));
    assert_eq!(
        (stored[0].record.scope_name.as_str(), stored[0].attribute("otel.scope.version")),
        ("cart", Some("1.2"))
    );
    assert_ne!(stored[0].record.time_unix_nano, 0, "a record without a time has that of its arrival");
    assert_eq!(receiving.counted("otlp"), (2, 0));
    receiving.server.stop().await;
}

#[tokio::test]
async fn every_coding_and_encoding_stores_the_same() {
    let receiving = Receiving::start().await;
    let sent = request(vec![record("same")]);
    for coding in ["gzip", "zstd"] {
        let answer = receiving.grpc(EXPORT, &[("grpc-encoding", coding)], compressed(coding, &sent)).await;
        assert_eq!(grpc_answer(&answer), ExportLogsServiceResponse::default(), "{coding}");
    }
    let json = json!({ "resourceLogs": [{
        "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "shop" } }] },
        "scopeLogs": [{
            "scope": { "name": "cart", "version": "1.2" },
            "logRecords": [{ "severityNumber": 9, "body": { "stringValue": "same" } }],
        }],
    }] });
    let bodies = [(PROTOBUF, sent.encode_to_vec()), (JSON, json.to_string().into_bytes())];
    for (content_type, body) in &bodies {
        for coding in ["identity", "gzip", "zstd"] {
            let headers = [*content_type, ("content-encoding", coding)];
            let answer = receiving.post("/v1/logs", &headers, pack(coding, body)).await;
            assert_eq!(answer.status, 200, "{coding}: {}", String::from_utf8_lossy(&answer.body));
            assert_eq!(answer.headers["content-type"], content_type.1);
            let nothing: &[u8] = if *content_type == JSON { b"{}" } else { b"" };
            assert_eq!(answer.body, nothing);
        }
    }
    let stored = receiving.stored("default").await;
    assert_eq!(stored.len(), 8);
    for one in &stored {
        let plain = |stored: &crate::testing::Stored| {
            let record =
                v1::LogRecord { time_unix_nano: 0, observed_time_unix_nano: 0, ..stored.record.clone() };
            (record, stored.resource.clone())
        };
        assert_eq!(plain(one), plain(&stored[0]));
    }
    receiving.server.stop().await;
}

#[tokio::test]
async fn everything_that_a_record_says_comes_back() {
    let receiving = Receiving::start().await;
    let values = vec![
        attribute("f", Value::DoubleValue(f64::INFINITY)),
        attribute("bytes", Value::BytesValue(vec![0, 255])),
        attribute(
            "deep",
            Value::ArrayValue(ArrayValue { values: vec![text("a"), AnyValue { value: None }] }),
        ),
    ];
    let sent = LogRecord {
        time_unix_nano: 1_700_000_000_000_000_001,
        observed_time_unix_nano: 1_700_000_000_000_000_002,
        severity_number: 17,
        severity_text: "Error".into(),
        body: Some(AnyValue { value: Some(Value::KvlistValue(KeyValueList { values: values.clone() })) }),
        attributes: values,
        dropped_attributes_count: 3,
        flags: 0x101,
        trace_id: (1..=16).collect(),
        span_id: (1..=8).collect(),
        event_name: "cart.emptied".into(),
    };
    let sent = request(vec![sent]);
    grpc_answer(&receiving.grpc(EXPORT, &[], framed(&sent)).await);
    let stored = receiving.stored("default").await.remove(0);
    assert_eq!(stored.record.body, r#"{"f":"Infinity","bytes":"AP8=","deep":["a",null]}"#);
    let mut writer = spile_otlp::RequestWriter::new();
    writer.push(&stored.record.encode_to_vec(), &stored.resource.encode_to_vec()).unwrap();
    let back = ExportLogsServiceRequest::decode(writer.finish().as_slice()).unwrap();
    assert_eq!(back, sent);
    receiving.server.stop().await;
}

#[tokio::test]
async fn the_stream_is_named_by_a_header() {
    let receiving = Receiving::start().await;
    let body = framed(&request(vec![record("x")]));
    grpc_answer(&receiving.grpc(EXPORT, &[("spile-stream", "shop.logs")], body.clone()).await);
    let plain = request(vec![record("y")]).encode_to_vec();
    assert_eq!(
        receiving.post("/v1/logs", &[PROTOBUF, ("spile-stream", "shop.logs")], plain.clone()).await.status,
        200
    );
    assert_eq!(receiving.stored("shop.logs").await.len(), 2);
    let answer = receiving.grpc(EXPORT, &[("spile-stream", "No Such")], body).await;
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (Code::InvalidArgument, "INVALID_STREAM_NAME")
    );
    assert_eq!(receiving.post("/v1/logs", &[PROTOBUF, ("spile-stream", "No Such")], plain).await.status, 400);
    receiving.server.stop().await;
}

#[tokio::test]
async fn an_empty_request_is_a_success() {
    let receiving = Receiving::start().await;
    let nothing = ExportLogsServiceRequest::default();
    assert_eq!(grpc_answer(&receiving.grpc(EXPORT, &[], framed(&nothing)).await), Default::default());
    assert_eq!(receiving.post("/v1/logs", &[PROTOBUF], Bytes::new()).await.status, 200);
    assert_eq!(receiving.post("/v1/logs", &[JSON], "{}").await.status, 200);
    receiving.server.stop().await;
}

/// One record too large, one too deep, two good ones between.
fn with_bad_ones() -> ExportLogsServiceRequest {
    let deep = (0..20).fold(text("x"), |inner, _| AnyValue {
        value: Some(Value::ArrayValue(ArrayValue { values: vec![inner] })),
    });
    let deep = LogRecord { body: Some(deep), ..LogRecord::default() };
    request(vec![record("good"), record(&"x".repeat(300_000)), record("also good"), deep])
}

#[tokio::test]
async fn records_that_cannot_be_kept_are_counted_and_the_others_are_stored() {
    let receiving = Receiving::start().await;
    let sent = with_bad_ones();
    let partial = grpc_answer(&receiving.grpc(EXPORT, &[], framed(&sent)).await).partial_success.unwrap();
    assert_eq!(partial.rejected_log_records, 2);
    let place = "resource_logs[0].scope_logs[0].log_records[1]: record has 3000";
    assert!(partial.error_message.starts_with(place), "{}", partial.error_message);
    let answer = receiving.post("/v1/logs", &[PROTOBUF], sent.encode_to_vec()).await;
    let partial = ExportLogsServiceResponse::decode(answer.body.as_slice()).unwrap().partial_success.unwrap();
    assert_eq!((answer.status, partial.rejected_log_records), (200, 2));
    assert_eq!(receiving.stored("default").await.len(), 4);
    assert_eq!(receiving.counted("otlp"), (4, 4));
    receiving.server.stop().await;
}

#[tokio::test]
async fn a_resource_that_cannot_be_kept_refuses_its_records() {
    let receiving = Receiving::start().await;
    let mut sent = request(vec![record("a"), record("b")]);
    let large = attribute("x", Value::StringValue("x".repeat(70_000)));
    sent.resource_logs[0].resource.as_mut().unwrap().attributes.push(large);
    let body = json!({ "resourceLogs": [
        { "resource": { "attributes": [{ "key": "x", "value": { "stringValue": "x".repeat(70_000) } }] },
          "scopeLogs": [{ "logRecords": [{}, {}] }] },
        { "scopeLogs": [{ "logRecords": [{ "body": { "stringValue": "kept" } }] }] },
    ] });
    let answer = receiving.post("/v1/logs", &[JSON], body.to_string()).await;
    let told: Json = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status, &told["partialSuccess"]["rejectedLogRecords"]), (200, &json!("2")));
    assert!(told["partialSuccess"]["errorMessage"].as_str().unwrap().contains("64 KiB"), "{told}");
    assert_eq!(receiving.stored("default").await[0].record.body, "kept");
    receiving.server.stop().await;
}

/// What senders must not repeat: 400 and the like, with a `google.rpc.Status` in their own encoding.
#[tokio::test]
async fn errors_are_statuses_in_the_requests_encoding() {
    let receiving = Receiving::start().await;
    let answer = receiving.post("/v1/logs", &[PROTOBUF], &b"\x0a\xff"[..]).await;
    assert_eq!(
        (answer.status, &answer.headers["content-type"]),
        (400, &"application/x-protobuf".parse().unwrap())
    );
    let status = pb::Status::decode(answer.body.as_slice()).unwrap();
    assert_eq!(status.code, Code::InvalidArgument as i32);
    assert!(status.message.contains("cut short") && !status.details.is_empty(), "{}", status.message);
    assert!(!answer.headers.contains_key("retry-after"));

    let answer = receiving.post("/v1/logs", &[JSON], "{\"resourceLogs\": 3}").await;
    assert_eq!((answer.status, &answer.headers["content-type"]), (400, &"application/json".parse().unwrap()));
    let status: Json = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((&status["code"], &status["details"][0]["reason"]), (&json!(3), &json!("INVALID_MESSAGE")));
    assert!(status["message"].as_str().unwrap().contains("resourceLogs"), "{status}");

    let broken = Bytes::from_static(&[0, 0, 0, 0, 2, 0x0a, 0xff]);
    let answer = receiving.grpc(EXPORT, &[], broken).await;
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (Code::InvalidArgument, "INVALID_MESSAGE")
    );
    assert!(receiving.stored("default").await.is_empty());
    receiving.server.stop().await;
}

#[tokio::test]
async fn other_types_codings_and_methods_are_named() {
    let receiving = Receiving::start().await;
    for (headers, code, part) in [
        (vec![("content-type", "text/plain")], 415, "application/x-protobuf and application/json"),
        (vec![], 415, "content-type"),
        (vec![JSON, ("content-encoding", "br")], 415, "gzip, deflate, zstd"),
        (vec![JSON, ("content-encoding", "gzip")], 400, "decompressed"),
    ] {
        let answer = receiving.post("/v1/logs", &headers, "{}").await;
        let body = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, code, "{headers:?}: {body}");
        assert!(body.contains(part), "{headers:?}: {body}");
    }
    let get = http::Request::get("http://test/v1/logs").body(()).unwrap();
    let answer = soon(crate::testing::call(receiving.server.h2().await, get, Bytes::new())).await.unwrap();
    assert_eq!((answer.status, &answer.headers["allow"]), (405, &"POST".parse().unwrap()));
    let coded = Bytes::from_static(&[1, 0, 0, 0, 0]);
    let answer = receiving.grpc(EXPORT, &[("grpc-encoding", "lzma")], coded.clone()).await;
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (Code::Unimplemented, "UNSUPPORTED_COMPRESSION")
    );
    let answer = receiving.grpc(EXPORT, &[], coded).await;
    assert_eq!(answer.reason(), "INVALID_MESSAGE");
    receiving.server.stop().await;
}

/// What senders must repeat, and are told when.
#[tokio::test]
async fn a_full_disk_is_retryable_and_then_everything_is_taken() {
    let receiving = Receiving::start().await;
    let sent = request(vec![record("x")]);
    grpc_answer(&receiving.grpc(EXPORT, &[], framed(&sent)).await);
    receiving.disk.set_full(true);
    let answer = receiving.grpc(EXPORT, &[], framed(&sent)).await;
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (Code::ResourceExhausted, "STORAGE_FULL")
    );
    assert!(answer.grpc_status().get_details_retry_info().is_some(), "without it a sender gives up");
    let answer = receiving.post("/v1/logs", &[PROTOBUF], sent.encode_to_vec()).await;
    assert_eq!((answer.status, &answer.headers["retry-after"]), (503, &"5".parse().unwrap()));
    receiving.disk.set_full(false);
    grpc_answer(&receiving.grpc(EXPORT, &[], framed(&sent)).await);
    assert_eq!(receiving.stored("default").await.len(), 2);
    receiving.server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_says_unavailable() {
    let receiving = Receiving::start().await;
    let h2 = receiving.server.h2().await;
    receiving.server.context.drain.start();
    let request = crate::testing::grpc_request(EXPORT).body(()).unwrap();
    let answer =
        soon(crate::testing::call(h2, request, framed(&self::request(vec![record("x")])))).await.unwrap();
    assert_eq!((answer.grpc_status().code(), answer.reason().as_str()), (Code::Unavailable, "DRAINING"));
    assert!(answer.grpc_status().get_details_retry_info().is_some());
    let answer = receiving.post("/v1/logs", &[JSON], "{}").await;
    assert_eq!((answer.status, &answer.headers["retry-after"]), (503, &"1".parse().unwrap()));
    receiving.server.stop().await;
}

/// A disk that stands still: who cannot even join the line of appends is told to come again, and loses nothing.
#[tokio::test]
async fn a_line_that_does_not_move_is_unavailable() {
    let limits = spile_engine::Limits { waiting_bytes: 64 << 10, ..spile_engine::Limits::default() };
    let receiving = Receiving::start_with(crate::testing::default_limits().receive, limits).await;
    grpc_answer(&receiving.grpc(EXPORT, &[], framed(&request(vec![record("first")]))).await);
    let all = receiving.budget.left();
    receiving.disk.set_held(true);
    let body = "x".repeat(200_000);
    let sent = framed(&request(vec![record(&body)]));
    let (mut one, mut other) = (receiving.server.h2().await, receiving.server.h2().await);
    let send = |h2: &mut h2::client::SendRequest<Bytes>| {
        let head = crate::testing::grpc_request(EXPORT).body(()).unwrap();
        let (answer, mut stream) = h2.send_request(head, false).unwrap();
        stream.send_data(sent.clone(), true).unwrap();
        answer
    };
    let answers = [send(&mut one), send(&mut other)];
    // Each holds its body and its frame, and goes on to the line.
    soon(crate::testing::until(|| receiving.budget.left() <= all - 2 * 400_000)).await;
    tokio::time::pause();
    let mut answers = futures_util::future::select_all(answers);
    let refused = loop {
        tokio::select! {
            biased;
            first = &mut answers => break first,
            () = tokio::time::advance(std::time::Duration::from_millis(100)) => tokio::task::yield_now().await,
        }
    };
    tokio::time::resume();
    let (refused, _, mut rest) = refused;
    let status = tonic::Status::from_header_map(refused.unwrap().headers()).unwrap();
    assert_eq!(
        (status.code(), status.get_details_error_info().unwrap().reason.as_str()),
        (Code::Unavailable, "OVERLOADED")
    );
    assert!(status.get_details_retry_info().is_some());
    receiving.disk.set_held(false);
    let taken = soon(rest.remove(0)).await.unwrap();
    assert!(!taken.headers().contains_key("grpc-status"), "its status comes behind its message");
    let mut stream = taken.into_body();
    while soon(stream.data()).await.is_some() {}
    assert_eq!(receiving.stored("default").await.len(), 2, "the other is stored once");
    receiving.server.stop().await;
}
