//! The life of a server: above all its orderly end.

#![allow(clippy::unwrap_used)]

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http_body::Frame;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::Stop;
use crate::context::ServerContext;
use crate::deadline::SelfGoverned;
use crate::limits::Limits;
use crate::services::Services;
use crate::status::{ErrorReason, error};
use crate::testing::hostile::{ACK, GOAWAY, HEADERS, HostileClient, PING};
use crate::testing::{TestServer, at_last, call, default_limits, get, grpc_request, h2_client, soon, until};

const STREAM: &str = "/spile.v1.ReadService/Tail";

/// A stream that says nothing until the server drains, and then ends, or does not.
struct Listening {
    drained: Pin<Box<WaitForCancellationFutureOwned>>,
    obeys: bool,
}

impl http_body::Body for Listening {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.drained.as_mut().poll(cx).is_pending() || !self.obeys {
            return Poll::Pending;
        }
        let mut trailers = http::HeaderMap::new();
        error(ErrorReason::Draining).into_status().add_header(&mut trailers).unwrap();
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }
}

/// A server with a streaming method, whose opened calls are told to the receiver.
async fn server(limits: Limits, obeys: bool) -> (TestServer, mpsc::Receiver<()>) {
    let (opened, calls) = mpsc::channel(16);
    let services = |context: &ServerContext| {
        let drain = context.drain.clone();
        let handler = async move |_: Request| {
            opened.send(()).await.unwrap();
            let body = Listening { drained: Box::pin(drain.drained_owned()), obeys };
            let mut response = Response::new(Body::new(body));
            response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
            response.extensions_mut().insert(SelfGoverned);
            response
        };
        Services::new().method(STREAM, post(handler))
    };
    (TestServer::start_with(limits, services).await, calls)
}

#[tokio::test]
async fn drain_ends_streams_tells_connections_and_closes_the_listener() {
    let (server, mut opened) = server(default_limits(), true).await;
    let main = server.main;
    let mut watcher = HostileClient::open(main, &[]).await;
    let client = server.h2().await;
    let stream = tokio::spawn(call(client, grpc_request(STREAM).body(()).unwrap(), Bytes::new()));
    soon(opened.recv()).await.unwrap();

    server.begin_shutdown();

    let answer = soon(stream).await.unwrap().unwrap();
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (tonic::Code::Unavailable, "DRAINING")
    );
    let goaway = soon(watcher.next_of(GOAWAY)).await.unwrap();
    assert_eq!(goaway.error_code(), 0, "a drain is no error");
    answer_pings_to_the_end(&mut watcher).await;
    assert_eq!(soon(server.stopped()).await, Stop::Drained);
    assert!(TcpStream::connect(main).await.is_err(), "nothing listens any more");
}

/// A graceful GOAWAY is followed by a ping, whose answer ends the connection.
async fn answer_pings_to_the_end(client: &mut HostileClient) {
    while let Some(frame) = soon(client.next()).await {
        if frame.kind == PING && frame.flags & ACK == 0 {
            client.frame(PING, ACK, 0, &frame.payload);
            client.send().await;
        }
    }
}

#[tokio::test]
async fn readiness_goes_before_the_listener() {
    let mut limits = default_limits();
    limits.drain_delay = Duration::from_secs(3600);
    let (server, _opened) = server(limits, true).await;
    assert_eq!(soon(get(server.admin, "/readyz")).await.0, 200);

    server.begin_shutdown();
    soon(until(|| !server.context.readiness.is_ready())).await;

    let (status, body) = soon(get(server.admin, "/readyz")).await;
    assert_eq!(status, 503);
    assert!(body.contains("the server is stopping"), "{body}");
    assert!(!server.context.drain.is_draining(), "streams are told only when the delay is over");
    assert_eq!(soon(get(server.main, "/")).await.0, 200, "the main port still serves");
    assert_eq!(soon(get(server.admin, "/livez")).await.0, 200, "an unready server is alive");
    server.hurry();
    soon(server.stopped()).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_does_not_end_is_cut_off_after_the_grace() {
    let mut limits = default_limits();
    limits.drain_grace = Duration::from_secs(25);
    let (server, mut opened) = server(limits, false).await;
    let mut client = HostileClient::open(server.main, &[]).await;
    client.request(1, 0, STREAM, &[]);
    client.send().await;
    opened.recv().await.unwrap();
    assert!(client.next_of(HEADERS).await.is_some());
    let context = server.context.clone();
    let started = Instant::now();

    server.begin_shutdown();
    let stop = at_last(server.stopped()).await;

    assert_eq!(stop, Stop::Forced { connections: 1 });
    let elapsed = started.elapsed();
    let grace = Duration::from_secs(25);
    assert!((grace..grace + Duration::from_secs(2)).contains(&elapsed), "stopped after {elapsed:?}");
    answer_pings_to_the_end(&mut client).await;
    let text = context.metrics.render();
    assert!(text.contains("spile_open_connections{port=\"main\"} 0"), "{text}");
    assert!(text.contains("spile_closed_connections_total{port=\"main\",reason=\"drain\"} 1"), "{text}");
}

#[tokio::test]
async fn a_second_signal_ends_the_grace() {
    let mut limits = default_limits();
    limits.drain_grace = Duration::from_secs(3600);
    let (server, mut opened) = server(limits, false).await;
    let mut client = HostileClient::open(server.main, &[]).await;
    client.request(1, 0, STREAM, &[]);
    client.send().await;
    soon(opened.recv()).await.unwrap();
    server.begin_shutdown();
    assert!(soon(client.next_of(GOAWAY)).await.is_some());

    server.hurry();

    assert_eq!(soon(server.stopped()).await, Stop::Forced { connections: 1 });
}

#[tokio::test]
async fn a_second_signal_during_the_delay_ends_everything() {
    let mut limits = default_limits();
    limits.drain_delay = Duration::from_secs(3600);
    limits.drain_grace = Duration::from_secs(3600);
    let (server, mut opened) = server(limits, false).await;
    let mut client = HostileClient::open(server.main, &[]).await;
    client.request(1, 0, STREAM, &[]);
    client.send().await;
    soon(opened.recv()).await.unwrap();
    server.begin_shutdown();
    soon(until(|| !server.context.readiness.is_ready())).await;

    server.hurry();

    assert_eq!(soon(server.stopped()).await, Stop::Forced { connections: 1 });
}

#[tokio::test]
async fn the_admin_port_answers_until_the_main_port_has_drained() {
    let mut limits = default_limits();
    limits.drain_grace = Duration::from_secs(3600);
    let (server, mut opened) = server(limits, false).await;
    let admin = server.admin;
    let mut client = HostileClient::open(server.main, &[]).await;
    client.request(1, 0, STREAM, &[]);
    client.send().await;
    soon(opened.recv()).await.unwrap();
    server.begin_shutdown();
    soon(client.next_of(GOAWAY)).await.unwrap();

    let metrics = soon(get(admin, "/metrics")).await;
    assert_eq!(metrics.0, 200);
    assert_eq!(soon(get(admin, "/readyz")).await.0, 503);

    drop(client);
    assert_eq!(soon(server.stopped()).await, Stop::Drained);
    assert!(TcpStream::connect(admin).await.is_err());
}

#[tokio::test]
async fn calls_that_were_begun_before_the_drain_are_answered() {
    let (entered, mut entries) = mpsc::channel(1);
    let (leave, gate) = tokio::sync::watch::channel(false);
    let services = |_: &ServerContext| {
        let handler = async move |_: Request| {
            entered.send(()).await.unwrap();
            gate.clone().wait_for(|open| *open).await.unwrap();
            error(ErrorReason::NotFound).into_status().into_http::<Body>()
        };
        Services::new().method("/spile.v1.ReadService/Count", post(handler))
    };
    let server = TestServer::start_with(default_limits(), services).await;
    let request = grpc_request("/spile.v1.ReadService/Count").body(()).unwrap();
    let answer = tokio::spawn(call(h2_client(server.main).await, request, Bytes::new()));
    soon(entries.recv()).await.unwrap();

    server.begin_shutdown();
    soon(until(|| server.context.drain.is_draining())).await;
    leave.send(true).unwrap();

    let answer = soon(answer).await.unwrap().unwrap();
    assert_eq!(answer.grpc_status().code(), tonic::Code::NotFound);
    assert_eq!(soon(server.stopped()).await, Stop::Drained);
}
