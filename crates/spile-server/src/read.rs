//! Reading: `spile.v1.ReadService`, and the article's `example.LogService`.

mod context;
mod count;
mod encode;
mod ends;
mod errors;
mod flow;
pub(crate) mod handlers;
mod message;
pub(crate) mod page;
pub(crate) mod parcel;
pub(crate) mod plan;
mod reader;
mod service;
mod session;
mod tap;
mod taps;
pub(crate) mod text;

use axum::Router;
use axum::routing::post;
use spile_engine::{Engine, Retention};

use crate::context::ServerContext;
pub(crate) use taps::Taps;

/// What every reading call is given. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ReadState {
    pub(crate) context: ServerContext,
    pub(crate) engine: Engine,
    pub(crate) taps: Taps,
    /// What is kept of streams that have no setting of their own.
    pub(crate) retention: Retention,
}

/// The routes of the streaming calls. They take precedence over the generated services' wildcard routes.
pub(crate) fn routes(state: ReadState) -> Router {
    Router::new()
        .route("/spile.v1.ReadService/Tail", post(handlers::tail))
        .route("/spile.v1.ReadService/Explore", post(handlers::explore))
        .route("/example.LogService/GetLogs", post(handlers::get_logs))
        .route("/example.LogService/StreamLogs", post(handlers::stream_logs))
        .with_state(state)
}
