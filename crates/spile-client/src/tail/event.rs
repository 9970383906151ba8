//! What a tail tells its reader.

use std::fmt;
use std::time::Duration;

use spile_proto::v1::{CaughtUp, EndReason, Gap, Progress};
use tonic::Status;

use super::batch::TailBatch;

/// One thing that a tail tells. [`TailStream::cursor`](crate::TailStream::cursor) stands behind it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TailEvent {
    /// Records, in the order that was asked for; never empty.
    Batch(TailBatch),
    /// A range of offsets that is not delivered, and why.
    Gap(Gap),
    /// Scanned so far, nothing matched; comes at least every 15 s when nothing else does.
    Progress(Progress),
    /// What was stored has been delivered; what follows is live. Comes again after a reconnect.
    CaughtUp(CaughtUp),
    /// The call ended or broke; the next one resumes behind the last event.
    Reconnecting {
        /// How many attempts in a row have not got on: 0 for an end that belongs to the plan, as a server's age limit.
        attempt: u32,
        /// How long it waits before the attempt.
        wait: Duration,
        /// Why.
        cause: Interruption,
    },
    /// The next call is open.
    Reconnected,
    /// All that was asked for has been delivered: the last event.
    End(TailEnd),
}

/// How a tail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailEnd {
    /// Why.
    pub reason: EndReason,
    /// How many records were delivered, all calls together.
    pub records: u64,
}

/// Why a call of a tail did not go on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Interruption {
    /// The server ended it for a reason that is no end of the tail: `max-age`, `drain`, `stalled`.
    Ended(EndReason),
    /// The server was not there, or the connection broke.
    Failed(Box<Status>),
    /// Nothing came for this long.
    Silent(Duration),
}

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(EndReason::MaxAge) => f.write_str("the call reached its age limit"),
            Self::Ended(EndReason::Drain) => f.write_str("the server is stopping"),
            Self::Ended(EndReason::Stalled) => f.write_str("nothing was read for too long"),
            Self::Ended(reason) => write!(f, "the call ended: {}", reason.as_str_name()),
            Self::Failed(status) => crate::Error::Status(status.clone()).fmt(f),
            Self::Silent(limit) => crate::Error::Silent(*limit).fmt(f),
        }
    }
}
