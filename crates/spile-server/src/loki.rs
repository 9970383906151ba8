//! Loki's push API: `POST /loki/api/v1/push`, so that Promtail, Alloy, Vector, Fluent Bit and their like work as they are.
//!
//! <https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs>. An answer means that the records are durable: 204; with records that can never be kept,
//! 400 with the reason, after the others were stored. Only Loki's forms are taken from Loki: labels become resource attributes under OpenTelemetry's names.

mod answer;
mod entry;
mod json;
mod labels;
mod names;
mod protobuf;
mod push;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{get, post};

use crate::receive::ReceiveState;

/// Its label in the metrics.
const SOURCE: &str = "loki";

/// The push API, and the probe that senders make before they push.
pub(crate) fn routes(state: ReceiveState) -> Router {
    Router::new()
        .route("/loki/api/v1/push", post(push::handle))
        .route("/ready", get(push::ready))
        .with_state(state)
}
