//! gRPC-Web on the main port: the layer that turns its requests into gRPC, and the answers back.
//!
//! Everything behind it sees gRPC alone. It carries what browsers can: unary and server-streaming calls, over HTTP/1.1 and HTTP/2, as
//! bytes (`application/grpc-web+proto`) or base64 (`application/grpc-web-text`); trailers come as the last frame of the body.
//! <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md>

#[cfg(test)]
mod tests;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Version, header};
use tonic_web::GrpcWebLayer;
use tower::{Layer, Service, service_fn};

use crate::methods;
use crate::status::{ErrorReason, error};

/// Whether the request is a gRPC-Web call.
pub(crate) fn is_grpc_web(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(header::HeaderValue::as_bytes);
    content_type.is_some_and(|value| value.starts_with(b"application/grpc-web"))
}

/// The layer. It has to be the outermost.
pub(crate) async fn translate(request: Request, next: Next) -> Response {
    if !is_grpc_web(request.headers()) {
        return next.run(request).await;
    }
    let grpc = service_fn(move |request: Request<tonic::body::Body>| {
        let mut next = next.clone();
        async move {
            if methods::find(request.uri().path()).is_some_and(|method| method.client_streams) {
                let why = "gRPC-Web carries calls with one request message; use gRPC over HTTP/2";
                return Ok(error(ErrorReason::UnimplementedMethod).message(why).into_status().into_http());
            }
            let mut request = request.map(Body::new);
            // Its framing does not depend on the version, and what is behind this layer wants gRPC's.
            *request.version_mut() = Version::HTTP_2;
            next.call(request).await
        }
    });
    let Ok(response) = GrpcWebLayer::new().layer(grpc).call(request).await;
    response.into_response()
}
