//! `POST /loki/api/v1/push`.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Request, StatusCode, header};
use tonic::Status;

use super::json::Failed;
use super::labels::{self, Origin};
use super::{SOURCE, answer, json, protobuf};
use crate::receive::budget::Charge;
use crate::receive::decompress::{Coding, decompress};
use crate::receive::drafts::{Drafts, Laid, Refused};
use crate::receive::{ReceiveState, blocking, body, store, stream_name};
use crate::status::{ErrorReason, error};

/// The form of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    /// Protobuf in a block of snappy, whatever else the headers say; Loki takes all that is not JSON for it.
    Protobuf,
}

/// The route's handler.
pub(super) async fn handle(State(state): State<ReceiveState>, request: Request<Body>) -> Response {
    match push(&state, request).await {
        Ok(refused) => answer::success(&refused),
        Err(status) => answer::failure(&status),
    }
}

/// `GET /ready`, which Vector asks before it pushes.
pub(super) async fn ready(State(state): State<ReceiveState>) -> Response {
    let (code, text) = if state.context.readiness.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    };
    (code, text).into_response()
}

async fn push(state: &ReceiveState, request: Request<Body>) -> Result<Refused, Status> {
    if state.context.drain.is_draining() {
        return Err(error(ErrorReason::Draining).into());
    }
    let (parts, body) = request.into_parts();
    let stream = stream_name(&parts.headers)?;
    let (form, coding) = form_of(&parts.headers)?;
    let max_bytes = state.max_bytes();
    let mut charge = state.budget.charge();
    let packed = body::read(body, max_bytes, &mut charge).await?;
    let received_unix_nano = state.context.clock.now_unix_nano();
    let laid = blocking(move || {
        let request = decompress(coding, packed, max_bytes, &mut charge)?;
        let mut push = Push::new(charge, max_bytes, received_unix_nano);
        match form {
            Form::Json => json::read(&request, &mut push)?,
            Form::Protobuf => protobuf::read(&request, &mut push)?,
        }
        push.drafts.finish()
    });
    let laid: Laid = laid.await?;
    store::store(state, &stream, SOURCE, laid).await
}

/// What the headers say the body is.
fn form_of(headers: &HeaderMap) -> Result<(Form, Coding), Status> {
    let text = |name| {
        headers
            .get(name)
            .map_or(Cow::Borrowed(""), |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()))
    };
    let media_type = text(header::CONTENT_TYPE);
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Ok((Form::Protobuf, Coding::Snappy));
    }
    let name = text(header::CONTENT_ENCODING);
    match Coding::named(&name) {
        Some(coding) => Ok((Form::Json, coding)),
        None => {
            let shown = &name[..name.floor_char_boundary(64)];
            let why = format!("content-encoding is {shown:?}; gzip, deflate, snappy and zstd are taken");
            Err(error(ErrorReason::UnsupportedCompression).message(why).into())
        }
    }
}

/// A request being read.
pub(super) struct Push {
    drafts: Drafts,
    /// For what comes before the frames.
    charge: Charge,
    /// Where the reader is: stream and entry, from 0.
    stream: Option<usize>,
    entry: usize,
    /// Why reading has stopped.
    pub(super) failure: Option<Status>,
}

impl Push {
    fn new(charge: Charge, max_bytes: usize, received_unix_nano: u64) -> Self {
        let own = charge.sibling();
        Self {
            drafts: Drafts::new(charge, max_bytes, received_unix_nano),
            charge: own,
            stream: None,
            entry: 0,
            failure: None,
        }
    }

    /// Goes on to the next stream.
    pub(super) fn begin_stream(&mut self) {
        self.stream = Some(self.stream.map_or(0, |stream| stream + 1));
        self.entry = 0;
    }

    /// The origin that the labels of this stream name.
    pub(super) fn origin(&mut self, labels: &[(Cow<'_, str>, Cow<'_, str>)]) -> Result<Origin, Failed> {
        let at = self.stream.unwrap_or(0);
        labels::origin(labels).map_err(|why| {
            self.failure = Some(error(ErrorReason::InvalidField).field(format!("streams[{at}]"), why).into());
            Failed
        })
    }

    /// Takes memory for what comes before the frames.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Failed> {
        self.charge.grow(bytes).map_err(|status| {
            self.failure = Some(status);
            Failed
        })
    }

    /// Adds the next entry's record.
    pub(super) fn record(&mut self, record: &[u8], origin: &Origin) -> Result<(), Failed> {
        let (stream, entry) = (self.stream.unwrap_or(0), self.entry);
        self.entry += 1;
        let place = || format!("streams[{stream}].entries[{entry}]");
        self.drafts.push(record, origin.resource.as_ref(), place).map_err(|status| {
            self.failure = Some(status);
            Failed
        })
    }

    /// Why reading has stopped, for a reader that can say it.
    pub(super) fn failed(&mut self) -> Status {
        self.failure.take().unwrap_or_else(|| error(ErrorReason::Internal).into())
    }
}
