//! What a writer is told when its records cannot be stored.

use spile_engine::{AppendError, EngineError};
use tonic::Status;

use crate::status::{ErrorReason, error};

/// The status of a refused append.
pub(crate) fn append_status(why: &AppendError) -> Status {
    match why {
        AppendError::NotWritten(reason) => error(ErrorReason::StorageFull).message(reason.to_string()).into(),
        AppendError::Poisoned(reason) => {
            error(ErrorReason::StreamReadOnly).message(reason.to_string()).into()
        }
        AppendError::OutOfTurn { .. } => error(ErrorReason::ProducerConflict).message(why.to_string()).into(),
        AppendError::Closed => error(ErrorReason::Draining).into(),
        AppendError::Deleted => error(ErrorReason::StreamNotFound).message(why.to_string()).into(),
    }
}

/// The status of a stream that could not be made.
pub(crate) fn stream_status(why: &EngineError) -> Status {
    match why {
        EngineError::Name(why) => {
            error(ErrorReason::InvalidStreamName).field("stream", why.to_string()).into()
        }
        EngineError::TooManyStreams(_) => {
            error(ErrorReason::Overloaded).quota("streams", why.to_string()).into()
        }
        EngineError::InUse(_)
        | EngineError::Io { .. }
        | EngineError::Journal { .. }
        | EngineError::Segments { .. }
        | EngineError::Change { .. } => {
            tracing::error!(error = %why, "a stream could not be made");
            error(ErrorReason::Internal).message(why.to_string()).into()
        }
    }
}
