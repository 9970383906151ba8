//! A source on a real engine, alone: tests of sources start, read, stop and kill it.

use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use spile_engine::cursor::LossPolicy;
use spile_engine::disk::Disk;
use spile_engine::filter::Filter;
use spile_engine::subscription::{Delivery, Start, SubscriptionPlan};
use spile_engine::{Engine, EngineOptions, Limits, RuntimeThreads, Stream};
use spile_proto::v1::LogRecord;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::default_limits;
use crate::context::ServerContext;
use crate::source::{Sink, Source};

/// Much longer than anything takes; only a failing test comes near it.
const PATIENCE: Duration = Duration::from_secs(60);

/// An engine and one source, on a runtime of their own: dropping it takes the tasks away wherever they are, as the end of a
/// process does.
pub(crate) struct SourceServer {
    runtime: Runtime,
    pub(crate) stream: Stream,
    pub(crate) context: ServerContext,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
    _engine: Engine,
}

impl SourceServer {
    /// Starts a source that feeds this stream.
    pub(crate) fn start<S: Source>(
        disk: Arc<dyn Disk>,
        data_dir: &Path,
        stream: &str,
        make: impl FnOnce() -> S,
    ) -> Self {
        let options = EngineOptions {
            data_dir: data_dir.to_path_buf(),
            disk,
            limits: Limits::default(),
            repair: false,
            store: None,
            random: Arc::new(rand::random),
            blocking: Arc::new(RuntimeThreads),
        };
        let engine = Engine::open(options).unwrap();
        let stream = engine.stream_or_new(stream).unwrap();
        let context = ServerContext::new(default_limits());
        let shutdown = CancellationToken::new();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let sink = Sink { stream: stream.clone(), context: context.clone() };
        let running = {
            let _inside = runtime.enter();
            let source = Box::new(make());
            runtime.spawn(source.run(sink, shutdown.clone()))
        };
        Self { runtime, stream, context, shutdown, running, _engine: engine }
    }

    /// The first `count` records, as soon as there are so many.
    pub(crate) fn records(&self, count: usize) -> Vec<LogRecord> {
        let mut records = Vec::new();
        let read = read(&self.stream, true, count, &mut records);
        let read = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, read).await });
        assert!(read.is_ok(), "waited in vain for {count} records, there are {}", records.len());
        records.truncate(count);
        records
    }

    pub(crate) fn bodies(&self, count: usize) -> Vec<String> {
        self.records(count).into_iter().map(|record| record.body).collect()
    }

    /// Stops in order, and gives the bodies of everything that is stored.
    pub(crate) fn stop(self) -> Vec<String> {
        self.shutdown.cancel();
        let mut records = Vec::new();
        self.runtime.block_on(async {
            tokio::time::timeout(PATIENCE, self.running).await.expect("reading ends").unwrap();
            read(&self.stream, false, usize::MAX, &mut records).await;
        });
        records.into_iter().map(|record| record.body).collect()
    }

    /// Ends as a process that is killed: nothing is flushed, saved or closed.
    pub(crate) fn kill(self) {
        drop(self.runtime);
    }

    /// Waits until a metric's line is there.
    pub(crate) fn until_metric(&self, wanted: &str) {
        let holds = async {
            let mut again = tokio::time::interval(Duration::from_millis(5));
            while !self.context.metrics.render().lines().any(|line| line == wanted) {
                again.tick().await;
            }
        };
        let held = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, holds).await });
        assert!(held.is_ok(), "waited in vain for {wanted}");
    }
}

/// Reads records from the beginning on, until there are `count`; the end of what is stored ends it too, unless it follows.
async fn read(stream: &Stream, follow: bool, count: usize, records: &mut Vec<LogRecord>) {
    let filter = Filter::all();
    let loss_policy = LossPolicy::CatchUp;
    let plan = SubscriptionPlan { start: Start::Oldest, follow, filter, limit: None, loss_policy };
    let mut subscription = stream.subscribe(plan);
    while records.len() < count {
        match poll_fn(|cx| subscription.poll_delivery(cx)).await {
            Some(Ok(Delivery::Records(picked))) => {
                let frame = picked.frame();
                records.extend(
                    picked.indexes().map(|at| LogRecord::decode(frame.record(at).encoded()).unwrap()),
                );
            }
            Some(Ok(Delivery::Gap { from, to, .. })) => panic!("a gap from {from} to {to}"),
            Some(Ok(_)) => {}
            Some(Err(error)) => panic!("{error}"),
            None => return,
        }
    }
}
