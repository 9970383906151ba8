//! Errors over plain HTTP: those of gRPC, with the fields named as the parameters are.

use axum::response::Response;
use tonic::Status;
use tonic_types::StatusExt;

use crate::status::http;

/// The fields of requests, and the parameters that they come from.
const PARAMETERS: &[(&str, &str)] = &[
    ("filter.expression", "q"),
    ("filter.level", "level"),
    ("filter.since_unix_nano", "since"),
    ("filter.until_unix_nano", "until"),
    ("start.after_cursor", "after"),
    ("start.last", "last"),
    ("start.offset", "offset"),
    ("start.time_unix_nano", "from"),
    ("start.latest", "from"),
    ("max_buckets", "buckets"),
    ("bucket_nanos", "width"),
    ("loss_policy", "loss"),
];

/// The answer to a request that cannot be fulfilled.
pub(super) fn response(status: &Status) -> Response {
    http::response(&renamed(status))
}

/// The same status, about parameters.
fn renamed(status: &Status) -> Status {
    let mut details = status.get_error_details();
    let Some(mut wrong) = details.bad_request().cloned() else { return status.clone() };
    let mut message = status.message().to_owned();
    for violation in &mut wrong.field_violations {
        for (field, parameter) in PARAMETERS {
            violation.description = violation.description.replace(field, parameter);
            if violation.field == *field {
                violation.field = (*parameter).to_owned();
            }
        }
    }
    for (field, parameter) in PARAMETERS {
        message = message.replace(field, parameter);
    }
    details.set_bad_request(wrong.field_violations);
    Status::with_error_details(status.code(), message, details)
}
