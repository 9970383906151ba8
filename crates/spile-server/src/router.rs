//! What is served on each port, and through which layers.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use crate::context::ServerContext;
use crate::services::Services;
use crate::{admin, deadline, details, grpc_web, health, observe, protocol, reflection, viewer};

/// The main port: all services, health, reflection, and a page that says what this is.
pub(crate) fn main(context: &ServerContext, services: Services) -> Router {
    let health = Services::new().service(health::service(context.readiness.clone()));
    let routes =
        viewer::pages().merge(services.into_routes()).merge(health.into_routes()).merge(reflection::routes());
    layered(context, routes)
}

/// The admin port: metrics, probes and health.
pub(crate) fn admin(context: &ServerContext) -> Router {
    let health = Services::new().service(health::service(context.readiness.clone()));
    layered(context, admin::routes(context).merge(health.into_routes()))
}

/// A port for OTLP alone.
pub(crate) fn otlp(context: &ServerContext, routes: Router) -> Router {
    layered(context, routes)
}

/// Puts every layer around the routes. A request passes them from the last line to the first, a response the other way.
fn layered(context: &ServerContext, routes: Router) -> Router {
    routes
        .fallback(protocol::no_route)
        // Errors get their details, whoever made them.
        .layer(from_fn(details::complete))
        // The caller's deadline holds for the whole call.
        .layer(from_fn_with_state(context.clone(), deadline::enforce))
        // What is not gRPC does not get to gRPC methods, and the other way round.
        .layer(from_fn(protocol::check))
        // Every call gets an id, a span, a line in the log, and is counted.
        .layer(from_fn_with_state(context.clone(), observe::observe))
        // gRPC-Web becomes gRPC before anything looks at it.
        .layer(from_fn(grpc_web::translate))
}
