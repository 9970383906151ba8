//! Errors that the gRPC library makes, as callers get them.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use spile_proto::v1::read_service_server::{ReadService, ReadServiceServer};
use spile_proto::v1::write_service_server::{WriteService, WriteServiceServer};
use spile_proto::v1::{
    CountRequest, CountResponse, TailRequest, TailResponse, UploadRequest, UploadResponse,
};
use tonic::codegen::BoxStream;
use tonic::{Request, Response as Answered, Streaming};

use crate::context::ServerContext;
use crate::grpc::taking;
use crate::services::Services;
use crate::testing::{
    Answer, TestServer, call, compressed, default_limits, framed, grpc_request, h2_client, soon,
};

/// Implements one method of each service; the generated stubs answer for the rest.
#[derive(Clone)]
struct Partial;

#[tonic::async_trait]
impl ReadService for Partial {
    async fn count(&self, _: Request<CountRequest>) -> Result<Answered<CountResponse>, tonic::Status> {
        Ok(Answered::new(CountResponse::default()))
    }

    /// Fails after its first message.
    async fn tail(
        &self,
        _: Request<TailRequest>,
    ) -> Result<Answered<BoxStream<TailResponse>>, tonic::Status> {
        let messages = [Ok(TailResponse::default()), Err(tonic::Status::unknown("it broke"))];
        Ok(Answered::new(Box::pin(tokio_stream::iter(messages))))
    }
}

#[tonic::async_trait]
impl WriteService for Partial {
    async fn upload(
        &self,
        request: Request<Streaming<UploadRequest>>,
    ) -> Result<Answered<UploadResponse>, tonic::Status> {
        let mut chunks = request.into_inner();
        while chunks.message().await?.is_some() {}
        Ok(Answered::new(UploadResponse::default()))
    }
}

const LIMIT: usize = 1024;

fn services(_: &ServerContext) -> Services {
    Services::new()
        .service(taking!(ReadServiceServer::new(Partial), LIMIT))
        .service(taking!(WriteServiceServer::new(Partial), LIMIT))
}

async fn answer(path: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
    let server = TestServer::start_with(default_limits(), services).await;
    let mut request = grpc_request(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = soon(call(h2_client(server.main).await, request.body(()).unwrap(), body)).await.unwrap();
    server.stop().await;
    answer
}

fn large() -> CountRequest {
    CountRequest { stream: "x".repeat(2 * LIMIT), ..CountRequest::default() }
}

#[tokio::test]
async fn a_call_that_works_is_left_alone() {
    let answer = answer("/spile.v1.ReadService/Count", &[], framed(&CountRequest::default())).await;
    assert_eq!(answer.grpc_status().code(), tonic::Code::Ok);
    assert!(answer.grpc_status().details().is_empty());
}

/// The library answers OUT_OF_RANGE, which some clients retry for ever.
#[tokio::test]
async fn a_message_over_the_limit_is_resource_exhausted() {
    let answer = answer("/spile.v1.ReadService/Count", &[], framed(&large())).await;
    assert_eq!(answer.grpc_status().code(), tonic::Code::ResourceExhausted);
    assert_eq!(answer.reason(), "TOO_LARGE");
    let message = answer.grpc_status().message().to_owned();
    assert!(message.starts_with("the message is too large: ") && message.contains("1024 bytes"), "{message}");
}

#[tokio::test]
async fn a_message_over_the_limit_inside_a_stream_is_resource_exhausted() {
    let chunk = UploadRequest { chunk: vec![0; 2 * LIMIT].into(), ..UploadRequest::default() };
    let answer = answer("/spile.v1.WriteService/Upload", &[], framed(&chunk)).await;
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (tonic::Code::ResourceExhausted, "TOO_LARGE")
    );
}

#[tokio::test]
async fn an_error_in_the_trailers_of_a_stream_gets_details_as_well() {
    let answer = answer("/spile.v1.ReadService/Tail", &[], framed(&TailRequest::default())).await;
    assert_eq!(answer.body.len(), 5, "the message came through");
    assert!(answer.trailers.is_some());
    assert_eq!((answer.grpc_status().code(), answer.reason().as_str()), (tonic::Code::Internal, "INTERNAL"));
    assert_eq!(answer.grpc_status().message(), "internal error: it broke");
}

#[tokio::test]
async fn bytes_that_are_no_message_are_the_callers_mistake() {
    let nonsense = Bytes::from_static(&[0, 0, 0, 0, 2, 0xff, 0xff]);
    let answer = answer("/spile.v1.ReadService/Count", &[], nonsense).await;
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (tonic::Code::InvalidArgument, "INVALID_MESSAGE")
    );
}

#[tokio::test]
async fn a_call_without_a_message_is_the_callers_mistake() {
    let answer = answer("/spile.v1.ReadService/Count", &[], Bytes::new()).await;
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (tonic::Code::InvalidArgument, "INVALID_MESSAGE")
    );
}

#[tokio::test]
async fn an_unknown_compression_is_named() {
    let body = Bytes::from_static(&[1, 0, 0, 0, 0]);
    let answer = answer("/spile.v1.ReadService/Count", &[("grpc-encoding", "lzma")], body).await;
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (tonic::Code::Unimplemented, "UNSUPPORTED_COMPRESSION")
    );
    assert!(answer.grpc_status().message().contains("lzma"), "{}", answer.grpc_status().message());
    assert_eq!(answer.headers["grpc-accept-encoding"], "gzip,zstd,identity");
}

#[tokio::test]
async fn a_method_that_is_only_generated_is_unimplemented() {
    let answer = answer("/spile.v1.ReadService/GetStream", &[], framed(&CountRequest::default())).await;
    assert_eq!(
        (answer.grpc_status().code(), answer.reason().as_str()),
        (tonic::Code::Unimplemented, "UNIMPLEMENTED_METHOD")
    );
}

#[tokio::test]
async fn messages_may_be_compressed_with_gzip_and_zstd() {
    for coding in ["gzip", "zstd"] {
        let body = compressed(coding, &CountRequest { stream: "x".repeat(500), ..CountRequest::default() });
        assert!(body.len() < 200, "it is compressed");
        let answer = answer("/spile.v1.ReadService/Count", &[("grpc-encoding", coding)], body).await;
        assert_eq!(answer.grpc_status().code(), tonic::Code::Ok, "{coding}: {:?}", answer.grpc_status());
        let chunk = UploadRequest { chunk: vec![0; LIMIT / 2].into(), ..UploadRequest::default() };
        let body = compressed(coding, &chunk);
        let answer = answer_of_upload(coding, body).await;
        assert_eq!(answer.grpc_status().code(), tonic::Code::Ok, "{coding}: {:?}", answer.grpc_status());
    }
}

/// A small message that becomes a large one must not get past the limit.
#[tokio::test]
async fn the_limit_holds_after_decompression() {
    for coding in ["gzip", "zstd"] {
        let body = compressed(coding, &large());
        assert!(body.len() < LIMIT, "only decompressed it is over the limit");
        let unary = answer("/spile.v1.ReadService/Count", &[("grpc-encoding", coding)], body).await;
        let chunk = UploadRequest { chunk: vec![0; 100 * LIMIT].into(), ..UploadRequest::default() };
        let streaming = answer_of_upload(coding, compressed(coding, &chunk)).await;
        for answer in [unary, streaming] {
            assert_eq!(
                (answer.grpc_status().code(), answer.reason().as_str()),
                (tonic::Code::ResourceExhausted, "TOO_LARGE"),
                "{coding}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_not_compressed_as_it_says_is_the_callers_mistake() {
    for coding in ["gzip", "zstd"] {
        let body = Bytes::from_static(&[1, 0, 0, 0, 4, 1, 2, 3, 4]);
        let answer = answer("/spile.v1.ReadService/Count", &[("grpc-encoding", coding)], body).await;
        assert_eq!(
            (answer.grpc_status().code(), answer.reason().as_str()),
            (tonic::Code::InvalidArgument, "INVALID_MESSAGE"),
            "{coding}"
        );
    }
}

async fn answer_of_upload(coding: &str, body: Bytes) -> Answer {
    answer("/spile.v1.WriteService/Upload", &[("grpc-encoding", coding)], body).await
}
