//! OTLP in: `opentelemetry.proto.collector.logs.v1.LogsService/Export` over gRPC, and `POST /v1/logs` with protobuf or JSON.
//!
//! <https://opentelemetry.io/docs/specs/otlp/>. An answer means that the records are durable. A request that is refused as a whole says by its code whether
//! it may be sent again; records that can never be kept are counted in a partial success.

mod answer;
mod convert;
mod export;
mod http;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::post;

use crate::receive::ReceiveState;

/// Its label in the metrics.
const SOURCE: &str = "otlp";

/// Both ways in.
pub(crate) fn routes(state: ReceiveState) -> Router {
    Router::new()
        .route("/opentelemetry.proto.collector.logs.v1.LogsService/Export", post(export::handle))
        .route("/v1/logs", post(http::handle).fallback(http::wrong_method))
        .with_state(state)
}
