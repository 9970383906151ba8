//! What a session tells.

use std::time::Duration;

use spile_proto::v1::explore_response::{Accepted, Refusal};

use crate::client::Context;
use crate::tail::{Interruption, TailEvent};

/// One thing that a session tells. `request` is the number of the request that it follows, as [`Explorer`](crate::Explorer) gave it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExploreEvent {
    /// A `read` or a `fetch` begins. Told once, however often the call is made anew. Nothing comes of the `read` before any more.
    Accepted {
        /// Which.
        request: u64,
        /// Where.
        accepted: Accepted,
    },
    /// What a `read` or a `fetch` gives: records, gaps, progress, the mark of what is live, its end.
    Tail {
        /// Which.
        request: u64,
        /// What.
        event: TailEvent,
    },
    /// The answer to a `context`.
    Context {
        /// Which.
        request: u64,
        /// What stands around.
        context: Context,
    },
    /// Nothing more comes of the `read` before it is resumed. Told again after a reconnect.
    Paused {
        /// Which.
        request: u64,
    },
    /// Reading goes on.
    Resumed {
        /// Which.
        request: u64,
    },
    /// A request is wrong, or what it asked for failed. A `read` that is refused changes nothing.
    Refused {
        /// Which.
        request: u64,
        /// Why.
        refusal: Refusal,
    },
    /// The call ended or broke; the next one goes on where this one was.
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
    /// The session was closed and all is answered: the last event.
    Closed,
}
