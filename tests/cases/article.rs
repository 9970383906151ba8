//! The article's contract: a client that knows nothing but `example/log_service.proto`.

use std::time::Duration;

use spile_proto::example::{LogEntry, LogRequest};
use spile_tests::Server;
use tokio_stream::StreamExt;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request};
use tonic_types::StatusExt;

use crate::support::{append, checksum, numbered, patiently, record};

fn level(level: &str) -> LogRequest {
    LogRequest { level: level.to_owned() }
}

#[tokio::test]
async fn get_logs_gives_what_is_stored_and_ends() {
    let server = Server::start().await.unwrap();
    append(&server, "default", numbered("line", 0..2500)).await;
    let response = server.logs().await.unwrap().get_logs(level("")).await.unwrap();
    let headers = response.metadata().clone();
    assert_eq!(headers.get("spile-total-records").unwrap(), "2500");
    assert!(headers.contains_key("spile-request-id") && headers.contains_key("spile-start-cursor"));
    let mut stream = response.into_inner();
    let mut entries: Vec<LogEntry> = Vec::new();
    while let Some(entry) = patiently("an entry", stream.message()).await.unwrap() {
        entries.push(entry);
    }
    let expected: Vec<String> = (0..2500).map(|n| format!("line {n}")).collect();
    assert!(entries.iter().map(|entry| &entry.message).eq(&expected));
    assert!(entries.iter().all(|entry| entry.timestamp > 1_700_000_000_000_000_000), "Unix nanoseconds");
    let trailers = stream.trailers().await.unwrap().unwrap();
    assert_eq!(trailers.get("spile-records").unwrap(), "2500");
    assert_eq!(trailers.get("spile-scanned").unwrap(), "2500");
    assert_eq!(trailers.get("spile-end-reason").unwrap(), "end-of-history");
    let sum = checksum(entries.iter().map(|entry| entry.message.as_str()));
    assert_eq!(trailers.get("spile-checksum").unwrap(), sum.as_str());
    assert!(trailers.contains_key("spile-cursor"));
}

#[tokio::test]
async fn a_level_means_this_severity_or_worse() {
    let server = Server::start().await.unwrap();
    let records = vec![record("d", 5), record("i", 9), record("w", 13), record("e", 17), record("f", 21)];
    append(&server, "default", records).await;
    for (name, expected) in
        [("", "diwef"), ("Debug", "diwef"), ("WARNING", "wef"), ("err", "ef"), ("fatal", "f")]
    {
        let stream = server.logs().await.unwrap().get_logs(level(name)).await.unwrap().into_inner();
        let entries: Vec<LogEntry> = stream.collect::<Result<_, _>>().await.unwrap();
        let got: String = entries.into_iter().map(|entry| entry.message).collect();
        assert_eq!(got, expected, "level {name:?}");
    }
}

#[tokio::test]
async fn an_unknown_level_is_refused_with_the_field_named() {
    let server = Server::start().await.unwrap();
    for follow in [false, true] {
        let mut client = server.logs().await.unwrap();
        let answer = if follow {
            client.stream_logs(level("loud")).await
        } else {
            client.get_logs(level("loud")).await
        };
        let status = answer.map(|_| ()).unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "INVALID_LEVEL");
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "level");
    }
}

#[tokio::test]
async fn stream_logs_goes_on_with_what_arrives() {
    let server = Server::start().await.unwrap();
    append(&server, "default", numbered("stored", 0..5)).await;
    let mut stream = server.logs().await.unwrap().stream_logs(level("")).await.unwrap().into_inner();
    for n in 0..5 {
        let entry = patiently("history", stream.message()).await.unwrap().unwrap();
        assert_eq!(entry.message, format!("stored {n}"));
    }
    append(&server, "default", numbered("live", 0..3)).await;
    for n in 0..3 {
        let entry = patiently("live", stream.message()).await.unwrap().unwrap();
        assert_eq!(entry.message, format!("live {n}"));
    }
}

#[tokio::test]
async fn a_deadline_holds_for_the_whole_stream_and_gives_the_cursor() {
    let server = Server::start().await.unwrap();
    append(&server, "default", numbered("line", 0..5)).await;
    let mut request = Request::new(level(""));
    request.metadata_mut().insert("grpc-timeout", "300m".parse().unwrap());
    let mut stream = server.logs().await.unwrap().stream_logs(request).await.unwrap().into_inner();
    let mut seen = 0;
    let status = loop {
        match patiently("the deadline", stream.message()).await {
            Ok(entry) => seen += u32::from(entry.is_some()),
            Err(status) => break status,
        }
    };
    assert_eq!((seen, status.code()), (5, Code::DeadlineExceeded));
    assert_eq!(status.metadata().get("spile-end-reason").unwrap(), "deadline");
    assert!(status.metadata().contains_key("spile-cursor"));
    assert_eq!(status.metadata().get("spile-records").unwrap(), "5");
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_unimplemented() {
    let server = Server::start().await.unwrap();
    for path in ["/example.LogService/Rewind", "/no.such.Service/Call"] {
        let mut grpc = tonic::client::Grpc::new(server.channel().await.unwrap());
        grpc.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<LogRequest, LogEntry>::default();
        let path = PathAndQuery::from_static(path);
        let answer = patiently("an answer", grpc.unary(Request::new(level("")), path, codec)).await;
        assert_eq!(answer.map(|_| ()).unwrap_err().code(), Code::Unimplemented);
    }
}

#[tokio::test]
async fn a_client_that_cancels_leaves_nothing_behind() {
    let server = Server::start().await.unwrap();
    let stream = server.logs().await.unwrap().stream_logs(level("")).await.unwrap();
    crate::support::until_metric(&server, "spile_active_streams", &["StreamLogs"], |n| n == 1.0).await;
    drop(stream);
    crate::support::until_metric(&server, "spile_active_streams", &["StreamLogs"], |n| n == 0.0).await;
    let cancelled = ["StreamLogs", "cancelled"];
    crate::support::until_metric(&server, "spile_stream_ends_total", &cancelled, |n| n == 1.0).await;
    tokio::time::timeout(Duration::from_secs(5), server.logs()).await.unwrap().unwrap();
}
