//! The connections that are open.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::handle::{ConnectionHandle, ConnectionId};

/// The registry of open connections. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    next_id: AtomicU64,
    open: Mutex<HashMap<ConnectionId, ConnectionHandle>>,
    leaving: CancellationToken,
    closed: CancellationToken,
}

impl Connections {
    /// How many are open.
    pub fn len(&self) -> usize {
        self.open().len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The open connection of this number.
    pub fn get(&self, id: ConnectionId) -> Option<ConnectionHandle> {
        self.open().get(&id).cloned()
    }

    /// All that are open now.
    pub fn all(&self) -> Vec<ConnectionHandle> {
        self.open().values().cloned().collect()
    }

    /// Asks all to go elsewhere, later ones as well.
    pub fn leave_all(&self) {
        self.0.leaving.cancel();
    }

    /// Cuts all off, later ones as well.
    pub fn close_all(&self) {
        self.0.closed.cancel();
    }

    /// Whether all were cut off.
    pub(super) fn are_closed(&self) -> bool {
        self.0.closed.is_cancelled()
    }

    /// Waits until all are cut off.
    pub(super) async fn closed(&self) {
        self.0.closed.cancelled().await;
    }

    /// Enters a new connection; it is taken out when the result is dropped.
    pub(super) fn enter(&self, peer: SocketAddr) -> Entry {
        let id = ConnectionId(self.0.next_id.fetch_add(1, Ordering::Relaxed));
        let handle =
            ConnectionHandle::new(id, peer, self.0.leaving.child_token(), self.0.closed.child_token());
        self.open().insert(id, handle.clone());
        Entry { connections: self.clone(), handle }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<ConnectionId, ConnectionHandle>> {
        // Nothing under the lock can leave the map half changed.
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a connection in the registry.
#[derive(Debug)]
pub(super) struct Entry {
    connections: Connections,
    pub(super) handle: ConnectionHandle,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.connections.open().remove(&self.handle.id());
    }
}
