//! Peers that say nothing, too little, or too slowly. Time is paused: it jumps ahead when nothing else can happen.

use std::time::Duration;

use tokio::time::Instant;

use super::{Endless, STREAM};
use crate::services::Services;
use crate::testing::hostile::{ACK, GOAWAY, HostileClient, PING};
use crate::testing::{TestServer, at_last, default_limits, until};

/// How far the clock may lie from the limit.
const TOLERANCE: Duration = Duration::from_secs(1);

/// Asserts that a client that sends these bytes and then nothing is closed when the first-byte timeout has passed.
async fn assert_closed_in_time(bytes: &[u8]) {
    let server = TestServer::start().await;
    let limit = server.context.limits.connection.first_byte_timeout;
    let mut client = HostileClient::connect(server.main).await;
    client.write(bytes);
    client.send().await;
    let started = Instant::now();

    at_last(client.rest()).await;

    let elapsed = started.elapsed();
    assert!((limit..limit + TOLERANCE).contains(&elapsed), "closed after {elapsed:?}");
    until(|| server.connections.is_empty()).await;
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_is_closed() {
    assert_closed_in_time(b"").await;
}

#[tokio::test(start_paused = true)]
async fn a_preface_that_stops_half_way_is_closed() {
    assert_closed_in_time(b"PRI * HTTP/2.0\r\n\r\nSM").await;
}

#[tokio::test(start_paused = true)]
async fn a_preface_without_settings_is_closed() {
    assert_closed_in_time(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn an_http1_header_that_stops_half_way_is_closed() {
    assert_closed_in_time(b"GET / HTTP/1.1\r\nhost: test\r\nx-long-enough-to-be-more-than-a-preface: y\r\n")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_ping_is_closed() {
    let server = TestServer::start().await;
    let connection = &server.context.limits.connection;
    let limit = connection.keepalive_interval + connection.keepalive_timeout;
    let mut client = HostileClient::open(server.main, &[]).await;
    let started = Instant::now();

    while at_last(client.next()).await.is_some() {}

    let elapsed = started.elapsed();
    assert!((limit..limit + TOLERANCE).contains(&elapsed), "closed after {elapsed:?}");
    server.stop().await;
}

/// Answers pings until the server says GOAWAY; how long that took.
async fn time_to_goaway(client: &mut HostileClient) -> Duration {
    let started = Instant::now();
    loop {
        let frame = at_last(client.next()).await.expect("GOAWAY comes before the end");
        if frame.kind == GOAWAY {
            return started.elapsed();
        }
        if frame.kind == PING && frame.flags & ACK == 0 {
            client.frame(PING, ACK, 0, &frame.payload);
            client.send().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_asked_to_go() {
    let server = TestServer::start().await;
    let limit = server.context.limits.connection.max_idle.unwrap();
    let mut client = HostileClient::open(server.main, &[]).await;

    let elapsed = time_to_goaway(&mut client).await;

    assert!((limit..limit + TOLERANCE).contains(&elapsed), "GOAWAY after {elapsed:?}");
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_does_not_go_when_asked_is_closed() {
    let server = TestServer::start().await;
    let mut client = HostileClient::open(server.main, &[]).await;
    time_to_goaway(&mut client).await;
    let started = Instant::now();

    // The ping that follows GOAWAY stays without an answer.
    while at_last(client.next()).await.is_some() {}

    let (elapsed, limit) = (started.elapsed(), Duration::from_secs(30));
    assert!((limit..limit + TOLERANCE).contains(&elapsed), "closed after {elapsed:?}");
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_asked_to_go_at_its_age_and_its_streams_go_on() {
    let mut limits = default_limits();
    limits.connection.max_age = Some(Duration::from_secs(600));
    let (endless, mut opened) = Endless::new(false);
    let server = TestServer::start_with(limits, |_| endless.services()).await;
    let mut client = HostileClient::open(server.main, &[]).await;
    client.request(1, 0, STREAM, &[]);
    client.send().await;
    opened.recv().await.unwrap();

    let elapsed = time_to_goaway(&mut client).await;

    let bounds = Duration::from_secs(540)..Duration::from_secs(661);
    assert!(bounds.contains(&elapsed), "GOAWAY after {elapsed:?}");
    assert_eq!((endless.alive(), server.connections.len()), (1, 1));
    client.reset(1);
    client.send().await;
    time_to_end(&mut client).await;
    assert_eq!(endless.alive(), 0);
    server.stop().await;
}

/// Answers pings until the connection ends.
async fn time_to_end(client: &mut HostileClient) {
    while let Some(frame) = at_last(client.next()).await {
        if frame.kind == PING && frame.flags & ACK == 0 {
            client.frame(PING, ACK, 0, &frame.payload);
            client.send().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_with_an_open_stream_is_not_idle() {
    let mut limits = default_limits();
    limits.connection.max_age = None;
    limits.connection.max_idle = Some(Duration::from_secs(100));
    let (endless, mut opened) = Endless::new(false);
    let server = TestServer::start_with(limits, |_| endless.services()).await;
    let mut client = HostileClient::open(server.main, &[]).await;
    client.request(1, 0, STREAM, &[]);
    client.send().await;
    let handle = opened.recv().await.unwrap();
    let busy = Duration::from_secs(1_000);
    let resetting = tokio::spawn(async move {
        tokio::time::sleep(busy).await;
        handle.reset();
    });

    let elapsed = time_to_goaway(&mut client).await;

    resetting.await.unwrap();
    let idle = busy + Duration::from_secs(100);
    assert!((idle..idle + TOLERANCE).contains(&elapsed), "GOAWAY after {elapsed:?}");
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_has_spoken_in_time_stays_open() {
    let server = TestServer::start_with(default_limits(), |_| Services::new()).await;
    let mut client = HostileClient::open(server.main, &[]).await;
    tokio::time::sleep(Duration::from_secs(30)).await;

    client.frame(PING, 0, 0, b"are you?");
    client.send().await;
    let pong = at_last(client.next_of(PING)).await.unwrap();

    assert_eq!((pong.flags, pong.payload.as_slice()), (ACK, b"are you?".as_slice()));
    server.stop().await;
}
