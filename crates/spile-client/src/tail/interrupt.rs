//! Decides what the end of a call means for the tail: its end, a resumption, or an error.

use std::time::Duration;

use spile_proto::v1::EndReason;

use super::call::Over;
use super::event::Interruption;
use crate::error::Error;
use crate::retry::{asked_wait, is_retryable};

/// What follows a call.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The tail is at its end.
    End(EndReason),
    /// Another call goes on behind the cursor, not before the server wants it.
    Resume { cause: Interruption, floor: Duration },
    /// The tail has failed.
    Fail(Error),
}

pub(crate) fn judge(over: Over) -> Verdict {
    use EndReason::{Drain, MaxAge, Stalled, Unspecified};
    match (over.reason, over.status) {
        // The reason is told in the last message, so it counts whatever becomes of the connection behind it.
        (Some(reason @ (MaxAge | Drain | Stalled)), status) => Verdict::Resume {
            cause: Interruption::Ended(reason),
            floor: status.as_ref().map(asked_wait).unwrap_or_default(),
        },
        (_, Some(status)) if !is_retryable(&status) => Verdict::Fail(status.into()),
        (None | Some(Unspecified), Some(status)) => {
            Verdict::Resume { floor: asked_wait(&status), cause: Interruption::Failed(Box::new(status)) }
        }
        (None | Some(Unspecified), None) => {
            Verdict::Fail(Error::Protocol("the call ended without a reason".to_owned()))
        }
        (Some(reason), _) => Verdict::End(reason),
    }
}
