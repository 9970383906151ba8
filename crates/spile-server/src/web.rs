//! Reading over plain HTTP: what browsers, `curl` and everything without gRPC can call. `docs/http.md` is its description.

mod count;
mod poll;
mod problem;
mod query;
mod tail;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use tonic::Code;

use crate::protocol;
use crate::read::ReadState;

/// The routes.
pub(crate) fn routes(state: ReadState) -> Router {
    Router::new()
        .route("/v1/tail", get(tail::tail))
        .route("/v1/poll", get(poll::poll))
        .route("/v1/count", get(count::count))
        .route("/v1/histogram", get(count::histogram))
        .method_not_allowed_fallback(only_get)
        .with_state(state)
}

async fn only_get(uri: Uri) -> Response {
    let text = format!("{} answers GET requests", uri.path());
    protocol::problem(StatusCode::METHOD_NOT_ALLOWED, Code::Unimplemented, &text)
}

/// The answer, or the error in the shape that this door gives errors.
fn answer(result: Result<Response, tonic::Status>) -> Response {
    result.unwrap_or_else(|status| problem::response(&status))
}

/// The parameters of a request.
fn parameters(uri: &Uri) -> query::Parameters {
    query::Parameters::of(uri.query().unwrap_or_default())
}
