//! Deadlines, read and held to.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use spile_proto::health::HealthCheckRequest;
use tokio::time::Instant;

use super::*;
use crate::services::Services;
use crate::testing::{TestServer, at_last, call, default_limits, framed, grpc_request, h2_client};

#[test]
fn every_unit_is_read() {
    let cases = [
        ("1H", Duration::from_secs(3_600)),
        ("2M", Duration::from_secs(120)),
        ("3S", Duration::from_secs(3)),
        ("4m", Duration::from_millis(4)),
        ("5u", Duration::from_micros(5)),
        ("6n", Duration::from_nanos(6)),
        ("0S", Duration::ZERO),
        ("00000001S", Duration::from_secs(1)),
        ("99999999H", Duration::from_secs(99_999_999 * 3_600)),
    ];
    for (text, duration) in cases {
        assert_eq!(parse_timeout(text), Ok(duration), "{text}");
    }
}

#[test]
fn what_is_not_a_timeout_is_refused() {
    for text in
        ["", "S", "1", "1s", "1h", "-1S", "+1S", "1.5S", "1 S", " 1S", "123456789S", "1SS", "0x1S", "1é", "é"]
    {
        assert!(parse_timeout(text).is_err(), "{text}");
    }
}

/// A server whose method `Count` never answers.
async fn server() -> TestServer {
    let handler = async || -> Response { std::future::pending().await };
    TestServer::start_with(default_limits(), |_| {
        Services::new().method("/spile.v1.ReadService/Count", axum::routing::post(handler))
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_ends_at_its_deadline() {
    let server = server().await;
    let request = grpc_request("/spile.v1.ReadService/Count").header("grpc-timeout", "7S").body(()).unwrap();
    let started = Instant::now();

    let answer = at_last(call(h2_client(server.main).await, request, Bytes::new())).await.unwrap();

    assert_eq!((answer.status, answer.reason().as_str()), (200, "DEADLINE_EXCEEDED"));
    assert_eq!(answer.grpc_status().code(), tonic::Code::DeadlineExceeded);
    let elapsed = started.elapsed();
    assert!((Duration::from_secs(7)..Duration::from_secs(8)).contains(&elapsed), "{elapsed:?}");
    server.stop().await;
}

/// The library's own enforcement would end with the response's headers.
#[tokio::test(start_paused = true)]
async fn a_stream_that_has_begun_ends_at_its_deadline_after_what_it_sent() {
    let server = server().await;
    let request =
        grpc_request("/grpc.health.v1.Health/Watch").header("grpc-timeout", "3000m").body(()).unwrap();
    let started = Instant::now();

    let body = framed(&HealthCheckRequest::default());
    let answer = at_last(call(h2_client(server.main).await, request, body)).await.unwrap();

    assert_eq!(answer.grpc_status().code(), tonic::Code::DeadlineExceeded);
    assert_eq!(answer.reason(), "DEADLINE_EXCEEDED");
    assert_eq!(answer.body, [0, 0, 0, 0, 2, 8, 1], "SERVING came first");
    assert!(answer.trailers.is_some());
    let elapsed = started.elapsed();
    assert!((Duration::from_secs(3)..Duration::from_secs(4)).contains(&elapsed), "{elapsed:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_deadline_that_cannot_be_read_is_an_error_that_names_it() {
    let server = server().await;
    let request =
        grpc_request("/spile.v1.ReadService/Count").header("grpc-timeout", "soon").body(()).unwrap();

    let answer = at_last(call(h2_client(server.main).await, request, Bytes::new())).await.unwrap();

    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (tonic::Code::InvalidArgument, "INVALID_DEADLINE")
    );
    assert!(answer.grpc_status().message().contains("grpc-timeout"), "{}", answer.grpc_status().message());
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn handlers_find_the_deadline() {
    let handler = async |request: Request| {
        let deadline = request.extensions().get::<Deadline>().copied();
        let left = deadline.map(|deadline| deadline.remaining().as_secs().to_string());
        left.unwrap_or_default()
    };
    let server = TestServer::start_with(default_limits(), |_| {
        Services::new().method("/spile.v1.ReadService/Count", axum::routing::post(handler))
    })
    .await;
    for (timeout, seen) in [(Some("1M"), "60"), (None, "")] {
        let mut request = grpc_request("/spile.v1.ReadService/Count");
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let client = h2_client(server.main).await;
        let answer = call(client, request.body(()).unwrap(), Bytes::new()).await.unwrap();
        assert_eq!(String::from_utf8(answer.body).unwrap(), seen);
    }
    server.stop().await;
}
