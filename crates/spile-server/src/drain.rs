//! The signal that the server is stopping: streams listen to it and end with their cursor.

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Tells that the server is stopping. Cheap to clone; once draining, always draining.
#[derive(Debug, Clone, Default)]
pub struct DrainSignal(CancellationToken);

impl DrainSignal {
    /// A signal that has not been given.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal. Doing it twice is harmless.
    pub fn start(&self) {
        self.0.cancel();
    }

    /// Whether the signal has been given.
    pub fn is_draining(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits for the signal.
    pub async fn drained(&self) {
        self.0.cancelled().await;
    }

    /// Like [`DrainSignal::drained`], for keeping in a stream.
    pub fn drained_owned(&self) -> WaitForCancellationFutureOwned {
        self.0.clone().cancelled_owned()
    }
}
