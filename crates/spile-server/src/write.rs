//! Writing: `spile.v1.WriteService`. An answer means that the records are durable.

mod append;
mod broken;
pub(crate) mod errors;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::post;
use spile_engine::{Engine, Stream};
use spile_proto::v1::write_service_server::WriteServiceServer;
use tonic::Status;

use crate::context::ServerContext;
use crate::grpc::taking;

/// What every writing call is given. Cheap to clone.
#[derive(Clone)]
pub(crate) struct WriteState {
    pub(crate) context: ServerContext,
    pub(crate) engine: Engine,
}

/// The service. `Append`, whose messages stay encoded, has a route of its own over the generated service's wildcard route.
pub(crate) fn routes(state: WriteState) -> Router {
    let max_request_bytes = state.context.limits.max_request_bytes;
    let service = taking!(WriteServiceServer::new(state.clone()), max_request_bytes);
    Router::new()
        .route("/spile.v1.WriteService/Append", post(append::handle))
        .with_state(state)
        .route_service("/spile.v1.WriteService/{*method}", service)
        .layer(from_fn(broken::tell))
}

/// The stream of this name, made if there is none; `default` when none is named.
pub(crate) async fn stream_or_new(engine: &Engine, name: &str) -> Result<Stream, Status> {
    let name = if name.is_empty() { spile_engine::catalog::DEFAULT_STREAM } else { name };
    if let Some(stream) = engine.stream(name) {
        return Ok(stream);
    }
    let (engine, name): (_, Arc<str>) = (engine.clone(), name.into());
    let made = tokio::task::spawn_blocking(move || engine.stream_or_new(&name)).await;
    match made {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(why)) => Err(errors::stream_status(&why)),
        Err(join) => {
            Err(crate::status::error(crate::status::ErrorReason::Internal).message(join.to_string()).into())
        }
    }
}
