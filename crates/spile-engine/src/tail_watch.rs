//! The only notification in the engine: a stream's tail, which only grows.

use tokio::sync::watch;

use crate::offset::Offset;

/// The writer's side: publishes the tail.
#[derive(Debug)]
pub(crate) struct TailWatch(watch::Sender<Offset>);

/// A reader's side: sees the tail and waits for it to move.
#[derive(Clone, Debug)]
pub(crate) struct TailReader(watch::Receiver<Offset>);

impl TailWatch {
    pub(crate) fn new(tail: Offset) -> Self {
        Self(watch::Sender::new(tail))
    }

    /// Moves the tail forward and wakes who waits.
    ///
    /// # Panics
    /// If it would move backward: an acknowledged record would be unseen again.
    pub(crate) fn advance(&self, tail: Offset) {
        self.0.send_if_modified(|current| {
            assert!(tail >= *current, "the tail moved from {current} back to {tail}");
            std::mem::replace(current, tail) != tail
        });
    }

    pub(crate) fn get(&self) -> Offset {
        *self.0.borrow()
    }

    pub(crate) fn reader(&self) -> TailReader {
        TailReader(self.0.subscribe())
    }
}

impl TailReader {
    /// Waits until the tail is behind `seen`. Pending for ever when the stream is gone: whoever waits holds the stream, so it
    /// is not.
    pub(crate) async fn past(mut self, seen: Offset) -> Offset {
        match self.0.wait_for(|tail| *tail > seen).await.map(|tail| *tail) {
            Ok(tail) => tail,
            Err(_) => std::future::pending().await,
        }
    }
}
