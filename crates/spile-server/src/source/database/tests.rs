//! Real SQLite files read into a real engine: every row once, whatever happens to the server, the table and the disk.
#![allow(clippy::unwrap_used)]

mod following;
mod restart;
mod values;

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use rusqlite::Connection;
use spile_engine::cursor::LossPolicy;
use spile_engine::disk::{Disk, OsDisk};
use spile_engine::filter::Filter;
use spile_engine::subscription::{Delivery, Start, SubscriptionPlan};
use spile_engine::{Engine, EngineOptions, Limits, RuntimeThreads, Stream};
use spile_proto::v1::LogRecord;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::DatabaseRows;
use super::address::DatabaseAddress;
use crate::context::ServerContext;
use crate::source::{Sink, Source};
use crate::testing::default_limits;

/// Much longer than anything takes; only a failing test comes near it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database's file and a folder for data.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("logs.db")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The database, made with these statements if they are new.
    fn database(&self, statements: &str) -> Connection {
        let database = Connection::open(self.file()).unwrap();
        database.busy_timeout(PATIENCE).unwrap();
        database.execute_batch(statements).unwrap();
        database
    }

    /// A server that reads it with these parameters.
    fn read(&self, parameters: &str) -> Server {
        self.read_on(Arc::new(OsDisk), parameters)
    }

    fn read_on(&self, disk: Arc<dyn Disk>, parameters: &str) -> Server {
        let url = format!("sqlite://{}?interval=10ms&{parameters}", self.file().display());
        Server::start(disk, &self.data(), &url)
    }
}

/// A server's engine and one database, on a runtime of their own: dropping it takes the tasks away wherever they are, as the end of a
/// process does.
struct Server {
    runtime: Runtime,
    stream: Stream,
    context: ServerContext,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
    _engine: Engine,
}

impl Server {
    fn start(disk: Arc<dyn Disk>, data_dir: &Path, url: &str) -> Self {
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
        let address = DatabaseAddress::parse(url).unwrap();
        let stream = engine.stream_or_new(address.stream()).unwrap();
        let context = ServerContext::new(default_limits());
        let shutdown = CancellationToken::new();
        let source = Box::new(DatabaseRows::new(address, data_dir));
        let sink = Sink { stream: stream.clone(), context: context.clone() };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let running = runtime.spawn(source.run(sink, shutdown.clone()));
        Self { runtime, stream, context, shutdown, running, _engine: engine }
    }

    /// The first `count` records, as soon as there are so many.
    fn records(&self, count: usize) -> Vec<LogRecord> {
        let mut records = Vec::new();
        let read = read(&self.stream, true, count, &mut records);
        let read = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, read).await });
        assert!(read.is_ok(), "waited in vain for {count} records, there are {}", records.len());
        records.truncate(count);
        records
    }

    fn bodies(&self, count: usize) -> Vec<String> {
        self.records(count).into_iter().map(|record| record.body).collect()
    }

    /// Stops in order, and gives the bodies of everything that is stored.
    fn stop(self) -> Vec<String> {
        self.shutdown.cancel();
        let mut records = Vec::new();
        self.runtime.block_on(async {
            tokio::time::timeout(PATIENCE, self.running).await.expect("reading ends").unwrap();
            read(&self.stream, false, usize::MAX, &mut records).await;
        });
        records.into_iter().map(|record| record.body).collect()
    }

    /// Ends as a process that is killed: nothing is flushed, saved or closed.
    fn kill(self) {
        drop(self.runtime);
    }

    /// Waits until a metric's line is there.
    fn until_metric(&self, wanted: &str) {
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
