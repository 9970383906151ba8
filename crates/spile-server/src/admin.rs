//! The admin port's routes: probes and metrics.

#[cfg(test)]
mod tests;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use crate::context::ServerContext;

/// The media type of the OpenMetrics text format.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) fn routes(context: &ServerContext) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(context.clone())
}

/// 200 when calls should be sent here; else 503 with the reason of each part that is not ready.
async fn readyz(State(context): State<ServerContext>) -> Response {
    let parts = context.readiness.unready_parts();
    let status = if parts.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let reasons: Map<String, Value> =
        parts.into_iter().map(|(part, unready)| (part.to_owned(), unready.reason.into())).collect();
    (status, Json(json!({ "ready": reasons.is_empty(), "reasons": reasons }))).into_response()
}

async fn metrics(State(context): State<ServerContext>) -> Response {
    ([(header::CONTENT_TYPE, OPEN_METRICS)], context.metrics.render()).into_response()
}
