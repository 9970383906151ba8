//! `GET /v1/poll`: what matches behind a cursor, or the first of it when it arrives.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Uri, header};
use spile_proto::v1;
use std::time::Duration;
use tonic::Status;

use super::{answer, parameters};
use crate::read::ReadState;
use crate::read::parcel::Parcel;
use crate::read::{page, plan};
use crate::transport::StreamHandle;

/// How long it is waited for a record when nothing is said: less than the minute after which many proxies give up.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);
/// The longest wait.
const MAX_WAIT: Duration = Duration::from_secs(300);
/// How many records an answer has at most when nothing is said, and at all.
const DEFAULT_LIMIT: u64 = 1_000;
const MAX_LIMIT: u64 = 10_000;

pub(super) async fn poll(State(state): State<ReadState>, request: Request) -> Response {
    let handle = request.extensions().get().cloned();
    answer(polled(&state, request.uri(), handle).await)
}

async fn polled(state: &ReadState, uri: &Uri, handle: Option<StreamHandle>) -> Result<Response, Status> {
    let mut parameters = parameters(uri);
    let clock = &state.context.clock;
    let (stream, filter) = parameters.filter(clock);
    let position = parameters.start(clock);
    let wait = parameters.duration("wait").unwrap_or(DEFAULT_WAIT);
    let limit = parameters.number("limit").unwrap_or(DEFAULT_LIMIT);
    if wait > MAX_WAIT {
        parameters.refuse("wait", format!("{wait:?} is out of range; use 0s to {}s", MAX_WAIT.as_secs()));
    }
    if !(1..=MAX_LIMIT).contains(&limit) {
        parameters.refuse("limit", format!("{limit} is out of range; use 1 to {MAX_LIMIT}"));
    }
    parameters.finish()?;
    let tail = v1::TailRequest {
        stream,
        filter: Some(filter),
        start: position.map(|position| v1::Start { position: Some(position) }),
        follow: true,
        limit,
        ..v1::TailRequest::default()
    };
    let planned = plan::tail(&state.engine, tail).await?;
    let page = page::next(&state.context, planned, wait).await?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::new(Parcel::new(page, &state.taps, handle))).into_response())
}
