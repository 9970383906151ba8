//! What a request is told that cannot be done: the status that a call of its own would have got, as an answer.

use spile_proto::v1::explore_response::{Answer, FieldViolation, Refusal};
use tonic::Status;
use tonic_types::StatusExt;

/// The refusal; `prefix` is where in the request the fields are that the status names.
pub(super) fn answer(status: &Status, prefix: &str) -> Answer {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    Answer::Refusal(Refusal {
        code: status.code() as i32,
        message: status.message().to_owned(),
        reason: details.error_info().map(|info| info.reason.clone()).unwrap_or_default(),
        field_violations: violations
            .iter()
            .map(|violation| FieldViolation {
                field: format!("{prefix}{}", violation.field),
                description: violation.description.clone(),
            })
            .collect(),
    })
}
