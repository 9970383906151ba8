//! The accept loop of one port.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{self, CloseReason};
use super::refuse::refuse;
use super::registry::Connections;
use crate::limits::ConnectionLimits;
use crate::metrics::{Metrics, PortLabel, PortReasonLabels};

/// Refusals being said at once; beyond that, connections are refused without a word.
const MAX_REFUSALS: usize = 64;

/// How long accepting rests when the process is out of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Which port a transport serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// gRPC and HTTP for users.
    Main,
    /// Metrics, probes and health for operators.
    Admin,
    /// OTLP alone.
    Otlp,
}

impl Port {
    /// Its name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Admin => "admin",
            Self::Otlp => "otlp",
        }
    }
}

/// Serves a port: accepts connections, bounds them, and keeps all their tasks.
#[derive(Debug, Clone)]
pub struct Transport {
    port: Port,
    router: Router,
    limits: Arc<ConnectionLimits>,
    metrics: Arc<Metrics>,
    connections: Connections,
    tasks: TaskTracker,
    slots: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
}

impl Transport {
    /// A transport that answers with `router`.
    pub fn new(port: Port, router: Router, limits: ConnectionLimits, metrics: Arc<Metrics>) -> Self {
        Self {
            port,
            router,
            slots: Arc::new(Semaphore::new(limits.max_connections)),
            refusals: Arc::new(Semaphore::new(MAX_REFUSALS)),
            limits: Arc::new(limits),
            metrics,
            connections: Connections::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Its open connections.
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Accepts connections until `stop` is cancelled, then closes the listener. Connections go on.
    pub async fn accept(&self, listener: TcpListener, stop: CancellationToken) {
        let mut failing = false;
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    failing = false;
                    self.admit(stream, peer);
                }
                Err(error) if is_of_one_connection(&error) => {
                    tracing::debug!(%error, port = self.port.as_str(), "connection broke before it was accepted");
                }
                Err(error) => {
                    if !std::mem::replace(&mut failing, true) {
                        tracing::error!(%error, port = self.port.as_str(), "cannot accept connections; trying on");
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Waits until every connection, and every task of one, has ended. Accepting must have stopped.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn admit(&self, stream: TcpStream, peer: SocketAddr) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, %peer, "connection was gone before it could be served");
            return;
        }
        match Arc::clone(&self.slots).try_acquire_owned() {
            Ok(slot) => self.serve(stream, peer, slot),
            Err(_) => self.refuse(stream, peer),
        }
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, slot: OwnedSemaphorePermit) {
        let label = PortLabel { port: self.port.as_str() };
        self.metrics.accepted_connections.get_or_create(&label).inc();
        let open = self.metrics.open_connections.get_or_create_owned(&label);
        open.inc();
        let entry = self.connections.enter(peer);
        let this = self.clone();
        self.tasks.spawn(async move {
            let handle = entry.handle.clone();
            let reason =
                connection::serve(stream, this.router.clone(), handle, this.tasks.clone(), &this.limits)
                    .await;
            open.dec();
            this.closed(peer, reason);
            drop(entry);
            drop(slot);
        });
    }

    fn closed(&self, peer: SocketAddr, reason: CloseReason) {
        let reason = match reason {
            CloseReason::CutOff if self.connections.are_closed() => "drain",
            other => other.as_str(),
        };
        let labels = PortReasonLabels { port: self.port.as_str(), reason };
        self.metrics.closed_connections.get_or_create(&labels).inc();
        tracing::debug!(%peer, port = self.port.as_str(), reason, "connection ended");
    }

    fn refuse(&self, stream: TcpStream, peer: SocketAddr) {
        let label = PortLabel { port: self.port.as_str() };
        self.metrics.refused_connections.get_or_create(&label).inc();
        let limit = self.limits.max_connections;
        tracing::debug!(%peer, limit, port = self.port.as_str(), "connection refused: as many as permitted are open");
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
        let connections = self.connections.clone();
        self.tasks.spawn(async move {
            let reason = format!("too many connections; the limit is {limit} (max-connections)");
            tokio::select! {
                () = refuse(stream, &reason) => {}
                () = connections.closed() => {}
            }
            drop(permit);
        });
    }
}

/// Whether a failed accept says something of that one connection, and nothing of the process or the system.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
