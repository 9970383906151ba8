//! The layer that gives every gRPC error its details: errors made by the gRPC library itself have none, and some have
//! codes that mislead clients. A message that is too large is OUT_OF_RANGE there, which some clients take as a reason to
//! send the same message again for ever.

#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tonic::{Code, Status};

use crate::protocol::is_grpc;
use crate::status::{ErrorReason, error};

/// The layer.
pub(crate) async fn complete(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if !is_grpc(response.headers()) {
        return response;
    }
    complete_headers(response.headers_mut());
    response.map(|inner| Body::new(CompletedBody(inner)))
}

/// Replaces the status in `headers` if it is an error without details.
fn complete_headers(headers: &mut HeaderMap) {
    if !headers.contains_key(Status::GRPC_STATUS) || headers.contains_key(Status::GRPC_STATUS_DETAILS) {
        return;
    }
    let Some(status) = Status::from_header_map(headers) else { return };
    if status.code() == Code::Ok {
        return;
    }
    let completed = error(reason_of(&status)).message(status.message()).into_status();
    headers.remove(Status::GRPC_MESSAGE);
    completed.add_header(headers).expect("the table's statuses have valid messages and metadata");
}

/// Which row of the table an error without details belongs to.
pub(crate) fn reason_of(status: &Status) -> ErrorReason {
    match status.code() {
        Code::OutOfRange => ErrorReason::TooLarge,
        Code::ResourceExhausted if status.message().contains("decompressing") => ErrorReason::TooLarge,
        Code::Unimplemented if status.message().contains("compress") => ErrorReason::UnsupportedCompression,
        Code::Unimplemented => ErrorReason::UnimplementedMethod,
        Code::Internal if is_about_decoding(status.message()) => ErrorReason::InvalidMessage,
        Code::DeadlineExceeded => ErrorReason::DeadlineExceeded,
        Code::Cancelled => ErrorReason::Cancelled,
        Code::InvalidArgument => ErrorReason::InvalidMessage,
        Code::NotFound => ErrorReason::NotFound,
        _ => ErrorReason::Internal,
    }
}

/// Whether the library's message says that the request could not be read, which is the caller's mistake.
pub(crate) fn is_about_decoding(message: &str) -> bool {
    ["decode", "decoding", "Missing request message", "compression flag", "compressed-flag", "decompressing"]
        .iter()
        .any(|sign| message.contains(sign))
}

struct CompletedBody(Body);

impl http_body::Body for CompletedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut frame = ready!(Pin::new(&mut self.0).poll_frame(cx));
        if let Some(Ok(frame)) = &mut frame
            && let Some(trailers) = frame.trailers_mut()
        {
            complete_headers(trailers);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
