//! Every error that the server gives: one table, and the builder that makes a gRPC status of a row.
//!
//! Each status carries a `google.rpc.ErrorInfo` whose reason is the row's name and whose domain is [`DOMAIN`]; clients
//! decide by the reason, people read the message.

mod builder;
pub(crate) mod http;

#[cfg(test)]
mod tests;

use std::time::Duration;

use tonic::Code;

pub use builder::{ErrorBuilder, error};

/// The `domain` of every `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "spile.v1";

/// Declares [`ErrorReason`] and its table together, so that no reason is without a row.
macro_rules! error_table {
    ($($(#[doc = $doc:literal])+ $variant:ident => $name:literal, $code:ident, $retry:expr, $summary:literal;)+) => {
        /// Why a call failed; a row of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorReason {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ErrorReason {
            /// All reasons, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row { name: $name, code: Code::$code, retry_after: $retry, summary: $summary },)+
                }
            }
        }
    };
}

/// A row of the table.
struct Row {
    /// `ErrorInfo.reason`.
    name: &'static str,
    code: Code,
    /// `RetryInfo.retry_delay`, where trying again without a change makes sense.
    retry_after: Option<Duration>,
    /// The start of the message.
    summary: &'static str,
}

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);
const SOON: Option<Duration> = Some(Duration::from_millis(500));
const LATER: Option<Duration> = Some(Duration::from_secs(5));

error_table! {
    /// The named stream is not in the catalog.
    StreamNotFound => "STREAM_NOT_FOUND", NotFound, None, "there is no such stream";
    /// Something else that was named does not exist.
    NotFound => "NOT_FOUND", NotFound, None, "not found";
    /// A stream name breaks the rules for names.
    InvalidStreamName => "INVALID_STREAM_NAME", InvalidArgument, None, "not a stream name";
    /// A level is not the name of a severity.
    InvalidLevel => "INVALID_LEVEL", InvalidArgument, None, "not a severity level";
    /// A filter expression cannot be read.
    InvalidFilter => "INVALID_FILTER", InvalidArgument, None, "not a filter";
    /// A cursor cannot be read.
    InvalidCursor => "INVALID_CURSOR", InvalidArgument, None, "not a cursor";
    /// A cursor was made by another stream.
    CursorOfOtherStream => "CURSOR_OF_OTHER_STREAM", InvalidArgument, None, "the cursor belongs to another stream";
    /// A cursor lies behind the tail: the stream was made anew, or restored from an older copy.
    CursorAheadOfTail => "CURSOR_AHEAD_OF_TAIL", FailedPrecondition, None, "the cursor is ahead of the stream";
    /// Another field of a request has a value that it cannot have.
    InvalidField => "INVALID_FIELD", InvalidArgument, None, "the request is not valid";
    /// The bytes of a message are not what its type says.
    InvalidMessage => "INVALID_MESSAGE", InvalidArgument, None, "the message cannot be decoded";
    /// A message is over its limit.
    TooLarge => "TOO_LARGE", ResourceExhausted, None, "the message is too large";
    /// The stream takes no appends since its storage failed.
    StreamReadOnly => "STREAM_READ_ONLY", Unavailable, LATER, "the stream takes no appends";
    /// No space is left for appends.
    StorageFull => "STORAGE_FULL", ResourceExhausted, LATER, "the storage is full";
    /// A batch does not follow its producer's last one: the one before failed, or another call writes under the same producer id.
    ProducerConflict => "PRODUCER_CONFLICT", Unavailable, SOON, "the batch is not the producer's next one";
    /// Stored bytes are not what was written.
    DataCorrupt => "DATA_CORRUPT", DataLoss, None, "stored data is corrupt";
    /// The server has as much to do as it takes on.
    Overloaded => "OVERLOADED", Unavailable, SOON, "the server is overloaded";
    /// The server is stopping.
    Draining => "DRAINING", Unavailable, AT_ONCE, "the server is stopping";
    /// The reader took nothing for the stall limit.
    Stalled => "STALLED", Aborted, AT_ONCE, "the reader stalled";
    /// The caller's deadline passed.
    DeadlineExceeded => "DEADLINE_EXCEEDED", DeadlineExceeded, None, "the deadline has passed";
    /// The caller's deadline cannot be read.
    InvalidDeadline => "INVALID_DEADLINE", InvalidArgument, None, "not a deadline";
    /// The caller went away.
    Cancelled => "CANCELLED", Cancelled, None, "the call was cancelled";
    /// The service has no such method, or there is no such service.
    UnimplementedMethod => "UNIMPLEMENTED_METHOD", Unimplemented, None, "there is no such method";
    /// The message is compressed in a way that the server does not know.
    UnsupportedCompression => "UNSUPPORTED_COMPRESSION", Unimplemented, None, "the compression is not supported";
    /// A mistake of the server's own.
    Internal => "INTERNAL", Internal, None, "internal error";
}

impl ErrorReason {
    /// `ErrorInfo.reason`: upper snake case, never changed once released.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The gRPC code.
    pub fn code(self) -> Code {
        self.row().code
    }

    /// What the message says when nothing more is known, and starts with when it is.
    pub fn summary(self) -> &'static str {
        self.row().summary
    }

    /// When the same call may be tried again unchanged; None: it would fail again.
    pub fn retry_after(self) -> Option<Duration> {
        self.row().retry_after
    }
}

/// A code's name as gRPC writes it, for instance `INVALID_ARGUMENT`.
pub fn code_name(code: Code) -> &'static str {
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
