//! The only notification in the engine: a stream's tail, which only grows.

use tokio::sync::watch;

use crate::offset::Offset;

/// The writer's side: publishes the tail.
#[derive(Debug)]
pub(crate) struct TailWatch(watch::Sender<Tail>);

/// A reader's side: sees the tail and waits for it to move.
#[derive(Clone, Debug)]
pub(crate) struct TailReader(watch::Receiver<Tail>);

/// Where a stream ends.
#[derive(Clone, Copy, Debug)]
struct Tail {
    offset: Offset,
    /// The stream is deleted: the tail moves no more.
    deleted: bool,
}

impl TailWatch {
    pub(crate) fn new(tail: Offset) -> Self {
        Self(watch::Sender::new(Tail { offset: tail, deleted: false }))
    }

    /// Moves the tail forward and wakes who waits.
    ///
    /// # Panics
    /// If it would move backward: an acknowledged record would be unseen again.
    pub(crate) fn advance(&self, tail: Offset) {
        self.0.send_if_modified(|current| {
            let before = std::mem::replace(&mut current.offset, tail);
            assert!(tail >= before, "the tail moved from {before} back to {tail}");
            before != tail
        });
    }

    pub(crate) fn get(&self) -> Offset {
        self.0.borrow().offset
    }

    /// Wakes who waits: nothing comes any more.
    pub(crate) fn delete(&self) {
        self.0.send_modify(|tail| tail.deleted = true);
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.0.borrow().deleted
    }

    pub(crate) fn reader(&self) -> TailReader {
        TailReader(self.0.subscribe())
    }
}

impl TailReader {
    /// Waits until the tail is behind `seen`, or the stream is deleted. Pending for ever when the stream is gone: whoever waits holds the stream, so it
    /// is not.
    pub(crate) async fn past(mut self, seen: Offset) -> Offset {
        match self.0.wait_for(|tail| tail.offset > seen || tail.deleted).await.map(|tail| tail.offset) {
            Ok(tail) => tail,
            Err(_) => std::future::pending().await,
        }
    }
}
