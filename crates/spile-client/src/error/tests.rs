//! What people are told.

use std::io;
use std::sync::Arc;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::Error;
use super::describe::root_cause;

#[test]
fn a_status_is_told_with_its_code_message_and_fields() {
    let mut details = ErrorDetails::new();
    details
        .set_error_info("UNKNOWN_LEVEL", "spile", [] as [(String, String); 0])
        .add_bad_request_violation("filter.level", "\"loud\" is not a level");
    let error =
        Error::from(Status::with_error_details(Code::InvalidArgument, "the request is not valid", details));
    assert_eq!(
        error.to_string(),
        "INVALID_ARGUMENT: the request is not valid (filter.level: \"loud\" is not a level)"
    );
    assert_eq!(error.reason().as_deref(), Some("UNKNOWN_LEVEL"));
}

#[test]
fn a_transport_failure_is_told_by_its_innermost_cause() {
    let mut status = Status::unknown("transport error");
    status.set_source(Arc::new(io::Error::from_raw_os_error(111)));
    assert_eq!(Error::from(status).to_string(), "UNKNOWN: transport error: connection refused");
}

#[test]
fn an_operating_system_error_is_told_in_plain_words() {
    assert_eq!(root_cause(&io::Error::from_raw_os_error(2)), "no such file or directory");
    assert_eq!(root_cause(&io::Error::other("Out of Tea (really)")), "Out of Tea (really)");
}

#[test]
fn giving_up_still_tells_the_status() {
    let error = Error::GaveUp { attempts: 3, last: Box::new(Status::unavailable("draining").into()) };
    assert_eq!(error.to_string(), "gave up after 3 attempts: UNAVAILABLE: draining");
    assert_eq!(error.status().map(Status::code), Some(Code::Unavailable));
}
