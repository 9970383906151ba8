//! Handles by which anyone can end a connection or one of its streams.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A connection's number, unique in its server's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// An open connection, as seen from outside. Cheap to clone; found in each request's extensions.
#[derive(Debug, Clone)]
pub struct ConnectionHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    id: ConnectionId,
    peer: SocketAddr,
    opened: Instant,
    /// Asked to leave: GOAWAY, and the end when the last stream has ended.
    leaving: CancellationToken,
    /// Cut off.
    closed: CancellationToken,
    open_streams: AtomicUsize,
    /// Streams that have been opened so far.
    total_streams: AtomicU64,
    /// When the last stream began or ended, in milliseconds after `opened`.
    last_active_ms: AtomicU64,
    /// Bytes read from the peer.
    received_bytes: AtomicU64,
    /// Bytes that the peer's socket has taken.
    sent_bytes: AtomicU64,
}

impl ConnectionHandle {
    /// A handle of a new connection. It leaves and closes with the tokens' owner, or by itself.
    pub(super) fn new(
        id: ConnectionId,
        peer: SocketAddr,
        leaving: CancellationToken,
        closed: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared {
            id,
            peer,
            opened: Instant::now(),
            leaving,
            closed,
            open_streams: AtomicUsize::new(0),
            total_streams: AtomicU64::new(0),
            last_active_ms: AtomicU64::new(0),
            received_bytes: AtomicU64::new(0),
            sent_bytes: AtomicU64::new(0),
        }))
    }

    /// Its number.
    pub fn id(&self) -> ConnectionId {
        self.0.id
    }

    /// The other end.
    pub fn peer(&self) -> SocketAddr {
        self.0.peer
    }

    /// How many requests are being answered.
    pub fn open_streams(&self) -> usize {
        self.0.open_streams.load(Ordering::Relaxed)
    }

    /// Bytes read from the peer so far.
    pub fn received_bytes(&self) -> u64 {
        self.0.received_bytes.load(Ordering::Relaxed)
    }

    /// Bytes that the operating system has taken for the peer so far. It stands still while the peer does not read.
    pub fn sent_bytes(&self) -> u64 {
        self.0.sent_bytes.load(Ordering::Relaxed)
    }

    /// Cuts the connection off: its streams are dropped, nothing more is written, and the peer sees a reset.
    pub fn close(&self) {
        self.0.closed.cancel();
    }

    /// Asks the peer to go elsewhere (GOAWAY). Open streams go on; the connection ends with the last of them.
    pub fn leave(&self) {
        self.0.leaving.cancel();
    }

    /// Whether [`ConnectionHandle::close`] was called, or the server closed all connections.
    pub fn is_closed(&self) -> bool {
        self.0.closed.is_cancelled()
    }

    pub(super) async fn closed(&self) {
        self.0.closed.cancelled().await;
    }

    pub(super) async fn asked_to_leave(&self) {
        self.0.leaving.cancelled().await;
    }

    /// Counts a new stream, which ends when the result is dropped.
    pub(super) fn open_stream(&self) -> OpenStream {
        self.0.open_streams.fetch_add(1, Ordering::Relaxed);
        self.0.total_streams.fetch_add(1, Ordering::Relaxed);
        self.touch();
        OpenStream(self.clone())
    }

    pub(super) fn new_stream_handle(&self) -> StreamHandle {
        StreamHandle { connection: self.clone(), reset: self.0.closed.child_token(), alone: false }
    }

    /// Whether a request has ever arrived on it.
    pub(super) fn has_had_stream(&self) -> bool {
        self.0.total_streams.load(Ordering::Relaxed) > 0
    }

    pub(super) fn count_received(&self, bytes: usize) {
        self.0.received_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn count_sent(&self, bytes: usize) {
        self.0.sent_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// How long no stream has been open.
    pub(super) fn idle_for(&self) -> Duration {
        if self.open_streams() > 0 {
            return Duration::ZERO;
        }
        let last_active = Duration::from_millis(self.0.last_active_ms.load(Ordering::Relaxed));
        self.0.opened.elapsed().saturating_sub(last_active)
    }

    fn touch(&self) {
        let ms = u64::try_from(self.0.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.last_active_ms.store(ms, Ordering::Relaxed);
    }
}

/// Keeps a stream counted.
#[derive(Debug)]
pub(super) struct OpenStream(ConnectionHandle);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.touch();
        self.0.0.open_streams.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One request and its response, as seen from outside. Cheap to clone; found in the request's extensions.
#[derive(Debug, Clone)]
pub struct StreamHandle {
    connection: ConnectionHandle,
    reset: CancellationToken,
    /// Whether the connection carries nothing else: HTTP/1.1.
    alone: bool,
}

impl StreamHandle {
    /// The connection that carries it.
    pub fn connection(&self) -> &ConnectionHandle {
        &self.connection
    }

    /// Ends it at once, even when its reader's window is shut: what it holds is dropped, bytes that wait are thrown away, and an
    /// HTTP/2 peer sees RST_STREAM. On HTTP/1.1, where a connection carries one request at a time, the connection is closed.
    pub fn reset(&self) {
        self.reset.cancel();
        if self.alone {
            self.connection.close();
        }
    }

    /// The same, on a connection that carries nothing else.
    pub(super) fn alone(self) -> Self {
        Self { alone: true, ..self }
    }

    pub(super) async fn was_reset(&self) {
        self.reset.cancelled().await;
    }
}
