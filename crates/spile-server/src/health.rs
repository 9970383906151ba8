//! gRPC health, all of it: Check, Watch and List, answered from [`Readiness`].

#[cfg(test)]
mod tests;

use futures_util::{StreamExt, future};
use spile_proto::health::health_check_response::ServingStatus;
use spile_proto::health::health_server::{Health, HealthServer};
use spile_proto::health::{HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse};
use tokio_stream::wrappers::WatchStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use crate::grpc::taking;
use crate::methods;
use crate::readiness::{Readiness, UnreadyParts, is_serving};
use crate::status::{ErrorReason, error};

/// The server as a whole, as the protocol names it.
const WHOLE: &str = "";

/// The largest request, bytes: it has nothing but a service's name.
const MAX_REQUEST_BYTES: usize = 64 << 10;

/// The service, ready to be mounted.
pub(crate) fn service(readiness: Readiness) -> HealthServer<HealthService> {
    taking!(HealthServer::new(HealthService { readiness }), MAX_REQUEST_BYTES)
}

/// Answers from the readiness of the server's parts.
#[derive(Debug, Clone)]
pub(crate) struct HealthService {
    readiness: Readiness,
}

#[tonic::async_trait]
impl Health for HealthService {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        match status_of(&self.readiness.unready_parts(), &service) {
            ServingStatus::ServiceUnknown => {
                let text = format!("there is no service {service:?}");
                Err(error(ErrorReason::NotFound).field("service", text).into_status())
            }
            status => Ok(Response::new(response(status))),
        }
    }

    async fn list(&self, _: Request<HealthListRequest>) -> Result<Response<HealthListResponse>, Status> {
        let parts = self.readiness.unready_parts();
        let names = std::iter::once(WHOLE).chain(methods::services());
        let statuses = names.map(|name| (name.to_owned(), response(status_of(&parts, name)))).collect();
        Ok(Response::new(HealthListResponse { statuses }))
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let service = request.into_inner().service;
        let mut last = None;
        let changes = WatchStream::new(self.readiness.subscribe())
            .map(move |parts| status_of(&parts, &service))
            .filter(move |status| future::ready(last.replace(*status) != Some(*status)))
            .map(|status| Ok(response(status)));
        Ok(Response::new(Box::pin(changes)))
    }
}

fn status_of(parts: &UnreadyParts, service: &str) -> ServingStatus {
    if service != WHOLE && !methods::is_service(service) {
        ServingStatus::ServiceUnknown
    } else if is_serving(parts, service) {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    }
}

fn response(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}
