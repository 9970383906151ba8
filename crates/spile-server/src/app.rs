//! The server as a value: built from a configuration, run on listeners that are bound already, stopped by any future.

mod build;
mod housekeeping;
mod parts;
mod run;
mod sources;

#[cfg(test)]
mod tests;

use tokio::net::TcpListener;

use crate::context::ServerContext;
use crate::limits::ConnectionLimits;
use crate::router;
use crate::services::Services;
use crate::transport::{Connections, Port, Transport};

pub use build::BuildError;
pub use parts::{OpenError, SourceError};
pub use run::Stop;

/// Connections open at once on the admin port.
const MAX_ADMIN_CONNECTIONS: usize = 128;

/// A server that is ready to run. Made by [`Config::build`](crate::config::Config::build).
#[derive(Debug)]
pub struct App {
    context: ServerContext,
    main: Transport,
    admin: Transport,
    /// The further ports for OTLP, already bound.
    otlp: Vec<(Transport, TcpListener)>,
    /// What works behind the services; tests of the transport do without.
    parts: Option<parts::Parts>,
}

impl App {
    /// A server that offers `services`, and health and reflection beside them.
    pub fn new(context: ServerContext, services: Services) -> Self {
        let limits = context.limits.connection.clone();
        let admin_limits = ConnectionLimits { max_connections: MAX_ADMIN_CONNECTIONS, ..limits };
        let transport = |port, router, limits| Transport::new(port, router, limits, context.metrics.clone());
        Self {
            main: transport(Port::Main, router::main(&context, services), limits),
            admin: transport(Port::Admin, router::admin(&context), admin_limits),
            otlp: Vec::new(),
            context,
            parts: None,
        }
    }

    /// Has the server serve OTLP, and nothing else, on this listener too. A server without an engine takes none.
    pub fn serve_otlp(&mut self, listener: TcpListener) {
        let Some(parts) = &self.parts else { return };
        let router = router::otlp(&self.context, parts.otlp());
        let limits = self.context.limits.connection.clone();
        let transport = Transport::new(Port::Otlp, router, limits, self.context.metrics.clone());
        self.otlp.push((transport, listener));
    }

    /// What its handlers are given. A clone of it outlives the server, so that tests can look at what is left.
    pub fn context(&self) -> &ServerContext {
        &self.context
    }

    /// The engine behind the services.
    pub fn engine(&self) -> Option<&spile_engine::Engine> {
        self.parts.as_ref().map(parts::Parts::engine)
    }

    /// The connections of the main port.
    pub fn connections(&self) -> &Connections {
        self.main.connections()
    }
}
