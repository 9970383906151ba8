//! The services that a server offers besides health and reflection: where the engine's handlers are mounted.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::MethodRouter;
use tonic::server::NamedService;
use tower::Service;

/// Services being collected for the router.
#[derive(Debug, Clone, Default)]
pub struct Services {
    routes: Router,
}

impl Services {
    /// No services.
    pub fn new() -> Self {
        Self::default()
    }

    /// Mounts a generated gRPC service under its name. Methods mounted by [`Services::method`] take precedence over it.
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<Request, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.route_service(&format!("/{}/{{*method}}", S::NAME), service);
        self
    }

    /// Mounts one route, such as a gRPC method (`/package.Service/Method`, `axum::routing::post`) that is answered without
    /// generated code.
    pub fn method(mut self, path: &str, handler: MethodRouter) -> Self {
        self.routes = self.routes.route(path, handler);
        self
    }

    /// Mounts routes that were put together elsewhere.
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    pub(crate) fn into_routes(self) -> Router {
        self.routes
    }
}
