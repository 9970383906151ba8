//! Says in one line what a status or a transport failure means.

use std::error::Error;
use std::io;

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// The code's standard name, the message, and what the details add to it.
pub(super) fn status(status: &Status) -> String {
    let mut text = format!("{}: {}", code_name(status.code()), status.message());
    if let Some(source) = status.source() {
        let cause = root_cause(source);
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    for violation in violations {
        // Often the message says it already.
        if !text.contains(&violation.description) || !text.contains(&violation.field) {
            text.push_str(&format!(" ({}: {})", violation.field, violation.description));
        }
    }
    text
}

/// The innermost cause, which is the one that names the trouble: the outer ones say "transport error".
pub(crate) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    match innermost.downcast_ref::<io::Error>() {
        Some(error) if error.raw_os_error().is_some() => plain(&text),
        _ => text,
    }
}

/// "Connection refused (os error 111)" as it stands within a sentence.
fn plain(os_error: &str) -> String {
    let text = os_error.split(" (os error").next().unwrap_or(os_error);
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// As gRPC's specification writes it.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
