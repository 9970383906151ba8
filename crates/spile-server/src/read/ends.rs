//! The names of end reasons, in trailers and metrics.

use spile_proto::v1::EndReason;

/// The name in `spile-end-reason`; `error` when a failure that is none of the promised reasons ended the stream.
pub(crate) fn name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Unspecified => "error",
        EndReason::Limit => "limit",
        EndReason::Until => "until",
        EndReason::EndOfHistory => "end-of-history",
        EndReason::MaxAge => "max-age",
        EndReason::Drain => "drain",
        EndReason::Stalled => "stalled",
        EndReason::Deadline => "deadline",
        EndReason::Cancelled => "cancelled",
        EndReason::Closed => "closed",
    }
}
