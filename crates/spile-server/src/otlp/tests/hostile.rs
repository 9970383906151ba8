//! What a hostile sender gets: a clean answer, and no more memory than the bounds say.

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use tonic::Code;
use tonic_types::StatusExt;

use super::{EXPORT, JSON, PROTOBUF, grpc_answer, record, request};
use crate::limits::ReceiveLimits;
use crate::testing::{Receiving, compressed, framed, grpc_request, pack, soon, until};

const MAX: usize = 1 << 20;

async fn small() -> Receiving {
    let limits = ReceiveLimits { max_request_bytes: MAX, memory_bytes: 8 * MAX };
    Receiving::start_with(limits, spile_engine::Limits::default()).await
}

/// A message's prefix, and what comes behind it.
fn prefixed(flag: u8, length: u32, bytes: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    out.put_u8(flag);
    out.put_u32(length);
    out.extend_from_slice(bytes);
    out.freeze()
}

/// OUT_OF_RANGE, or a RetryInfo, would have the sender repeat the same batch for ever.
#[tokio::test]
async fn too_large_is_permanent_before_and_after_decompression() {
    let receiving = small().await;
    let large = request(vec![record(&"x".repeat(200_000)); 6]);
    let mut answers = vec![receiving.grpc(EXPORT, &[], framed(&large)).await];
    answers.push(receiving.grpc(EXPORT, &[], prefixed(0, u32::MAX, b"xxx")).await);
    for coding in ["gzip", "zstd"] {
        let body = compressed(coding, &large);
        assert!(body.len() < MAX / 10);
        answers.push(receiving.grpc(EXPORT, &[("grpc-encoding", coding)], body).await);
    }
    for answer in answers {
        assert_eq!(
            (answer.grpc_status().code(), answer.reason().as_str()),
            (Code::ResourceExhausted, "TOO_LARGE")
        );
        assert!(answer.grpc_status().get_details_retry_info().is_none());
    }
    for coding in ["identity", "gzip", "zstd"] {
        let body = pack(coding, &large.encode_to_vec());
        let answer = receiving.post("/v1/logs", &[PROTOBUF, ("content-encoding", coding)], body).await;
        assert_eq!(answer.status, 413, "{coding}");
        assert!(!answer.headers.contains_key("retry-after"));
    }
    assert_eq!(receiving.budget.left(), 8 * MAX, "everything is given back");
    receiving.server.stop().await;
}

/// A thousand times its size, a few bytes for each 128 KiB, and a window of 128 MiB.
#[tokio::test]
async fn bombs_are_stopped_at_the_limit() {
    let receiving = small().await;
    let zeros = vec![0; 256 << 20];
    for coding in ["gzip", "zstd"] {
        let bomb = pack(coding, &zeros);
        let answer = receiving.post("/v1/logs", &[JSON, ("content-encoding", coding)], bomb).await;
        assert_eq!(answer.status, 413, "{coding}");
    }
    // RFC 8878, section 3.1.1: a frame without checksum and content size, a window of 2^27 bytes, and one block of a byte repeated.
    let wide = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x03, 0x00, 0x40, 0x00];
    let answer = receiving.post("/v1/logs", &[JSON, ("content-encoding", "zstd")], wide.to_vec()).await;
    assert_eq!(answer.status, 400, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(receiving.budget.left(), 8 * MAX);
    receiving.server.stop().await;
}

/// Two bytes each on the wire, and much more in a frame.
#[tokio::test]
async fn a_million_empty_records_are_refused() {
    let receiving = Receiving::start().await;
    let scope: Vec<u8> = [0x12, 0x00].repeat((1 << 20) + 1);
    let mut part = Vec::new();
    spile_columns::wire::put_bytes(&mut part, 2, &scope);
    let mut body = Vec::new();
    spile_columns::wire::put_bytes(&mut body, 1, &part);
    let answer = receiving.post("/v1/logs", &[PROTOBUF], body).await;
    assert_eq!(answer.status, 413);
    assert!(String::from_utf8_lossy(&answer.body).contains("1048576 records"));
    receiving.server.stop().await;
}

#[tokio::test]
async fn deep_nesting_is_refused_without_recursion() {
    let receiving = Receiving::start().await;
    let json = format!("{{\"resourceLogs\":{}", "[".repeat(1 << 20));
    assert_eq!(receiving.post("/v1/logs", &[JSON], json).await.status, 400);
    let mut value = b"\x0a\x01x".to_vec();
    for _ in 0..5_000 {
        let (mut list, mut outer) = (Vec::new(), Vec::new());
        spile_columns::wire::put_bytes(&mut list, 1, &value);
        spile_columns::wire::put_bytes(&mut outer, 5, &list);
        value = outer;
    }
    let (mut deep, mut scope, mut part, mut body) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    spile_columns::wire::put_bytes(&mut deep, 5, &value);
    spile_columns::wire::put_bytes(&mut scope, 2, &deep);
    spile_columns::wire::put_bytes(&mut part, 2, &scope);
    spile_columns::wire::put_bytes(&mut body, 1, &part);
    let length = u32::try_from(body.len()).unwrap();
    let partial =
        grpc_answer(&receiving.grpc(EXPORT, &[], prefixed(0, length, &body)).await).partial_success.unwrap();
    assert_eq!(partial.rejected_log_records, 1);
    receiving.server.stop().await;
}

#[tokio::test]
async fn broken_framing_is_the_callers_mistake() {
    let receiving = Receiving::start().await;
    let good = framed(&request(vec![record("x")]));
    let doubled: Bytes = [good.as_ref(), good.as_ref()].concat().into();
    for body in [
        Bytes::new(),
        Bytes::from_static(&[0, 0]),
        prefixed(2, 0, b""),
        prefixed(0, 100, b"short"),
        prefixed(1, 4, b"\xff\xff\xff\xff"),
        doubled,
    ] {
        let answer = receiving.grpc(EXPORT, &[("grpc-encoding", "gzip")], body.clone()).await;
        assert_eq!(
            (answer.grpc_status().code(), answer.reason().as_str()),
            (Code::InvalidArgument, "INVALID_MESSAGE"),
            "{body:?}"
        );
    }
    assert!(receiving.stored("default").await.is_empty());
    receiving.server.stop().await;
}

/// Who announces 1 MiB and sends a little holds a little; who fills the budget makes others come again.
#[tokio::test]
async fn a_full_budget_is_unavailable_and_is_given_back() {
    let receiving = small().await;
    let mut senders = Vec::new();
    let mut h2 = receiving.server.h2().await;
    for _ in 0..9 {
        let request = grpc_request(EXPORT).body(()).unwrap();
        let (answer, mut body) = h2.send_request(request, false).unwrap();
        body.send_data(prefixed(0, MAX as u32, b"a little"), false).unwrap();
        senders.push((answer, body));
    }
    soon(until(|| receiving.budget.left() <= 8 * MAX - 9 * (64 << 10))).await;
    let half_and_more = receiving.budget.left() > 4 * MAX;
    assert!(half_and_more, "announcing takes nothing: {} left", receiving.budget.left());
    let sent = framed(&request(vec![record("x")]));
    grpc_answer(&receiving.grpc(EXPORT, &[], sent.clone()).await);

    // Now the budget is really taken.
    let mut held = receiving.budget.charge();
    held.grow(receiving.budget.left()).unwrap();
    let answer = receiving.grpc(EXPORT, &[], sent.clone()).await;
    assert_eq!((answer.grpc_status().code(), answer.reason().as_str()), (Code::Unavailable, "OVERLOADED"));
    assert!(answer.grpc_status().get_details_retry_info().is_some());
    let answer = receiving.post("/v1/logs", &[JSON], "{}").await;
    assert_eq!((answer.status, &answer.headers["retry-after"]), (503, &"1".parse().unwrap()));

    drop((held, senders, h2));
    soon(until(|| receiving.budget.left() == 8 * MAX)).await;
    grpc_answer(&receiving.grpc(EXPORT, &[], sent).await);
    receiving.server.stop().await;
}

/// A body that trickles is not waited for longer than a minute.
#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let receiving = Receiving::start().await;
    let mut h2 = receiving.server.h2().await;
    let request = grpc_request(EXPORT).body(()).unwrap();
    let (answer, mut body) = h2.send_request(request, false).unwrap();
    body.send_data(prefixed(0, 100, b"a"), false).unwrap();
    soon(until(|| receiving.budget.left() < 512 << 20)).await;
    tokio::time::pause();
    let answer = answer.await.unwrap();
    let status = tonic::Status::from_header_map(answer.headers()).unwrap();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    tokio::time::resume();
    receiving.server.stop().await;
}

#[tokio::test]
async fn header_lists_beyond_the_limit_do_not_reach_the_handler() {
    let receiving = Receiving::start().await;
    let headers: Vec<(String, String)> = (0..500).map(|n| (format!("x-{n}"), "y".repeat(20))).collect();
    let headers: Vec<(&str, &str)> = std::iter::once(JSON)
        .chain(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .collect();
    let answer = receiving.post("/v1/logs", &headers, "{}").await;
    assert_eq!(answer.status, 431);
    receiving.server.stop().await;
}

/// A field of a message, as often as it fits into a request.
fn repeated(number: u32, field: &[u8], times: usize) -> Vec<u8> {
    let mut one = Vec::new();
    spile_columns::wire::put_bytes(&mut one, number, field);
    one.repeat(times)
}

/// Each attribute has two bytes on the wire and a hundred when it is decoded.
#[tokio::test]
async fn a_resource_of_millions_of_attributes_is_refused_undecoded() {
    let receiving = Receiving::start().await;
    let (mut part, mut body) = (Vec::new(), Vec::new());
    spile_columns::wire::put_bytes(&mut part, 1, &repeated(1, b"", 10_000_000));
    spile_columns::wire::put_bytes(&mut part, 2, &repeated(2, b"", 3));
    spile_columns::wire::put_bytes(&mut body, 1, &part);
    let length = u32::try_from(body.len()).unwrap();
    let answer = receiving.grpc(EXPORT, &[], prefixed(0, length, &body)).await;
    let partial = grpc_answer(&answer).partial_success.unwrap();
    assert_eq!(partial.rejected_log_records, 3);
    assert!(partial.error_message.contains("64 KiB"), "{}", partial.error_message);
    receiving.server.stop().await;
}

/// What a scope says is stored with each of its records: a small request may become a very large one.
#[tokio::test]
async fn a_scope_that_would_be_stored_a_million_times_is_too_large() {
    let receiving = small().await;
    let scope = spile_proto::otlp::common::v1::InstrumentationScope {
        version: "v".repeat(100_000),
        ..Default::default()
    };
    let (mut scopes, mut part, mut body) = (Vec::new(), Vec::new(), Vec::new());
    spile_columns::wire::put_bytes(&mut scopes, 1, &scope.encode_to_vec());
    scopes.extend(repeated(2, b"", 100_000));
    spile_columns::wire::put_bytes(&mut part, 2, &scopes);
    spile_columns::wire::put_bytes(&mut body, 1, &part);
    let answer = receiving.post("/v1/logs", &[PROTOBUF], body).await;
    assert_eq!(answer.status, 413, "{}", String::from_utf8_lossy(&answer.body));
    assert!(receiving.stored("default").await.is_empty());
    assert_eq!(receiving.budget.left(), 8 * MAX);
    receiving.server.stop().await;
}
