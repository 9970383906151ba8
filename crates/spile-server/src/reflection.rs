//! gRPC server reflection, v1 and v1alpha, over every descriptor of the server.
//!
//! The two versions have the same messages, so one implementation serves both. An unknown symbol is answered inside the
//! stream, as the protocol says, and the stream goes on.

mod index;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::post;
use futures_util::TryStreamExt;
use tonic::{Code, Status, Streaming};
use tonic_prost::ProstCodec;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{
    ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse,
    ServerReflectionRequest, ServerReflectionResponse, ServiceResponse,
};

use crate::methods;
use index::Index;

const PATHS: &[&str] = &[
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Requests hold a name; this is far more than any has.
const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// The routes of both versions.
pub(crate) fn routes() -> Router {
    let index = Arc::new(Index::new(methods::DESCRIPTOR_SETS));
    PATHS.iter().fold(Router::new(), |router, path| {
        let index = Arc::clone(&index);
        router.route(path, post(move |request| serve(index, request)))
    })
}

async fn serve(index: Arc<Index>, request: Request) -> http::Response<tonic::body::Body> {
    let method = tower::service_fn(move |requests: tonic::Request<Streaming<ServerReflectionRequest>>| {
        let index = Arc::clone(&index);
        let answers = requests.into_inner().map_ok(move |request| answer(&index, request));
        std::future::ready(Ok::<_, Status>(tonic::Response::new(answers)))
    });
    let codec = ProstCodec::<ServerReflectionResponse, ServerReflectionRequest>::default();
    let mut grpc = crate::grpc::taking!(tonic::server::Grpc::new(codec), MAX_REQUEST_BYTES);
    grpc.streaming(method, request).await
}

fn answer(index: &Index, request: ServerReflectionRequest) -> ServerReflectionResponse {
    let response = match &request.message_request {
        Some(MessageRequest::ListServices(_)) => services(),
        Some(MessageRequest::FileByFilename(name)) => file_or(index.file(name), "file", name),
        Some(MessageRequest::FileContainingSymbol(name)) => {
            file_or(index.file_of_symbol(name), "symbol", name)
        }
        Some(MessageRequest::FileContainingExtension(extension)) => {
            file_or(None, "extension of", &extension.containing_type)
        }
        Some(MessageRequest::AllExtensionNumbersOfType(name)) => extension_numbers(index, name),
        None => failure(Code::InvalidArgument, "the request asks for nothing".into()),
    };
    ServerReflectionResponse {
        valid_host: request.host.clone(),
        original_request: Some(request),
        message_response: Some(response),
    }
}

fn services() -> MessageResponse {
    let service = methods::services().map(|name| ServiceResponse { name: name.to_owned() }).collect();
    MessageResponse::ListServicesResponse(ListServiceResponse { service })
}

/// The contract's types have no extensions.
fn extension_numbers(index: &Index, name: &str) -> MessageResponse {
    match index.file_of_symbol(name) {
        Some(_) => MessageResponse::AllExtensionNumbersResponse(ExtensionNumberResponse {
            base_type_name: name.to_owned(),
            extension_number: Vec::new(),
        }),
        None => file_or(None, "symbol", name),
    }
}

fn file_or(file: Option<&[u8]>, kind: &str, name: &str) -> MessageResponse {
    match file {
        Some(file) => MessageResponse::FileDescriptorResponse(FileDescriptorResponse {
            file_descriptor_proto: vec![file.to_vec()],
        }),
        None => failure(Code::NotFound, format!("there is no {kind} {name:?}")),
    }
}

fn failure(code: Code, error_message: String) -> MessageResponse {
    MessageResponse::ErrorResponse(ErrorResponse { error_code: code.into(), error_message })
}
