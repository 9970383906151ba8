//! Runs the server, and stops it in order: unready, no new connections, streams told, connections told, grace, end.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::App;
use super::parts::Parts;
use crate::readiness::Scope;
use crate::transport::Transport;

/// How long requests on the admin port may take to end once the main port has.
const ADMIN_GRACE: Duration = Duration::from_secs(1);

/// The part that is unready once the server stops.
const DRAIN: &str = "drain";

/// How a server stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Every connection ended by itself.
    Drained,
    /// The grace was over, or a second signal came, and this many connections were cut off.
    Forced {
        /// How many.
        connections: usize,
    },
}

impl App {
    /// Serves on all listeners until `shutdown` resolves, then drains. `hurry` ends the drain at once.
    ///
    /// When it returns, no connection and no task of the server is left.
    pub async fn run(
        mut self,
        listener: TcpListener,
        admin_listener: TcpListener,
        shutdown: impl Future<Output = ()>,
        hurry: impl Future<Output = ()>,
    ) -> Stop {
        let working = self.parts.as_ref().map(Parts::start);
        let otlp = std::mem::take(&mut self.otlp);
        let ports = std::iter::once((self.main.clone(), listener)).chain(otlp);
        let ports = ports.map(|(transport, listener)| Running::start(transport, listener)).collect();
        let admin = Running::start(self.admin.clone(), admin_listener);
        shutdown.await;
        let stop = self.drain(ports, hurry).await;
        if let Some(working) = working {
            working.stop().await;
        }
        admin.finish(ADMIN_GRACE, std::future::pending()).await;
        stop
    }

    async fn drain(&self, mut ports: Vec<Running>, hurry: impl Future<Output = ()>) -> Stop {
        let limits = &self.context.limits;
        let hurry = hurry.shared();
        let mut hurried = false;
        let connections: usize = ports.iter().map(|port| port.transport.connections().len()).sum();
        tracing::info!(connections, grace = ?limits.drain_grace, "draining");
        self.context.readiness.lower(DRAIN, Scope::All, "the server is stopping");
        tokio::select! {
            () = tokio::time::sleep(limits.drain_delay) => {}
            () = hurry.clone() => hurried = true,
        }
        for port in &mut ports {
            port.stop_accepting().await;
        }
        self.context.drain.start();
        let grace = if hurried { Duration::ZERO } else { limits.drain_grace };
        let stops = join_all(ports.into_iter().map(|port| port.finish(grace, hurry.clone()))).await;
        stops.into_iter().fold(Stop::Drained, Stop::and)
    }
}

impl Stop {
    /// How two ports stopped together.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Drained, stop) | (stop, Self::Drained) => stop,
            (Self::Forced { connections: one }, Self::Forced { connections: other }) => {
                Self::Forced { connections: one + other }
            }
        }
    }
}

/// A transport whose accept loop runs.
struct Running {
    transport: Transport,
    stop: CancellationToken,
    /// None once it has stopped.
    accepting: Option<JoinHandle<()>>,
}

impl Running {
    fn start(transport: Transport, listener: TcpListener) -> Self {
        let stop = CancellationToken::new();
        let accepting = {
            let (transport, stop) = (transport.clone(), stop.clone());
            tokio::spawn(async move { transport.accept(listener, stop).await })
        };
        Self { transport, stop, accepting: Some(accepting) }
    }

    /// Closes the listener.
    async fn stop_accepting(&mut self) {
        self.stop.cancel();
        if let Some(accepting) = self.accepting.take()
            && let Err(error) = accepting.await
        {
            tracing::error!(%error, "the accept loop panicked");
        }
    }

    /// Asks the connections to go, and cuts off those that are still there after `grace`, or when `hurry` resolves.
    async fn finish(mut self, grace: Duration, hurry: impl Future<Output = ()>) -> Stop {
        self.stop_accepting().await;
        let connections = self.transport.connections().clone();
        connections.leave_all();
        let drained = tokio::select! {
            ended = timeout(grace, self.transport.ended()) => ended.is_ok(),
            () = hurry => false,
        };
        if drained {
            return Stop::Drained;
        }
        let left = connections.len();
        connections.close_all();
        self.transport.ended().await;
        Stop::Forced { connections: left }
    }
}
