//! What a reader is told when what is stored cannot be read.

use spile_engine::journal::ReadError;
use tonic::Status;

use crate::status::{ErrorReason, error};

/// The status of a read that failed.
pub(super) fn read_status(failure: &ReadError) -> Status {
    if *failure == ReadError::Deleted {
        return error(ErrorReason::StreamNotFound).message(failure.to_string()).into();
    }
    tracing::error!(error = %failure, "a stream could not be read");
    error(ErrorReason::Internal).message(failure.to_string()).into()
}
