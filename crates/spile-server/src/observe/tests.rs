//! Request ids, the access log, and the metrics that all calls have in common.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use http::HeaderMap;
use spile_proto::health::{HealthCheckRequest, HealthCheckResponse};

use super::*;
use crate::services::Services;
use crate::testing::{
    Log, TestServer, call, default_limits, framed, get, grpc_request, h2_client, soon, until,
};

const WATCH: &str = "/grpc.health.v1.Health/Watch";
const CHECK: &str = "/grpc.health.v1.Health/Check";

#[test]
fn a_sane_id_of_the_caller_is_kept() {
    let of = |id: &[u8]| {
        let mut headers = HeaderMap::new();
        headers.insert(RequestId::HEADER, http::HeaderValue::from_bytes(id).unwrap());
        RequestId::of(&headers).as_str().to_owned()
    };
    assert_eq!(of(b"0123-abc/XYZ"), "0123-abc/XYZ");
    assert_eq!(of(&[b'x'; 64]), "x".repeat(64));
    for unfit in [&b""[..], b"two words", b"caf\xc3\xa9", b"tab\there", &[b'x'; 65]] {
        let id = of(unfit);
        assert_eq!(id.len(), 32, "{unfit:?} became {id}");
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    }
}

#[test]
fn ids_that_are_made_differ() {
    let headers = HeaderMap::new();
    assert_ne!(RequestId::of(&headers), RequestId::of(&headers));
}

#[tokio::test]
async fn every_answer_has_the_id_also_errors_and_pages() {
    let server = TestServer::start().await;
    for path in [CHECK, "/no.such.Service/Do"] {
        let request = grpc_request(path).header("spile-request-id", "mine").body(()).unwrap();
        let answer = soon(call(server.h2().await, request, Bytes::new())).await.unwrap();
        assert_eq!(answer.headers["spile-request-id"], "mine", "{path}");
    }
    let request = http::Request::get("http://test/").body(()).unwrap();
    let answer = soon(call(server.h2().await, request, Bytes::new())).await.unwrap();
    assert_eq!(answer.headers["spile-request-id"].len(), 32);
    server.stop().await;
}

#[tokio::test]
async fn the_end_of_a_call_is_logged_with_code_duration_and_bytes() {
    let log = Log::start();
    let server = TestServer::start().await;
    let request =
        grpc_request("/spile.v1.ReadService/Count").header("spile-request-id", "mine").body(()).unwrap();
    soon(call(server.h2().await, request, Bytes::new())).await.unwrap();
    soon(until(|| !log.lines("call ended").is_empty())).await;

    let lines = log.lines("call ended");

    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((line["level"].as_str(), line["code"].as_str()), (Some("INFO"), Some("UNIMPLEMENTED")));
    assert!(line["duration_ms"].as_f64().unwrap() >= 0.0);
    assert_eq!(line["bytes"], 0);
    assert_eq!(line["span"]["id"], "mine");
    assert_eq!(line["span"]["method"], "spile.v1.ReadService/Count");
    assert!(line["span"]["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{line}");
    server.stop().await;
}

#[tokio::test]
async fn a_caller_that_leaves_is_logged_at_debug_and_counted_as_cancelled() {
    let log = Log::start();
    let server = TestServer::start().await;
    let metrics = &server.context.metrics;
    let mut client = h2_client(server.main).await;
    let (response, mut sender) = client.send_request(grpc_request(WATCH).body(()).unwrap(), false).unwrap();
    sender.send_data(framed(&HealthCheckRequest::default()), true).unwrap();
    let mut stream = soon(response).await.unwrap().into_body();
    soon(stream.data()).await.unwrap().unwrap();
    let active = "spile_active_streams{method=\"grpc.health.v1.Health/Watch\"}";
    assert!(metrics.render().contains(&format!("{active} 1\n")));

    drop((stream, sender, client));

    soon(until(|| !log.lines("caller went away").is_empty())).await;
    let line = &log.lines("caller went away")[0];
    assert_eq!((line["level"].as_str(), line["code"].as_str()), (Some("DEBUG"), Some("CANCELLED")));
    let text = metrics.render();
    assert!(text.contains(&format!("{active} 0\n")), "{text}");
    let ended = "spile_requests_total{method=\"grpc.health.v1.Health/Watch\",code=\"CANCELLED\"} 1\n";
    assert!(text.contains(ended), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn probes_are_logged_at_debug() {
    let log = Log::start();
    let server = TestServer::start().await;
    let request = grpc_request(CHECK).body(()).unwrap();
    let answer =
        soon(call(server.h2().await, request, framed(&HealthCheckRequest::default()))).await.unwrap();
    assert_eq!(answer.body, framed(&HealthCheckResponse { status: 1 }));
    soon(until(|| !log.lines("call ended").is_empty())).await;
    assert_eq!(log.lines("call ended")[0]["level"], "DEBUG");
    assert_eq!(log.lines("call ended")[0]["bytes"], 7);
    server.stop().await;
}

#[tokio::test]
async fn scrapes_are_logged_at_debug() {
    let log = Log::start();
    let server = TestServer::start().await;
    for path in ["/metrics", "/livez", "/readyz"] {
        soon(get(server.admin, path)).await;
    }
    soon(until(|| log.lines("call ended").len() == 3)).await;
    assert!(log.lines("call ended").iter().all(|line| line["level"] == "DEBUG"));
    server.stop().await;
}

#[tokio::test]
async fn a_long_path_is_cut_in_the_log_and_in_the_error() {
    let log = Log::start();
    let server = TestServer::start().await;
    let path = format!("/{}", "x".repeat(5_000));
    let (status, body) = soon(get(server.main, &path)).await;
    assert_eq!((status, body.len() < 300), (404, true), "{body}");
    let request = grpc_request(&format!("{path}/y")).body(()).unwrap();
    let answer = soon(call(server.h2().await, request, Bytes::new())).await.unwrap();
    assert!(answer.grpc_status().message().len() < 300, "{:?}", answer.grpc_status());
    soon(until(|| log.lines("call ended").len() == 2)).await;
    for line in log.lines("call ended") {
        assert_eq!(line["span"]["path"], path[..128]);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_call_that_ends_without_a_status_is_a_fault_and_no_cancellation() {
    let log = Log::start();
    let handler = async || ([("content-type", "application/grpc")], "no trailers follow");
    let server = TestServer::start_with(default_limits(), |_| {
        Services::new().method("/spile.v1.ReadService/Tail", axum::routing::post(handler))
    })
    .await;
    let request = grpc_request("/spile.v1.ReadService/Tail").body(()).unwrap();
    soon(call(server.h2().await, request, Bytes::new())).await.unwrap();
    soon(until(|| !log.lines("call failed").is_empty())).await;
    assert_eq!(log.lines("call failed")[0]["code"], "UNKNOWN");
    server.stop().await;
}

#[tokio::test]
async fn a_handler_that_panics_is_an_internal_error_to_those_who_look() {
    let log = Log::start();
    let handler = async || -> Response { panic!("a mistake") };
    let server = TestServer::start_with(default_limits(), |_| {
        Services::new().method("/spile.v1.ReadService/Count", axum::routing::post(handler))
    })
    .await;
    let request = grpc_request("/spile.v1.ReadService/Count").body(()).unwrap();
    let reset = soon(call(server.h2().await, request, Bytes::new())).await.unwrap_err();

    assert!(reset.is_reset());
    soon(until(|| !log.lines("call failed").is_empty())).await;
    let line = &log.lines("call failed")[0];
    assert_eq!((line["level"].as_str(), line["code"].as_str()), (Some("ERROR"), Some("INTERNAL")));
    assert_eq!(soon(get(server.main, "/")).await.0, 200, "the server goes on");
    server.stop().await;
}

#[tokio::test]
async fn streams_can_say_in_the_log_how_they_ended() {
    let log = Log::start();
    let handler = async || {
        tracing::Span::current().record("end_reason", "limit").record("records", 3);
        "done"
    };
    let server = TestServer::start_with(default_limits(), |_| {
        Services::new().method("/spile.v1.ReadService/Tail", axum::routing::post(handler))
    })
    .await;
    let request = grpc_request("/spile.v1.ReadService/Tail").body(()).unwrap();
    soon(call(server.h2().await, request, Bytes::new())).await.unwrap();
    soon(until(|| !log.lines("call ended").is_empty())).await;

    let line = &log.lines("call ended")[0];

    assert_eq!((&line["span"]["end_reason"], &line["span"]["records"]), (&"limit".into(), &3.into()));
    server.stop().await;
}

#[tokio::test]
async fn callers_cannot_invent_labels() {
    let server = TestServer::start().await;
    for path in ["/a.B/C", "/d.E/F"] {
        let request = grpc_request(path).body(()).unwrap();
        soon(call(server.h2().await, request, Bytes::new())).await.unwrap();
        soon(get(server.main, path)).await;
    }
    let text = server.context.metrics.render();
    assert!(text.contains("spile_requests_total{method=\"unknown\",code=\"UNIMPLEMENTED\"} 2\n"), "{text}");
    assert!(text.contains("spile_requests_total{method=\"http\",code=\"4xx\"} 2\n"), "{text}");
    assert!(!text.contains("a.B"), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn the_first_message_of_a_stream_is_timed_once() {
    let server = TestServer::start().await;
    let request = grpc_request(WATCH).header("grpc-timeout", "50m").body(()).unwrap();
    soon(call(server.h2().await, request, framed(&HealthCheckRequest::default()))).await.unwrap();
    let text = server.context.metrics.render();
    let count = "spile_time_to_first_message_seconds_count{method=\"grpc.health.v1.Health/Watch\"} 1\n";
    assert!(text.contains(count), "{text}");
    let bytes = "spile_sent_bytes_total{method=\"grpc.health.v1.Health/Watch\"} 7\n";
    assert!(text.contains(bytes), "{text}");
    server.stop().await;
}
