//! When to try again and how long to wait: exponential backoff with full jitter, so that a thousand clients of a server
//! that restarts do not come back in the same instant.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// The message of a status that tonic makes when a stream is cut inside a message; hyper takes such a reset for a clean end.
const CUT_INSIDE_A_MESSAGE: &str = "Unexpected EOF decoding stream.";

/// How often and how fast to try again.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    min: Duration,
    max: Duration,
    max_attempts: Option<u32>,
}

impl Default for RetryPolicy {
    /// Waits of up to 100 ms at first and up to 30 s later, for ever.
    fn default() -> Self {
        Self { min: Duration::from_millis(100), max: Duration::from_secs(30), max_attempts: None }
    }
}

impl RetryPolicy {
    /// The longest first wait; each later one may be twice as long. Default 100 ms.
    #[must_use]
    pub fn min(mut self, min: Duration) -> Self {
        self.min = min;
        self
    }

    /// The longest wait of all, also when it is below `min`. Default 30 s.
    #[must_use]
    pub fn max(mut self, max: Duration) -> Self {
        self.max = max;
        self
    }

    /// Gives up after this many attempts in a row that did not get on; 0 means that nothing is tried again. Default: never gives up.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }
}

/// The state of one series of attempts.
#[derive(Debug)]
pub(crate) struct Backoff {
    policy: RetryPolicy,
    attempts: u32,
}

impl Backoff {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self { policy, attempts: 0 }
    }

    /// How many attempts were begun since the last success.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// A call that lived this long without an end counts as success even when nothing came.
    pub(crate) fn calm_after(&self) -> Duration {
        self.policy.max
    }

    /// Things get on again.
    pub(crate) fn reset(&mut self) {
        self.attempts = 0;
    }

    /// The wait before the next attempt, at least `floor`; `None` when the policy gives up.
    pub(crate) fn next_wait(&mut self, floor: Duration) -> Option<Duration> {
        if self.policy.max_attempts.is_some_and(|max| self.attempts >= max) {
            return None;
        }
        let wait = self.ceiling().mul_f64(rand::random::<f64>());
        self.count_attempt();
        Some(wait.max(floor))
    }

    /// An attempt that does not have to wait.
    pub(crate) fn count_attempt(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    fn ceiling(&self) -> Duration {
        // 2^20 times any sensible minimum is above any sensible maximum.
        let factor = 1_u32 << self.attempts.min(20);
        self.policy.min.saturating_mul(factor).min(self.policy.max)
    }
}

/// Whether the same call may succeed later: the server is not there, is draining or asks to be asked again, or the
/// connection broke. A server's verdict on the request (`INVALID_ARGUMENT`, `NOT_FOUND`, ...) is final.
#[must_use]
pub fn is_retryable(status: &Status) -> bool {
    // A status that a server sent has no source: one that has was made here, of a transport failure.
    if std::error::Error::source(status).is_some() {
        return true;
    }
    match status.code() {
        Code::Unavailable => true,
        Code::ResourceExhausted => status.get_details_retry_info().is_some(),
        // Spile's own errors carry details. Without, it is what stands for a call that was cut off before its status.
        Code::Unknown => status.details().is_empty(),
        Code::Internal => status.message() == CUT_INSIDE_A_MESSAGE,
        _ => false,
    }
}

/// How long the server asks to be left alone; zero when it does not say.
pub(crate) fn asked_wait(status: &Status) -> Duration {
    status.get_details_retry_info().and_then(|info| info.retry_delay).unwrap_or_default()
}

#[cfg(test)]
mod tests;
