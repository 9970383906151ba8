//! SQLite: rows are stepped through in a thread where blocking is allowed, a page at a time.
//!
//! One writer at a time makes ids and commits them, so what a snapshot shows of them has no holes that are filled later.

mod reading;
mod shape;

use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use rusqlite::InterruptHandle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use self::reading::{Found, Reading};
use super::follow::{Session, lag_behind};
use super::position::Position;
use super::row::Records;
use super::trouble::Trouble;

/// Pages that wait to be taken.
const PAGES: usize = 1;

/// Reads until something goes wrong.
pub(super) async fn session(path: &Path, session: &mut Session<'_>) -> Result<Infallible, Trouble> {
    loop {
        if !pass(path, session).await? {
            session.rest(None).await?;
        }
    }
}

/// Reads what is new. Tells whether there may be more.
async fn pass(path: &Path, session: &mut Session<'_>) -> Result<bool, Trouble> {
    let reading = Reading::new(path, session.address, session.feed.position().cloned());
    let seen = Instant::now();
    let looking = reading.clone();
    let (found, _interrupt) = interruptible(move |opened| looking.look(opened)).await?;
    let Found { cursor, columns, head, usual_lag } = found.await?;
    session.feed.set_cursor(&cursor)?;
    let Some(head) = head else { return Ok(false) };
    let lag = session.lag(usual_lag);
    if !lag.is_zero() {
        session.state.waiting();
        lag_behind(seen, lag).await;
    }
    session.state.reading();
    let mut records = Records::new(session.address, columns);
    read(reading, head, session, &mut records).await?;
    Ok(true)
}

/// Reads the rows up to `head`.
async fn read(
    reading: Reading,
    head: Position,
    session: &mut Session<'_>,
    records: &mut Records,
) -> Result<(), Trouble> {
    let (sender, mut pages) = mpsc::channel(PAGES);
    let (done, _interrupt) = interruptible(move |opened| reading.read(&head, &sender, opened)).await?;
    while let Some(rows) = pages.recv().await {
        session.feed.take(rows, records).await?;
    }
    if done.await? {
        return session.feed.send().await;
    }
    // Rows of the last position may be missing; what is laid down of it is read again.
    session.feed.flush().await?;
    session.feed.recover().await
}

/// Where a thread says how it can be interrupted.
type Opened = oneshot::Sender<InterruptHandle>;

/// Interrupts what its thread is doing when it is dropped.
struct Interrupt(InterruptHandle);

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}

/// Runs work in a thread of its own, which ends soon after the guard is dropped.
async fn interruptible<T: Send + 'static>(
    work: impl FnOnce(Opened) -> Result<T, Trouble> + Send + 'static,
) -> Result<(impl Future<Output = Result<T, Trouble>>, Option<Interrupt>), Trouble> {
    let (opened, handle) = oneshot::channel();
    let running = tokio::task::spawn_blocking(move || work(opened));
    // It is dropped unsent when the file cannot be opened, which the work then tells.
    let interrupt = handle.await.ok().map(Interrupt);
    let done = async { running.await.unwrap_or_else(|panic| Err(Trouble::Query(panic.to_string()))) };
    Ok((done, interrupt))
}

/// As [`shape::CLOCK_LAG`] for cursors that are no whole numbers.
fn lag_of(is_number: bool) -> Duration {
    if is_number { Duration::ZERO } else { shape::CLOCK_LAG }
}
