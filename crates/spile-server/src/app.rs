//! The server as a value: built from a configuration, run on listeners that are bound already, stopped by any future.

mod build;
mod run;

#[cfg(test)]
mod tests;

use axum::Router;

use crate::context::ServerContext;

pub use build::BuildError;
pub use run::Stop;

/// A server that is ready to run. Made by [`Config::build`](crate::config::Config::build).
#[derive(Debug)]
pub struct App {
    context: ServerContext,
    main: Router,
    admin: Router,
}

impl App {
    /// What its handlers are given. A clone of it outlives the server, so that tests can look at what is left.
    pub fn context(&self) -> &ServerContext {
        &self.context
    }
}
