//! SIGTERM and SIGINT: the first asks for a drain, the second ends it.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Counts the signals that ask the process to stop.
#[derive(Debug, Clone)]
pub struct StopSignals(watch::Receiver<u32>);

impl StopSignals {
    /// Starts to listen. From now on the signals no longer end the process.
    ///
    /// # Errors
    /// The operating system's.
    pub fn listen() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (count, receiver) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = one(&mut terminate) => {}
                    () = one(&mut interrupt) => {}
                    () = count.closed() => return,
                }
                count.send_modify(|count| *count += 1);
            }
        });
        Ok(Self(receiver))
    }

    /// Waits for the signal of this number, counted from 1.
    pub async fn nth(mut self, number: u32) {
        let seen = self.0.wait_for(|count| *count >= number).await;
        // The counting task ends only when the last receiver is gone.
        debug_assert!(seen.is_ok());
    }
}

async fn one(signal: &mut Signal) {
    if signal.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}
