//! `POST /v1/logs`.

use axum::body::Body;
use axum::extract::State;
use http::{HeaderMap, Request, Response, header};
use tonic::Status;

use super::answer::{self, Encoding};
use super::{SOURCE, convert};
use crate::receive::decompress::{Coding, decompress};
use crate::receive::drafts::Refused;
use crate::receive::{ReceiveState, blocking, body, store, stream_name};
use crate::status::{ErrorReason, error};

/// The route's handler.
pub(super) async fn handle(State(state): State<ReceiveState>, request: Request<Body>) -> Response<Body> {
    let Some(encoding) = Encoding::of(request.headers()) else {
        return answer::unsupported_type(request.headers());
    };
    match export(&state, encoding, request).await {
        Ok(refused) => answer::success(encoding, &refused),
        Err(status) => answer::failure(encoding, &status),
    }
}

/// What is not POST.
pub(super) async fn wrong_method(headers: HeaderMap) -> Response<Body> {
    answer::wrong_method(Encoding::of(&headers).unwrap_or(Encoding::Json))
}

async fn export(state: &ReceiveState, encoding: Encoding, request: Request<Body>) -> Result<Refused, Status> {
    if state.context.drain.is_draining() {
        return Err(error(ErrorReason::Draining).into());
    }
    let (parts, body) = request.into_parts();
    let stream = stream_name(&parts.headers)?;
    let coding = coding_of(&parts.headers)?;
    let max_bytes = state.max_bytes();
    let mut charge = state.budget.charge();
    let packed = body::read(body, max_bytes, &mut charge).await?;
    let received_unix_nano = state.context.clock.now_unix_nano();
    let laid = blocking(move || {
        let mut message = decompress(coding, packed, max_bytes, &mut charge)?;
        if encoding == Encoding::Json {
            // What is written is no longer than what is read, but grows by doubling.
            charge.grow(2 * message.len())?;
            message = spile_otlp::json::read_request(&message).map_err(|why| not_json(&why))?;
        }
        convert::lay_down(&message, charge, max_bytes, received_unix_nano)
    })
    .await?;
    store::store(state, &stream, SOURCE, laid).await
}

/// How the body is compressed.
fn coding_of(headers: &HeaderMap) -> Result<Coding, Status> {
    let Some(name) = headers.get(header::CONTENT_ENCODING) else { return Ok(Coding::Identity) };
    let name = String::from_utf8_lossy(name.as_bytes());
    match Coding::named(&name) {
        Some(Coding::Snappy) | None => {
            let shown = &name[..name.floor_char_boundary(64)];
            let why = format!("content-encoding is {shown:?}; gzip, deflate, zstd and identity are taken");
            Err(error(ErrorReason::UnsupportedCompression).message(why).into())
        }
        Some(coding) => Ok(coding),
    }
}

fn not_json(why: &serde_json::Error) -> Status {
    error(ErrorReason::InvalidMessage).message(format!("not an OTLP request in JSON: {why}")).into()
}
