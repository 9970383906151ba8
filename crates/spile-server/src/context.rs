//! What every handler is given: metrics, the drain signal, the bounds, the clock, and readiness.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::drain::DrainSignal;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::readiness::Readiness;

/// The shared state of one server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ServerContext {
    /// All metrics.
    pub metrics: Arc<Metrics>,
    /// Tells streams to end.
    pub drain: DrainSignal,
    /// All bounds.
    pub limits: Arc<Limits>,
    /// The wall clock.
    pub clock: Clock,
    /// Where parts say that they are not ready.
    pub readiness: Readiness,
}

impl ServerContext {
    /// A context with the system's clock, in which everything is ready.
    pub fn new(limits: Limits) -> Self {
        Self {
            metrics: Arc::new(Metrics::new()),
            drain: DrainSignal::new(),
            limits: Arc::new(limits),
            clock: Clock::system(),
            readiness: Readiness::new(),
        }
    }
}

/// A source of wall-clock time; tests bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::from_fn(|| {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
        })
    }

    /// A clock that reads `now`: nanoseconds since the Unix epoch.
    pub fn from_fn(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Nanoseconds since the Unix epoch.
    pub fn now_unix_nano(&self) -> u64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
