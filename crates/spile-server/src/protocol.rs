//! What a request speaks: gRPC or plain HTTP, and the answers to those who speak the wrong one.

#[cfg(test)]
mod tests;

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Version, header};
use serde_json::json;
use tonic::Code;

use crate::methods;
use crate::status::{ErrorReason, code_name, error};

/// Whether the request is a gRPC call: `application/grpc`, with or without the name of a codec. gRPC-Web is another protocol.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(header::HeaderValue::as_bytes);
    let rest = content_type.and_then(|value| value.strip_prefix(b"application/grpc"));
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// The longest name of a caller's that is given back in an error, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// The layer: turns away gRPC calls that HTTP/1.1 cannot carry, and plain HTTP requests to gRPC methods.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    if is_grpc(request.headers()) {
        if request.version() != Version::HTTP_2 {
            return problem(StatusCode::HTTP_VERSION_NOT_SUPPORTED, Code::Unimplemented, "gRPC needs HTTP/2");
        }
        if request.method() != Method::POST {
            return problem(
                StatusCode::METHOD_NOT_ALLOWED,
                Code::Unimplemented,
                "gRPC calls are POST requests",
            );
        }
    } else if let Some(method) = methods::find(request.uri().path()) {
        let text = format!(
            "{} is a gRPC method; call it with content-type application/grpc over HTTP/2",
            method.name
        );
        return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument, &text);
    }
    next.run(request).await
}

/// The answer where there is no route: UNIMPLEMENTED to gRPC, 404 to others.
pub(crate) async fn no_route(request: Request) -> Response {
    let path = request.uri().path();
    if !is_grpc(request.headers()) {
        let text = format!("there is nothing at {}", shortened(path, MAX_NAME_BYTES));
        return problem(StatusCode::NOT_FOUND, Code::NotFound, &text);
    }
    let (service, method) = path.trim_start_matches('/').rsplit_once('/').unwrap_or(("", path));
    let (service, method) = (shortened(service, MAX_NAME_BYTES), shortened(method, MAX_NAME_BYTES));
    let text = if methods::is_service(service) {
        format!("{service} has no method {method}")
    } else {
        format!("there is no service {service:?}; reflection lists those that exist")
    };
    error(ErrorReason::UnimplementedMethod)
        .message(text)
        .meta("service", service)
        .meta("method", method)
        .into_status()
        .into_http()
}

/// The beginning of `text`, at most `max_bytes` of it.
pub(crate) fn shortened(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

/// An HTTP error as JSON, in the shape of `google.rpc.Status`.
pub(crate) fn problem(http_status: StatusCode, code: Code, message: &str) -> Response {
    let body =
        json!({ "error": { "code": http_status.as_u16(), "status": code_name(code), "message": message } });
    (http_status, Json(body)).into_response()
}
