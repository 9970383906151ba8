//! Requests on their way out: of each kind the last.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use spile_proto::v1::ExploreRequest;
use spile_proto::v1::explore_request::Action;

/// The requests of one call that the connection has not taken yet. Cheap to clone.
///
/// Whoever asks faster than requests leave is answered the last of each kind, so there are never more than a few.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    requests: Vec<ExploreRequest>,
    closed: bool,
    waker: Option<Waker>,
}

impl Outbox {
    /// Sends this, in place of what has not left and would be replaced by it, but for the request `kept`: that one goes on should this be refused.
    pub(super) fn push(&self, request: ExploreRequest, kept: Option<u64>) {
        let mut waiting = self.waiting();
        waiting.requests.retain(|other| {
            Some(other.number) == kept || !replaces(request.action.as_ref(), other.action.as_ref())
        });
        waiting.requests.push(request);
        wake(waiting);
    }

    /// Sends this behind the others, of whatever kind they are.
    pub(super) fn push_beside(&self, request: ExploreRequest) {
        let mut waiting = self.waiting();
        waiting.requests.push(request);
        wake(waiting);
    }

    /// Nothing more comes.
    pub(super) fn close(&self) {
        let mut waiting = self.waiting();
        waiting.closed = true;
        wake(waiting);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(mut waiting: MutexGuard<'_, Waiting>) {
    let waker = waiting.waker.take();
    drop(waiting);
    waker.into_iter().for_each(Waker::wake);
}

/// Whether a request makes an earlier one void.
fn replaces(new: Option<&Action>, old: Option<&Action>) -> bool {
    use Action::{Context, Fetch, Pause, Read, Resume};
    matches!(
        (new, old),
        (Some(Read(_)), Some(Read(_)))
            | (Some(Pause(_) | Resume(_)), Some(Pause(_) | Resume(_)))
            | (Some(Fetch(_)), Some(Fetch(_)))
            | (Some(Context(_)), Some(Context(_)))
    )
}

impl Stream for Outbox {
    type Item = ExploreRequest;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ExploreRequest>> {
        let mut waiting = self.waiting();
        if !waiting.requests.is_empty() {
            return Poll::Ready(Some(waiting.requests.remove(0)));
        }
        if waiting.closed {
            return Poll::Ready(None);
        }
        waiting.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests;
