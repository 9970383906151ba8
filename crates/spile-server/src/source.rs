//! Sources: what feeds records to a stream from inside the server, each through one trait.

pub mod channel;
pub mod database;
pub mod files;
pub mod syslog;

use std::future::Future;
use std::pin::Pin;

use spile_engine::Stream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::context::ServerContext;

/// The work of a source, until it ends.
pub type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where records come from.
pub trait Source: Send + 'static {
    /// What it is called in the server's log.
    fn name(&self) -> &'static str;

    /// Feeds records to the sink until there are no more, or `shutdown` is given: then it stops taking in, waits until what it has
    /// appended is durable, and returns.
    fn run(self: Box<Self>, sink: Sink, shutdown: CancellationToken) -> Running;
}

/// Where a source's records go.
#[derive(Debug, Clone)]
pub struct Sink {
    /// The stream.
    pub stream: Stream,
    /// The clock, the bounds and the metrics.
    pub context: ServerContext,
}

/// Starts a source as one of `tasks`. It ends when the server drains.
pub fn start(source: impl Source, sink: Sink, tasks: &TaskTracker) {
    tasks.spawn(run(Box::new(source), sink));
}

/// Runs one source until it ends, or the server drains.
async fn run(source: Box<dyn Source>, sink: Sink) {
    let name = source.name();
    let drain = sink.context.drain.clone();
    let shutdown = CancellationToken::new();
    let mut running = source.run(sink, shutdown.clone());
    tokio::select! {
        () = &mut running => tracing::info!(source = name, "source ended"),
        () = drain.drained() => {
            shutdown.cancel();
            running.await;
        }
    }
}
