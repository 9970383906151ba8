//! Answers as Loki gives them: a status, and plain text for people. Senders repeat 429 and 5xx, and give up on all other errors.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::receive::drafts::Refused;

/// Everything is durable, but for what was refused.
pub(super) fn success(refused: &Refused) -> Response {
    if refused.records == 0 {
        return StatusCode::NO_CONTENT.into_response();
    }
    let text =
        format!("{} records were refused, all others are stored: {}\n", refused.records, refused.first);
    (StatusCode::BAD_REQUEST, text).into_response()
}

/// Nothing is stored, or it is not known to be.
pub(super) fn failure(status: &Status) -> Response {
    let delay = status.get_details_retry_info().and_then(|info| info.retry_delay);
    let code = match status.code() {
        Code::InvalidArgument | Code::NotFound => StatusCode::BAD_REQUEST,
        Code::Unimplemented => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::ResourceExhausted if delay.is_none() => StatusCode::PAYLOAD_TOO_LARGE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        _ if delay.is_some() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut response: Response<Body> = (code, format!("{}\n", status.message())).into_response();
    if let Some(delay) = delay {
        let seconds = delay.as_secs_f64().ceil().max(1.0) as u64;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
