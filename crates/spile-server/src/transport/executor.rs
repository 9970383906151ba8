//! Runs hyper's task of each HTTP/2 stream so that the stream can be reset from outside and none outlives its connection.
//!
//! hyper calls the service with a request and at once hands the stream's task to the executor, in one poll of the
//! connection. The service therefore leaves the stream's handle in a slot, and the executor takes it from there. When the task is
//! dropped, h2 throws its unsent bytes away and sends RST_STREAM, whatever the peer's window.

use std::sync::{Arc, Mutex, PoisonError};

use hyper::rt::Executor;
use tokio_util::task::TaskTracker;

use super::handle::{ConnectionHandle, StreamHandle};

#[derive(Debug, Clone)]
pub(super) struct StreamExecutor {
    tasks: TaskTracker,
    connection: ConnectionHandle,
    slot: Slot,
}

/// Holds the handle of the stream whose request was given to the service last.
#[derive(Debug, Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Option<StreamHandle>>>);

impl Slot {
    pub(super) fn put(&self, stream: StreamHandle) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
    }

    fn take(&self) -> Option<StreamHandle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl StreamExecutor {
    pub(super) fn new(tasks: TaskTracker, connection: ConnectionHandle, slot: Slot) -> Self {
        Self { tasks, connection, slot }
    }
}

impl<F> Executor<F> for StreamExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        let stream = self.slot.take().unwrap_or_else(|| self.connection.new_stream_handle());
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = stream.was_reset() => {}
                () = task => {}
            }
        });
    }
}
