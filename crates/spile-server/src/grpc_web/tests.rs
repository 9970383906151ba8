//! gRPC-Web calls as a browser makes them.

#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Request;
use prost::Message;
use spile_proto::health::{HealthCheckRequest, HealthCheckResponse};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::testing::{Answer, TestServer, call, framed, soon};

const CHECK: &str = "/grpc.health.v1.Health/Check";

async fn send(path: &str, content_type: &str, body: Bytes) -> Answer {
    let server = TestServer::start().await;
    let request = Request::post(format!("http://test{path}"))
        .header("content-type", content_type)
        .header("accept", content_type)
        .body(())
        .unwrap();
    let answer = soon(call(server.h2().await, request, body)).await.unwrap();
    server.stop().await;
    answer
}

/// The messages of a body, and the trailers that are its last frame.
fn parts(body: &[u8]) -> (Vec<Vec<u8>>, String) {
    let (mut messages, mut rest) = (Vec::new(), body);
    loop {
        let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
        let (frame, behind) = rest[5..].split_at(length);
        if rest[0] == 0x80 {
            assert!(behind.is_empty(), "nothing follows the trailers");
            return (messages, String::from_utf8(frame.to_vec()).unwrap());
        }
        messages.push(frame.to_vec());
        rest = behind;
    }
}

fn question() -> Bytes {
    framed(&HealthCheckRequest { service: String::new() })
}

fn is_serving(message: &[u8]) -> bool {
    HealthCheckResponse::decode(message).unwrap().status == 1
}

#[tokio::test]
async fn a_call_is_answered_with_trailers_in_the_body() {
    let answer = send(CHECK, "application/grpc-web+proto", question()).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/grpc-web+proto");
    assert!(answer.headers.contains_key("spile-request-id"), "it passes the same layers as other calls");
    assert!(answer.trailers.is_none());
    let (messages, trailers) = parts(&answer.body);
    assert!(matches!(messages.as_slice(), [message] if is_serving(message)));
    assert!(trailers.contains("grpc-status:0\r\n"), "{trailers}");
}

#[tokio::test]
async fn text_is_base64_both_ways() {
    let body = BASE64_STANDARD.encode(question());
    let answer = send(CHECK, "application/grpc-web-text", body.into()).await;

    assert_eq!(answer.headers["content-type"], "application/grpc-web-text+proto");
    // Each part is padded by itself.
    let text = String::from_utf8(answer.body).unwrap();
    let mut body = Vec::new();
    for quad in text.as_bytes().chunks(4) {
        body.extend(BASE64_STANDARD.decode(quad).unwrap());
    }
    let (messages, trailers) = parts(&body);
    assert!(matches!(messages.as_slice(), [message] if is_serving(message)));
    assert!(trailers.contains("grpc-status:0"), "{trailers}");
}

#[tokio::test]
async fn http_1_carries_it() {
    let server = TestServer::start().await;
    let body = question();
    let head = format!(
        "POST {CHECK} HTTP/1.1\r\nhost: test\r\ncontent-type: application/grpc-web+proto\r\ncontent-length: {}\r\nconnection: \
         close\r\n\r\n",
        body.len()
    );
    let answer = soon(crate::testing::http_1(server.main, &[head.as_bytes(), &body].concat())).await;
    server.stop().await;

    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", answer.escape_ascii());
    let contains = |part: &[u8]| answer.windows(part.len()).any(|window| window == part);
    assert!(contains(b"content-type: application/grpc-web+proto"), "{}", answer.escape_ascii());
    assert!(contains(b"\x80") && contains(b"grpc-status:0\r\n"), "{}", answer.escape_ascii());
}

#[tokio::test]
async fn errors_have_their_details() {
    let answer = send("/spile.v1.ReadService/NoSuch", "application/grpc-web+proto", question()).await;

    let status = Status::from_header_map(&answer.headers).unwrap();
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(status.get_details_error_info().unwrap().reason, "UNIMPLEMENTED_METHOD");
}

#[tokio::test]
async fn what_browsers_cannot_carry_is_refused() {
    for method in ["Append", "Upload"] {
        let path = format!("/spile.v1.WriteService/{method}");
        let answer = send(&path, "application/grpc-web+proto", question()).await;
        let status = Status::from_header_map(&answer.headers).unwrap();
        assert_eq!(status.code(), Code::Unimplemented);
        assert!(status.message().contains("use gRPC over HTTP/2"), "{}", status.message());
    }
}

#[tokio::test]
async fn only_posts_are_calls() {
    let server = TestServer::start().await;
    let request = Request::get(format!("http://test{CHECK}"))
        .header("content-type", "application/grpc-web+proto")
        .body(())
        .unwrap();
    let answer = soon(call(server.h2().await, request, Bytes::new())).await.unwrap();
    server.stop().await;
    assert_eq!(answer.status, 405);
}
