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

use tokio::time::MissedTickBehavior;

use super::tap::Shared;
use crate::metrics::Metrics;

/// The open streams. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Taps(Arc<Inner>);

#[derive(Default)]
struct Inner {
    next: AtomicU64,
    open: Mutex<HashMap<u64, Arc<Shared>>>,
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
    pub(super) fn register(&self, shared: Arc<Shared>) -> Registration {
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
        let late: Vec<Arc<Shared>> = {
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

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Shared>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
