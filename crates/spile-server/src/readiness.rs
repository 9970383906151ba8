//! Whether the server should be sent calls, and if not, why: the one truth behind `/readyz` and gRPC health.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

/// What a lowered part makes unusable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every service.
    All,
    /// Only these services, by their full names; the server as a whole counts as unready all the same.
    Services(&'static [&'static str]),
}

/// Why a part is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    /// In words, for operators.
    pub reason: String,
    /// What it makes unusable.
    pub scope: Scope,
}

/// The parts that are not ready, by name.
pub type UnreadyParts = BTreeMap<&'static str, Unready>;

/// A registry of the parts that are not ready. The server is ready when there is none. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Readiness(Arc<watch::Sender<UnreadyParts>>);

impl Default for Readiness {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(UnreadyParts::new())))
    }
}

impl Readiness {
    /// A registry in which every part is ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that `part` is not ready, and why. Replaces what was said of it before.
    pub fn lower(&self, part: &'static str, scope: Scope, reason: impl Into<String>) {
        let unready = Unready { reason: reason.into(), scope };
        self.0.send_if_modified(|parts| parts.insert(part, unready.clone()) != Some(unready));
    }

    /// Says that `part` is ready again.
    pub fn raise(&self, part: &str) {
        self.0.send_if_modified(|parts| parts.remove(part).is_some());
    }

    /// Whether every part is ready.
    pub fn is_ready(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// The parts that are not ready now.
    pub fn unready_parts(&self) -> UnreadyParts {
        self.0.borrow().clone()
    }

    /// Follows the changes.
    pub fn subscribe(&self) -> watch::Receiver<UnreadyParts> {
        self.0.subscribe()
    }
}

/// Whether `service` can be used while `parts` are not ready; the empty name means the server as a whole.
pub fn is_serving(parts: &UnreadyParts, service: &str) -> bool {
    if service.is_empty() {
        return parts.is_empty();
    }
    !parts.values().any(|unready| match unready.scope {
        Scope::All => true,
        Scope::Services(services) => services.contains(&service),
    })
}
