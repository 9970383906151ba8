//! Ends work in good order when the user or the system asks for it.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::exit::{CliError, Exit, report};
use crate::notes::Notes;

/// How long work may take to write what it has and to keep its cursor.
const GRACE: Duration = Duration::from_secs(1);

const INTERRUPT: u8 = 2;
const TERMINATE: u8 = 15;

/// Runs work until it is done, or a signal asks it to stop; a second signal, or a grace that runs out, ends it where it is.
pub(crate) async fn interruptible<W>(work: impl FnOnce(CancellationToken) -> W, notes: &Notes) -> Exit
where
    W: Future<Output = Result<(), CliError>> + Send + 'static,
{
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return report(Err(CliError::Start(error)), notes),
    };
    let stop = CancellationToken::new();
    // On a thread of its own: it may hang in a write to a pipe that nobody reads.
    let mut work = tokio::spawn(work(stop.clone()));
    let number = tokio::select! {
        outcome = &mut work => return match outcome {
            Ok(outcome) => report(outcome, notes),
            // It has panicked, and said so.
            Err(_) => Exit::Failed,
        },
        number = signals.next() => number,
    };
    stop.cancel();
    tokio::select! {
        _late = timeout(GRACE, work) => {}
        _again = signals.next() => {}
    }
    Exit::Signal(number)
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// The number of the next signal.
    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPT,
            _ = self.terminate.recv() => TERMINATE,
        }
    }
}
