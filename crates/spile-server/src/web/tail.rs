//! `GET /v1/tail`: `spile.v1.ReadService/Tail` as Server-Sent Events or as lines of JSON.

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use spile_proto::v1::{self, start::Position};
use tonic::Status;

use super::query::Parameters;
use super::{answer, parameters};
use crate::read::text::TextForm;
use crate::read::{ReadState, handlers, plan};
use crate::status::{ErrorReason, error};

/// Where an `EventSource` goes on when it comes back.
const LAST_EVENT_ID: &str = "last-event-id";

/// The longest file name of a download, bytes.
const MAX_FILE_NAME_BYTES: usize = 128;

pub(super) async fn tail(State(state): State<ReadState>, request: Request) -> Response {
    answer(open(state, request).await)
}

async fn open(state: ReadState, request: Request) -> Result<Response, Status> {
    let mut parameters = parameters(request.uri());
    let clock = &state.context.clock;
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let form = form(&mut parameters, accept.unwrap_or_default());
    let download = download(&mut parameters);
    let (stream, filter) = parameters.filter(clock);
    let position = parameters.start(clock);
    let tail = v1::TailRequest {
        stream,
        filter: Some(filter),
        start: came_back(request.headers())?
            .or(position)
            .map(|position| v1::Start { position: Some(position) }),
        follow: parameters.switch("follow").unwrap_or(form == TextForm::Events),
        limit: parameters.number("limit").unwrap_or_default(),
        loss_policy: parameters.read("loss", loss).unwrap_or_default().into(),
        order: parameters.read("order", order).unwrap_or_default().into(),
    };
    parameters.finish()?;
    let planned = plan::tail(&state.engine, tail).await?;
    let call = handlers::Call::of(&request, "/v1/tail");
    let (headers, body) = call.open_text(state, planned, form).await?;
    let mut response = Response::new(body);
    *response.headers_mut() = headers;
    describe(response.headers_mut(), form, download);
    Ok(response)
}

/// Sets the headers of a body that comes bit by bit, so that no cache keeps it and no proxy collects it.
fn describe(headers: &mut HeaderMap, form: TextForm, download: Option<HeaderValue>) {
    let content_type = match form {
        TextForm::Events => "text/event-stream",
        TextForm::Lines { .. } => "application/x-ndjson",
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(disposition) = download {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
}

fn form(parameters: &mut Parameters, accept: &str) -> TextForm {
    let marks = parameters.switch("marks").unwrap_or(true);
    let lines = TextForm::Lines { marks };
    let by_name = parameters.read("format", |text| match text {
        "sse" => Ok(TextForm::Events),
        "ndjson" => Ok(lines),
        _ => Err(format!("{text:?} is not a format; use sse or ndjson")),
    });
    let by_accept = if accept.contains("text/event-stream") { TextForm::Events } else { lines };
    by_name.unwrap_or(by_accept)
}

/// `Content-Disposition` of a download under this file name.
fn download(parameters: &mut Parameters) -> Option<HeaderValue> {
    let safe = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._- ".contains(&byte));
    parameters.read("download", |name| {
        let fits = !name.starts_with('.') && safe(name) && name.len() <= MAX_FILE_NAME_BYTES;
        let header = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
        header.ok().filter(|_| fits).ok_or_else(|| {
            format!(
                "is not a name for a file; use up to {MAX_FILE_NAME_BYTES} letters, digits, spaces, and the signs . _ -"
            )
        })
    })
}

/// The position of a reader that has been here before.
fn came_back(headers: &HeaderMap) -> Result<Option<Position>, Status> {
    let Some(id) = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) else { return Ok(None) };
    let id = id
        .to_str()
        .map_err(|_| error(ErrorReason::InvalidCursor).field(LAST_EVENT_ID, "is not ASCII").into_status())?;
    Ok(Some(Position::AfterCursor(id.to_owned())))
}

fn loss(text: &str) -> Result<v1::LossPolicy, String> {
    match text {
        "catch-up" => Ok(v1::LossPolicy::Unspecified),
        "skip-to-live" => Ok(v1::LossPolicy::SkipToLive),
        _ => Err(format!("{text:?} is not a policy; use catch-up or skip-to-live")),
    }
}

fn order(text: &str) -> Result<v1::Order, String> {
    match text {
        "offset" => Ok(v1::Order::Unspecified),
        "newest-first" => Ok(v1::Order::NewestFirst),
        "time" => Ok(v1::Order::ByTime),
        _ => Err(format!("{text:?} is not an order; use offset, newest-first or time")),
    }
}
