//! `Export` over gRPC. The message is read by hand: its bytes are charged to the budget as they come, and its records are not decoded.

use axum::body::Body;
use axum::extract::State;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use spile_proto::otlp::collector::logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceResponse};
use tonic::codec::CompressionEncoding;
use tonic::{Code, Status};

use super::{SOURCE, convert};
use crate::grpc;
use crate::receive::decompress::{Coding, decompress};
use crate::receive::drafts::Refused;
use crate::receive::{ReceiveState, blocking, body, store, stream_name};
use crate::status::{ErrorReason, error};

/// The route's handler.
pub(super) async fn handle(State(state): State<ReceiveState>, request: Request<Body>) -> Response<Body> {
    match export(&state, request).await {
        Ok(refused) => {
            let answer = Full::new(grpc::message(&response_of(&refused)));
            let trailers = grpc::trailers(&Status::new(Code::Ok, ""));
            grpc::streaming_response(
                HeaderMap::new(),
                answer.with_trailers(std::future::ready(Some(Ok(trailers)))),
            )
        }
        Err(status) => status.into_http(),
    }
}

async fn export(state: &ReceiveState, request: Request<Body>) -> Result<Refused, Status> {
    if state.context.drain.is_draining() {
        return Err(error(ErrorReason::Draining).into());
    }
    let (parts, body) = request.into_parts();
    let stream = stream_name(&parts.headers)?;
    let coding = grpc::coding_of(&parts.headers)?;
    let max_bytes = state.max_bytes();
    let mut charge = state.budget.charge();
    let (is_compressed, message) = body::read_message(body, max_bytes, &mut charge).await?;
    let coding = match (is_compressed, coding) {
        (false, _) => Coding::Identity,
        (true, Some(CompressionEncoding::Gzip)) => Coding::Gzip,
        (true, Some(CompressionEncoding::Zstd)) => Coding::Zstd,
        (true, _) => {
            let why = "the message is compressed, but grpc-encoding does not say how";
            return Err(error(ErrorReason::InvalidMessage).message(why).into());
        }
    };
    let received_unix_nano = state.context.clock.now_unix_nano();
    let laid = blocking(move || {
        let message = decompress(coding, message, max_bytes, &mut charge)?;
        convert::lay_down(&message, charge, max_bytes, received_unix_nano)
    })
    .await?;
    store::store(state, &stream, SOURCE, laid).await
}

/// What the sender is told.
pub(super) fn response_of(refused: &Refused) -> ExportLogsServiceResponse {
    let partial = (refused.records > 0).then(|| ExportLogsPartialSuccess {
        rejected_log_records: i64::try_from(refused.records).unwrap_or(i64::MAX),
        error_message: refused.first.clone(),
    });
    ExportLogsServiceResponse { partial_success: partial }
}
