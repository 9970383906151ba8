//! Syslog over TCP and UDP: each message becomes a record. `docs/sources.md` has the semantics.
//!
//! In reading order: `address` (where to listen), `bind`, `zone` (of times that have none), `reader` (from bytes to records), `store` (records into the
//! stream), `tcp`, `udp`, and `drops` (what the system threw away).

pub mod address;
pub mod zone;

mod bind;
mod drops;
mod reader;
mod store;
mod tcp;
mod udp;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::address::SyslogAddress;
pub use self::bind::{BindError, Listeners, bind};
use self::zone::Zone;
use super::{Running, Sink, Source};

/// Where syslog is taken in, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyslogOptions {
    /// Where to listen.
    pub listen: Vec<SyslogAddress>,
    /// The stream that the records go to.
    pub stream: String,
    /// The zone of times that name none.
    pub zone: Zone,
    /// Connections open at once.
    pub max_connections: usize,
    /// What the system keeps of datagrams that are not read yet, bytes.
    pub udp_buffer_bytes: usize,
}

/// Syslog as a source.
#[derive(Debug)]
pub struct Syslog {
    listeners: Listeners,
    zone: Zone,
    max_connections: usize,
}

impl Syslog {
    /// What comes in at these listeners.
    #[must_use]
    pub fn new(listeners: Listeners, options: &SyslogOptions) -> Self {
        Self { listeners, zone: options.zone.clone(), max_connections: options.max_connections }
    }
}

impl Source for Syslog {
    fn name(&self) -> &'static str {
        "syslog"
    }

    fn run(self: Box<Self>, sink: Sink, shutdown: CancellationToken) -> Running {
        Box::pin(async move {
            let Self { listeners, zone, max_connections } = *self;
            let tasks = TaskTracker::new();
            let door = tcp::Door::new(sink.clone(), zone.clone(), max_connections, tasks.clone());
            for listener in listeners.tcp {
                tasks.spawn(door.clone().accept(listener, shutdown.clone()));
            }
            for socket in listeners.udp {
                tasks.spawn(udp::receive(socket, sink.clone(), zone.clone(), shutdown.clone()));
            }
            tasks.close();
            tasks.wait().await;
        })
    }
}

#[cfg(test)]
mod tests;
