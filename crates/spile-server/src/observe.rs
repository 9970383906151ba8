//! The layer that sees every call whole: request id, span, access log, and the metrics that all calls have in common.

mod body;
mod call;
mod request_id;

#[cfg(test)]
mod tests;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

pub use request_id::RequestId;

use crate::context::ServerContext;
use crate::transport::ConnectionHandle;
use body::ObservedBody;
use call::Call;

/// The layer. Handlers find the [`RequestId`] in the request's extensions, and their logs are inside the call's span. The span has
/// the empty fields `end_reason` and `records`, which streams may record.
pub(crate) async fn observe(
    State(context): State<ServerContext>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::of(request.headers());
    let peer = request.extensions().get::<ConnectionHandle>().map(ConnectionHandle::peer);
    let mut call = Call::start(&context.metrics, &request, &id, peer);
    request.extensions_mut().insert(id.clone());
    let span = call.span().clone();
    let mut response = next.run(request).instrument(span).await;
    response.headers_mut().insert(RequestId::HEADER, id.header_value());
    call.response_began(&response);
    response.map(|inner| Body::new(ObservedBody::new(inner, call)))
}
