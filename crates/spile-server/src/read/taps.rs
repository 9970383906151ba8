//! The streams that are open, and the watchdog that frees those whose readers have stopped reading.
//!
//! A shut window cannot be noticed from within a body, because nobody polls it; keepalive passes all the same. So the watchdog
//! looks from outside: what was given out and not come back for within the stall limit is a stalled reader. First its
//! subscription is freed; when the window stays shut for as long again, its HTTP stream is reset. Other streams of the same
//! connection go on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

use crate::metrics::Metrics;

/// The open streams. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Taps(Arc<Inner>);

#[derive(Default)]
struct Inner {
    next: AtomicU64,
    open: Mutex<HashMap<u64, Arc<dyn Watched>>>,
}

/// What the watchdog sees of a body.
pub(super) trait Watched: Send + Sync {
    /// For how long its reader has left what it was given.
    fn not_read_for(&self) -> Duration;
    /// Whether [`stall`](Self::stall) freed it and its reader has not come back.
    fn is_stalled(&self) -> bool;
    /// Frees what it holds.
    fn stall(&self);
    /// Ends its HTTP stream, whose reader's window stays shut.
    fn reset(&self);
}

/// When a body's reader was given something that it has not come back for.
pub(super) struct Patience {
    started: Instant,
    /// Milliseconds after `started`.
    given_out_ms: AtomicU64,
}

/// `given_out_ms` while the reader waits for more.
const WAITING: u64 = u64::MAX;

impl Default for Patience {
    fn default() -> Self {
        Self { started: Instant::now(), given_out_ms: AtomicU64::new(WAITING) }
    }
}

impl Patience {
    pub(super) fn came_back(&self) {
        self.given_out_ms.store(WAITING, Ordering::Relaxed);
    }

    pub(super) fn given_out(&self) {
        let now = self.started.elapsed().as_millis() as u64;
        self.given_out_ms.store(now, Ordering::Relaxed);
    }

    pub(super) fn not_read_for(&self) -> Duration {
        match self.given_out_ms.load(Ordering::Relaxed) {
            WAITING => Duration::ZERO,
            at => self.started.elapsed().saturating_sub(Duration::from_millis(at)),
        }
    }
}

/// Keeps a stream registered.
pub(super) struct Registration {
    taps: Taps,
    id: u64,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.taps.open().remove(&self.id);
    }
}

impl std::fmt::Debug for Taps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Taps").field("open", &self.open().len()).finish()
    }
}

impl Taps {
    pub(super) fn register(&self, shared: Arc<dyn Watched>) -> Registration {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.open().insert(id, shared);
        Registration { taps: self.clone(), id }
    }

    /// Looks after the open streams for ever.
    pub(crate) async fn watch(self, stall_limit: Duration, metrics: Arc<Metrics>) {
        let often = (stall_limit / 8).clamp(Duration::from_millis(10), Duration::from_secs(5));
        let mut ticks = tokio::time::interval(often);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let stalled = self.look(stall_limit);
            metrics.stalled_streams.set(stalled);
        }
    }

    /// One look at every stream. Returns how many are stalled.
    fn look(&self, stall_limit: Duration) -> i64 {
        let late: Vec<Arc<dyn Watched>> = {
            let open = self.open();
            open.values().filter(|shared| shared.not_read_for() >= stall_limit).cloned().collect()
        };
        for shared in &late {
            if !shared.is_stalled() {
                shared.stall();
            } else if shared.not_read_for() >= stall_limit * 2 {
                shared.reset();
            }
        }
        late.len() as i64
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<dyn Watched>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
