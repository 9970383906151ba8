//! Tells calmly of connections that break: not at all when they are back soon.

use std::time::Duration;

use tokio::time::Instant;

/// An outage that is over sooner is not worth a word.
const CALM: Duration = Duration::from_secs(3);

/// Whether a reader is cut off, and whether that was told.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    tell_at: Instant,
    cause: String,
    told: bool,
}

impl Outage {
    /// An attempt failed, for this reason.
    pub(crate) fn begin(&mut self, cause: String) {
        let tell_at = Instant::now() + CALM;
        let current = self.current.get_or_insert(Current { tell_at, cause: String::new(), told: false });
        current.cause = cause;
    }

    /// It is back; gives whether anybody was told that it was away.
    pub(crate) fn end(&mut self) -> bool {
        self.current.take().is_some_and(|current| current.told)
    }

    /// When it is to be told, if it is not over by then.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.current.as_ref().filter(|current| !current.told).map(|current| current.tell_at)
    }

    /// Gives the cause to tell, once, when it is time.
    pub(crate) fn tell(&mut self) -> Option<&str> {
        let current = self.current.as_mut()?;
        if current.told || Instant::now() < current.tell_at {
            return None;
        }
        current.told = true;
        Some(&current.cause)
    }
}

#[cfg(test)]
mod tests;
