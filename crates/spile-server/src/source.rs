//! Sources: what feeds records to a stream from inside the server, each through one trait.

pub mod channel;
pub mod files;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;

use spile_engine::catalog::DEFAULT_STREAM;
use spile_engine::{Engine, EngineError, Stream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::context::ServerContext;
use files::pattern::PatternError;
use files::{FollowOptions, FollowedFiles};

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

/// The sources that a server runs, ready to start.
#[derive(Default)]
pub struct Sources {
    sources: Vec<Box<dyn Source>>,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.sources.iter().map(|source| source.name())).finish()
    }
}

impl Sources {
    /// The sources of a configuration: the files that `follow` names, if it names any. What is known of them is kept in `data_dir`.
    ///
    /// # Errors
    /// The patterns that cannot be read.
    pub fn new(follow: &[String], data_dir: &Path) -> Result<Self, PatternError> {
        let mut sources = Self::default();
        if !follow.is_empty() {
            sources.add(FollowedFiles::new(FollowOptions::new(follow, data_dir)?));
        }
        Ok(sources)
    }

    /// Adds a source.
    pub fn add(&mut self, source: impl Source) {
        self.sources.push(Box::new(source));
    }

    /// Starts all of them as tasks of `tasks`; their records go to the stream `default`. They end when the server drains.
    ///
    /// # Errors
    /// The stream could not be made.
    pub async fn start(
        self,
        engine: &Engine,
        context: &ServerContext,
        tasks: &TaskTracker,
    ) -> Result<(), EngineError> {
        if self.sources.is_empty() {
            return Ok(());
        }
        let engine = engine.clone();
        let made = tokio::task::spawn_blocking(move || engine.stream_or_new(DEFAULT_STREAM)).await;
        let stream = made.expect("making a stream does not panic")?;
        for source in self.sources {
            let sink = Sink { stream: stream.clone(), context: context.clone() };
            tasks.spawn(run(source, sink));
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests;
