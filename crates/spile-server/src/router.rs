//! What is served on each port, and through which layers.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use http::header;

use crate::context::ServerContext;
use crate::services::Services;
use crate::{admin, deadline, details, health, observe, protocol, reflection};

/// The main port: all services, health, reflection, and a page that says what this is.
pub(crate) fn main(context: &ServerContext, services: Services) -> Router {
    let health = Services::new().service(health::service(context.readiness.clone()));
    let routes = Router::new()
        .route("/", get(landing_page))
        .merge(services.into_routes())
        .merge(health.into_routes())
        .merge(reflection::routes());
    layered(context, routes)
}

/// The admin port: metrics, probes and health.
pub(crate) fn admin(context: &ServerContext) -> Router {
    let health = Services::new().service(health::service(context.readiness.clone()));
    layered(context, admin::routes(context).merge(health.into_routes()))
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
}

async fn landing_page() -> ([(header::HeaderName, &'static str); 1], String) {
    let page = format!(
        "spile {}: log records in, durable, and streamed out over gRPC\n\n\
         spile tail -f                                      follow the stream `default`\n\
         spile push FILE                                    store the lines of a file\n\
         grpcurl -plaintext HOST:PORT list                  list the gRPC services of this port\n",
        env!("CARGO_PKG_VERSION")
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], page)
}
