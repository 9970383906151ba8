//! Server reflection, as clients of both versions see it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use prost::Message;
use prost_types::FileDescriptorProto;
use tokio_stream::iter;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::{v1, v1alpha};

use super::*;
use crate::testing::{TestServer, soon};

fn asks(message_request: MessageRequest) -> ServerReflectionRequest {
    ServerReflectionRequest { host: "host".into(), message_request: Some(message_request) }
}

fn symbol(name: &str) -> ServerReflectionRequest {
    asks(MessageRequest::FileContainingSymbol(name.into()))
}

/// The answers to these requests on one call.
async fn ask(server: &TestServer, requests: Vec<ServerReflectionRequest>) -> Vec<MessageResponse> {
    let mut client = ServerReflectionClient::new(server.channel().await);
    let answers = soon(client.server_reflection_info(iter(requests))).await.unwrap().into_inner();
    let answers: Vec<_> = soon(answers.try_collect()).await.unwrap();
    answers.into_iter().map(|answer: ServerReflectionResponse| answer.message_response.unwrap()).collect()
}

fn files(answer: &MessageResponse) -> Vec<FileDescriptorProto> {
    let MessageResponse::FileDescriptorResponse(files) = answer else { panic!("no file: {answer:?}") };
    files
        .file_descriptor_proto
        .iter()
        .map(|file| FileDescriptorProto::decode(file.as_slice()).unwrap())
        .collect()
}

const SERVICES: &[&str] = &[
    "example.LogService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "opentelemetry.proto.collector.logs.v1.LogsService",
    "spile.v1.AdminService",
    "spile.v1.ReadService",
    "spile.v1.WriteService",
];

#[tokio::test]
async fn v1_lists_every_service() {
    let server = TestServer::start().await;

    let answers = ask(&server, vec![asks(MessageRequest::ListServices(String::new()))]).await;

    let MessageResponse::ListServicesResponse(listed) = &answers[0] else { panic!("{answers:?}") };
    let names: Vec<&str> = listed.service.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, SERVICES);
    server.stop().await;
}

#[tokio::test]
async fn v1alpha_lists_every_service() {
    use v1alpha::server_reflection_client::ServerReflectionClient;
    use v1alpha::server_reflection_request::MessageRequest;
    use v1alpha::server_reflection_response::MessageResponse;
    let server = TestServer::start().await;
    let mut client = ServerReflectionClient::new(server.channel().await);
    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };

    let mut answers = soon(client.server_reflection_info(iter([request]))).await.unwrap().into_inner();
    let answer = soon(answers.message()).await.unwrap().unwrap();

    let Some(MessageResponse::ListServicesResponse(listed)) = answer.message_response else {
        panic!("no list")
    };
    let names: Vec<&str> = listed.service.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, SERVICES);
    server.stop().await;
}

#[tokio::test]
async fn every_kind_of_symbol_is_found_in_its_file() {
    let server = TestServer::start().await;
    let symbols = [
        ("spile.v1.ReadService", "spile/v1/read.proto"),
        ("spile.v1.ReadService.Tail", "spile/v1/read.proto"),
        ("spile.v1.TailResponse", "spile/v1/read.proto"),
        ("spile.v1.TailResponse.payload", "spile/v1/read.proto"),
        ("spile.v1.TailResponse.cursor", "spile/v1/read.proto"),
        ("spile.v1.Start.Oldest", "spile/v1/read.proto"),
        ("spile.v1.EndReason", "spile/v1/read.proto"),
        ("spile.v1.END_REASON_LIMIT", "spile/v1/read.proto"),
        ("example.LogEntry", "example/log_service.proto"),
        ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
    ];

    let answers = ask(&server, symbols.iter().map(|(name, _)| symbol(name)).collect()).await;

    for ((name, file), answer) in symbols.iter().zip(&answers) {
        assert_eq!(files(answer)[0].name(), *file, "{name}");
    }
    server.stop().await;
}

/// A client has to be able to put all types together from what it is told.
#[tokio::test]
async fn all_dependencies_of_all_services_can_be_fetched_by_name() {
    let server = TestServer::start().await;
    let mut missing: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for answer in ask(&server, SERVICES.iter().map(|name| symbol(name)).collect()).await {
        missing.extend(files(&answer).iter().flat_map(|file| file.dependency.clone()));
    }
    while let Some(name) = missing.pop() {
        if seen.insert(name.clone()) {
            let answer = ask(&server, vec![asks(MessageRequest::FileByFilename(name))]).await;
            missing.extend(files(&answer[0]).iter().flat_map(|file| file.dependency.clone()));
        }
    }
    assert!(seen.contains("spile/v1/record.proto"), "{seen:?}");
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_symbol_is_answered_in_the_stream_which_goes_on() {
    let server = TestServer::start().await;
    let extension = v1::ExtensionRequest { containing_type: "spile.v1.Filter".into(), extension_number: 1 };
    let requests = vec![
        symbol("no.Such"),
        asks(MessageRequest::FileByFilename("no.proto".into())),
        asks(MessageRequest::FileContainingExtension(extension)),
        asks(MessageRequest::AllExtensionNumbersOfType("no.Such".into())),
        ServerReflectionRequest { host: String::new(), message_request: None },
        asks(MessageRequest::AllExtensionNumbersOfType("spile.v1.Filter".into())),
        symbol("spile.v1.Filter"),
    ];

    let answers = ask(&server, requests).await;

    let codes = answers.iter().map(|answer| match answer {
        MessageResponse::ErrorResponse(error) => Some(Code::from_i32(error.error_code)),
        _ => None,
    });
    let codes: Vec<Option<Code>> = codes.collect();
    let (missing, wrong) = (Some(Code::NotFound), Some(Code::InvalidArgument));
    assert_eq!(codes, [missing, missing, missing, missing, wrong, None, None]);
    server.stop().await;
}

#[tokio::test]
async fn an_answer_names_its_request() {
    let server = TestServer::start().await;
    let mut client = ServerReflectionClient::new(server.channel().await);
    let request = symbol("no.Such");

    let mut answers =
        soon(client.server_reflection_info(iter([request.clone()]))).await.unwrap().into_inner();
    let answer = soon(answers.message()).await.unwrap().unwrap();

    assert_eq!(answer.valid_host, "host");
    assert_eq!(answer.original_request, Some(request));
    server.stop().await;
}
