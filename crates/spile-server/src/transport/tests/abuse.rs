//! Clients that break the bounds of HTTP/2 are refused, or their connection is closed with the reason.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::Request;
use axum::routing::post;
use http_body_util::BodyExt;

use super::{Endless, STREAM};
use crate::limits::Limits;
use crate::services::Services;
use crate::testing::hostile::{
    DATA, END_STREAM, ENHANCE_YOUR_CALM, GOAWAY, HostileClient, REFUSED_STREAM, RST_STREAM,
};
use crate::testing::{TestServer, default_limits, get, soon, until};

/// Settings of an HTTP/2 client in which nothing is set.
const NONE: &[(u16, u32)] = &[];

fn with_max_streams(max: u32) -> Limits {
    let mut limits = default_limits();
    limits.connection.max_concurrent_streams = max;
    limits
}

#[tokio::test]
async fn one_stream_over_the_limit_is_refused_and_the_others_go_on() {
    let (endless, mut opened) = Endless::new(false);
    let server = TestServer::start_with(with_max_streams(4), |_| endless.services()).await;
    let mut client = HostileClient::open(server.main, NONE).await;
    for stream in [1, 3, 5, 7, 9] {
        client.request(stream, 0, STREAM, &[]);
    }
    client.send().await;

    let refused = soon(client.next_of(RST_STREAM)).await.unwrap();

    assert_eq!((refused.stream, refused.error_code()), (9, REFUSED_STREAM));
    for _ in 0..4 {
        soon(opened.recv()).await.unwrap();
    }
    assert_eq!(endless.alive(), 4);
    server.stop().await;
}

/// hyper's own default would be no limit through tonic; here the setting holds.
#[tokio::test]
async fn errors_that_force_more_than_1024_resets_close_the_connection() {
    let server = TestServer::start().await;
    let limit = server.context.limits.connection.max_local_error_resets;
    assert_eq!(limit, 1024);
    let mut client = HostileClient::open(server.main, NONE).await;
    for index in 0..=limit {
        let stream = u32::try_from(2 * index + 1).unwrap();
        // More data than announced is an error of the stream alone.
        client.request(stream, 0, "/", &[("content-length", "1")]);
        client.frame(DATA, END_STREAM, stream, b"too much");
    }
    client.send().await;

    let goaway = soon(client.next_of(GOAWAY)).await.unwrap();

    assert_eq!(goaway.error_code(), ENHANCE_YOUR_CALM);
    soon(client.rest()).await;
    until(|| server.connections.is_empty()).await;
    server.stop().await;
}

#[tokio::test]
async fn requests_reset_at_once_close_the_connection() {
    let server = TestServer::start_with(with_max_streams(1000), |_| Services::new()).await;
    let mut client = HostileClient::open(server.main, NONE).await;
    for index in 0..100 {
        client.request(2 * index + 1, 0, STREAM, &[]);
        client.reset(2 * index + 1);
    }
    client.send().await;

    let goaway = soon(client.next_of(GOAWAY)).await.unwrap();

    assert_eq!(goaway.error_code(), ENHANCE_YOUR_CALM);
    server.stop().await;
}

const UPLOAD: &str = "/spile.v1.WriteService/Upload";

/// A service that counts the bytes of its requests as it reads them, or reads nothing.
fn reading(read: Option<Arc<AtomicUsize>>) -> Services {
    let handler = async move |request: Request| {
        let Some(read) = read else { return std::future::pending().await };
        let mut body = request.into_body();
        while let Some(frame) = body.frame().await {
            read.fetch_add(frame.unwrap().into_data().unwrap().len(), Ordering::SeqCst);
        }
        "done"
    };
    Services::new().method(UPLOAD, post(handler))
}

/// h2 counts tiny frames only while nobody has read them, so that a server that reads is safe from its own protection.
#[tokio::test]
async fn tiny_frames_that_are_read_do_no_harm() {
    let read = Arc::new(AtomicUsize::new(0));
    let server = TestServer::start_with(default_limits(), |_| reading(Some(read.clone()))).await;
    let mut client = HostileClient::open(server.main, NONE).await;
    client.request(1, 0, UPLOAD, &[]);
    for round in 1..=10 {
        for _ in 0..10_000 {
            client.frame(DATA, 0, 1, b"x");
        }
        client.send().await;
        soon(until(|| read.load(Ordering::SeqCst) == round * 10_000)).await;
    }
    client.frame(DATA, END_STREAM, 1, b"");
    client.send().await;

    let answer = soon(client.next_of(DATA)).await.expect("the connection lives");

    assert_eq!(answer.payload, b"done");
    server.stop().await;
}

#[tokio::test]
async fn tiny_frames_that_nobody_reads_close_the_connection() {
    let server = TestServer::start_with(default_limits(), |_| reading(None)).await;
    let mut client = HostileClient::open(server.main, NONE).await;
    client.request(1, 0, UPLOAD, &[]);
    for _ in 0..100_000 {
        client.frame(DATA, 0, 1, b"x");
    }
    client.send().await;

    let goaway = soon(client.next_of(GOAWAY)).await.unwrap();

    assert_eq!(goaway.error_code(), ENHANCE_YOUR_CALM);
    server.stop().await;
}

#[tokio::test]
async fn a_header_list_over_the_limit_is_answered_with_431() {
    let server = TestServer::start().await;
    let client = server.h2().await;
    let request =
        crate::testing::grpc_request("/").header("x-padding", "x".repeat(20 * 1024)).body(()).unwrap();

    let answer = soon(crate::testing::call(client, request, bytes::Bytes::new())).await.unwrap();

    assert_eq!(answer.status, 431);
    server.stop().await;
}

#[tokio::test]
async fn connections_over_the_limit_are_refused_in_the_clients_own_protocol() {
    let mut limits = default_limits();
    limits.connection.max_connections = 1;
    let server = TestServer::start_with(limits, |_| Services::new()).await;
    let first = server.h2().await;

    let mut second = HostileClient::open(server.main, NONE).await;
    let goaway = soon(second.next_of(GOAWAY)).await.unwrap();
    assert_eq!(goaway.error_code(), ENHANCE_YOUR_CALM);
    let reason = String::from_utf8(goaway.payload[8..].to_vec()).unwrap();
    assert_eq!(reason, "too many connections; the limit is 1 (max-connections)");
    assert!(soon(second.rest()).await.is_empty());

    let mut third = HostileClient::connect(server.main).await;
    third.write(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    third.send().await;
    let answer = String::from_utf8(soon(third.rest()).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.ends_with("too many connections; the limit is 1 (max-connections)\n"), "{answer}");

    drop((first, second, third));
    until(|| server.connections.is_empty()).await;
    let (status, _) = soon(get(server.main, "/")).await;
    assert_eq!(status, 200, "a place that became free is given away again");
    let (_, metrics) = soon(get(server.admin, "/metrics")).await;
    assert!(metrics.contains("spile_refused_connections_total{port=\"main\"} 2"), "{metrics}");
    server.stop().await;
}
