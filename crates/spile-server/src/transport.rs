//! Connections: accepting, bounding, serving, and closing them from outside.
//!
//! The accept loop is our own because a connection whose peer has stopped reading cannot be ended from within: hyper no
//! longer polls its bodies, and keepalive still passes. A [`ConnectionHandle`] closes it; a [`StreamHandle`] resets one
//! stream and leaves the others of the connection alone.

mod accept;
mod connection;
mod executor;
mod handle;
mod io;
mod refuse;
mod registry;
mod service;

#[cfg(test)]
mod tests;

pub use accept::{Port, Transport};
pub use handle::{ConnectionHandle, ConnectionId, StreamHandle};
pub use registry::Connections;
