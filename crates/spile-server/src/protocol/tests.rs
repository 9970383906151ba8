//! Requests that speak the wrong protocol, or ask for what is not there.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use http::Request;
use tonic::Code;

use super::*;
use crate::testing::hostile::HostileClient;
use crate::testing::{Answer, TestServer, call, get, grpc_request, soon};

async fn send(request: Request<()>) -> Answer {
    let server = TestServer::start().await;
    let answer = soon(call(server.h2().await, request, Bytes::new())).await.unwrap();
    server.stop().await;
    answer
}

#[test]
fn only_grpc_is_grpc() {
    let content_type = |value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(value));
        is_grpc(&headers)
    };
    for value in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"] {
        assert!(content_type(value), "{value}");
    }
    for value in
        ["application/grpc-web", "application/grpc-web+proto", "application/json", "application/grpcx", ""]
    {
        assert!(!content_type(value), "{value}");
    }
    assert!(!is_grpc(&HeaderMap::new()));
}

#[tokio::test]
async fn an_unknown_method_is_unimplemented_in_trailers_alone() {
    let answer = send(grpc_request("/spile.v1.ReadService/NoSuch").body(()).unwrap()).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/grpc");
    assert!(answer.trailers.is_none() && answer.body.is_empty(), "the headers are the trailers");
    assert_eq!(answer.grpc_status().code(), Code::Unimplemented);
    assert_eq!(answer.reason(), "UNIMPLEMENTED_METHOD");
    assert_eq!(
        answer.grpc_status().message(),
        "there is no such method: spile.v1.ReadService has no method NoSuch"
    );
}

#[tokio::test]
async fn an_unknown_service_is_unimplemented() {
    let answer = send(grpc_request("/no.such.Service/Do").body(()).unwrap()).await;

    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (Code::Unimplemented, "UNIMPLEMENTED_METHOD")
    );
    assert!(answer.grpc_status().message().contains("no.such.Service"), "{}", answer.grpc_status().message());
}

#[tokio::test]
async fn a_path_that_is_not_there_is_a_json_404() {
    let server = TestServer::start().await;

    let (status, body) = soon(get(server.main, "/nothing/here")).await;

    assert_eq!(status, 404);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["error"]["code"], 404);
    assert_eq!(body["error"]["status"], "NOT_FOUND");
    assert_eq!(body["error"]["message"], "there is nothing at /nothing/here");
    server.stop().await;
}

#[tokio::test]
async fn a_grpc_method_tells_plain_http_what_it_is() {
    let request = Request::post("http://test/spile.v1.ReadService/Tail").body(()).unwrap();

    let answer = send(request).await;

    assert_eq!(answer.status, 415);
    let body = String::from_utf8(answer.body).unwrap();
    assert!(body.contains("spile.v1.ReadService/Tail is a gRPC method"), "{body}");
}

#[tokio::test]
async fn grpc_is_post() {
    let request =
        Request::get("http://test/spile.v1.ReadService/Tail").header("content-type", "application/grpc");

    assert_eq!(send(request.body(()).unwrap()).await.status, 405);
}

#[tokio::test]
async fn grpc_over_http1_is_told_that_it_needs_http2() {
    let server = TestServer::start().await;
    let mut client = HostileClient::connect(server.main).await;
    client.write(
        b"POST /spile.v1.ReadService/Tail HTTP/1.1\r\nhost: test\r\ncontent-type: application/grpc\r\n",
    );
    client.write(b"connection: close\r\ncontent-length: 0\r\n\r\n");
    client.send().await;

    let answer = String::from_utf8(soon(client.rest()).await).unwrap();

    assert!(answer.starts_with("HTTP/1.1 505 "), "{answer}");
    assert!(answer.contains("gRPC needs HTTP/2"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn the_front_page_says_what_this_is_over_http1() {
    let server = TestServer::start().await;
    let mut client = HostileClient::connect(server.main).await;
    client.write(b"GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    client.send().await;

    let answer = String::from_utf8(soon(client.rest()).await).unwrap();

    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: text/plain; charset=utf-8\r\n"), "{answer}");
    assert!(answer.contains("spile tail -f"), "{answer}");
    server.stop().await;
}
