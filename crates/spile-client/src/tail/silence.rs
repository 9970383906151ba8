//! Notices that nothing has come for too long, counting only while somebody waits.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// A timer that runs from the first poll after something was heard: a reader that pauses does not make the server look silent.
#[derive(Debug)]
pub(crate) struct Silence {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    running: bool,
}

impl Silence {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, timer: None, running: false }
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Something came.
    pub(crate) fn heard(&mut self) {
        self.running = false;
    }

    /// Ready when nothing was heard for the limit.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // A limit beyond what the clock can count is no limit.
        let Some(deadline) = Instant::now().checked_add(self.limit) else {
            return Poll::Pending;
        };
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        if !self.running {
            timer.as_mut().reset(deadline);
            self.running = true;
        }
        timer.as_mut().poll(cx)
    }
}
