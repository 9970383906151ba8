//! Answers over HTTP, in the request's encoding: a response message, or a `google.rpc.Status`.

use std::time::Duration;

use axum::body::Body;
use http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use prost::Message;
use serde_json::json;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tonic_types::pb;

use super::export::response_of;
use crate::receive::drafts::Refused;
use crate::status::{ErrorReason, error};

/// How a request is written, and so its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Protobuf,
    Json,
}

impl Encoding {
    /// What the content type says; parameters do not matter.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let media_type = value.split(';').next().unwrap_or_default().trim();
        if media_type.eq_ignore_ascii_case("application/x-protobuf") {
            Some(Self::Protobuf)
        } else if media_type.eq_ignore_ascii_case("application/json") {
            Some(Self::Json)
        } else {
            None
        }
    }

    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        })
    }
}

/// Everything is durable, but for what was refused.
pub(super) fn success(encoding: Encoding, refused: &Refused) -> Response<Body> {
    let body = match encoding {
        Encoding::Protobuf => response_of(refused).encode_to_vec(),
        Encoding::Json if refused.records == 0 => b"{}".to_vec(),
        Encoding::Json => {
            // 64-bit numbers are text in this encoding.
            let count = refused.records.to_string();
            json!({ "partialSuccess": { "rejectedLogRecords": count, "errorMessage": refused.first } })
                .to_string()
                .into_bytes()
        }
    };
    response(StatusCode::OK, encoding, body)
}

/// Nothing of the request is stored, or it is not known to be.
pub(super) fn failure(encoding: Encoding, status: &Status) -> Response<Body> {
    let mut response = with_code(http_status(status), encoding, status);
    if let Some(delay) = retry_delay(status) {
        // Whole seconds, and never none: a sender that is told 0 comes back at once.
        let seconds = delay.as_secs_f64().ceil().max(1.0) as u64;
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, zstd"));
    }
    response
}

/// The content type is neither of the two.
pub(super) fn unsupported_type(headers: &HeaderMap) -> Response<Body> {
    let given = headers.get(CONTENT_TYPE).map_or_else(String::new, |value| {
        String::from_utf8_lossy(value.as_bytes()).chars().take(64).collect()
    });
    let why = format!("is {given:?}; application/x-protobuf and application/json are taken");
    let status = error(ErrorReason::InvalidField).field("content-type", why).into_status();
    with_code(StatusCode::UNSUPPORTED_MEDIA_TYPE, Encoding::Json, &status)
}

/// The method is not POST.
pub(super) fn wrong_method(encoding: Encoding) -> Response<Body> {
    let status = error(ErrorReason::InvalidField).message("records are sent by POST").into_status();
    let mut response = with_code(StatusCode::METHOD_NOT_ALLOWED, encoding, &status);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

fn with_code(code: StatusCode, encoding: Encoding, status: &Status) -> Response<Body> {
    let body = match encoding {
        // What gRPC has in its details is the very message.
        Encoding::Protobuf if !status.details().is_empty() => status.details().to_vec(),
        Encoding::Protobuf => {
            let (code, message) = (status.code() as i32, status.message().to_owned());
            pb::Status { code, message, details: Vec::new() }.encode_to_vec()
        }
        Encoding::Json => {
            let details = crate::status::http::details(status);
            json!({ "code": status.code() as i32, "message": status.message(), "details": details })
                .to_string()
                .into_bytes()
        }
    };
    response(code, encoding, body)
}

fn response(code: StatusCode, encoding: Encoding, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = code;
    response.headers_mut().insert(CONTENT_TYPE, encoding.content_type());
    response
}

/// When the request may be sent again; `None`: it would be refused again.
fn retry_delay(status: &Status) -> Option<Duration> {
    status.get_details_retry_info()?.retry_delay
}

/// The HTTP status. OTLP's senders repeat what is answered by 429, 502, 503 and 504, and nothing else.
fn http_status(status: &Status) -> StatusCode {
    let may_be_sent_again = retry_delay(status).is_some();
    match status.code() {
        Code::InvalidArgument => StatusCode::BAD_REQUEST,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Unimplemented => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::ResourceExhausted if !may_be_sent_again => StatusCode::PAYLOAD_TOO_LARGE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        _ if may_be_sent_again => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
