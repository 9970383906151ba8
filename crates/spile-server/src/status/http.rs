//! A gRPC status over plain HTTP: the code that fits, and `google.rpc.Status` with its details as JSON.
//!
//! <https://google.aip.dev/193>: `{"error": {"code", "message", "status", "details"}}`, where `code` is HTTP's.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::code_name;

/// The HTTP code of a gRPC code, as `google/rpc/code.proto` maps them.
pub(crate) fn code(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        // "Client closed request" has no name in the registry.
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// The whole answer.
pub(crate) fn response(status: &Status) -> Response {
    let mut response = (code(status.code()), Json(json!({ "error": object(status) }))).into_response();
    if let Some(delay) = status.get_details_retry_info().and_then(|info| info.retry_delay) {
        // Whole seconds are all that the header has (RFC 9110, section 10.2.3).
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What stands under `error`.
pub(crate) fn object(status: &Status) -> Value {
    json!({
        "code": code(status.code()).as_u16(),
        "status": code_name(status.code()),
        "message": status.message(),
        "details": details(status),
    })
}

/// The details that this server gives, in the JSON form of `google.protobuf.Any`.
pub(crate) fn details(status: &Status) -> Vec<Value> {
    let details = status.get_error_details();
    let mut list = Vec::new();
    if let Some(info) = details.error_info() {
        list.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": info.reason, "domain": info.domain, "metadata": info.metadata,
        }));
    }
    if let Some(wrong) = details.bad_request() {
        let violation =
            |it: &tonic_types::FieldViolation| json!({ "field": it.field, "description": it.description });
        let violations: Vec<Value> = wrong.field_violations.iter().map(violation).collect();
        list.push(
            json!({ "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations }),
        );
    }
    if let Some(quota) = details.quota_failure() {
        let violation = |it: &tonic_types::QuotaViolation| json!({ "subject": it.subject, "description": it.description });
        let violations: Vec<Value> = quota.violations.iter().map(violation).collect();
        list.push(
            json!({ "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations }),
        );
    }
    if let Some(delay) = details.retry_info().and_then(|info| info.retry_delay) {
        let delay = format!("{}.{:03}s", delay.as_secs(), delay.subsec_millis());
        list.push(json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay }));
    }
    list
}
