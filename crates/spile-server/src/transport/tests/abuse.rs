//! Clients that break the bounds of HTTP/2 are refused, or their connection is closed with the reason.

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
