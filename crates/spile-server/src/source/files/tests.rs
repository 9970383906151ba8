//! Real files followed into a real engine: every line once, in its file's order, whatever happens to the files and the server.
#![allow(clippy::unwrap_used)]

mod basics;
mod containers;
mod identity;
mod model;
mod restart;
mod rotation;
mod trouble;

use std::fs::{self, OpenOptions};
use std::future::poll_fn;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use spile_engine::cursor::LossPolicy;
use spile_engine::disk::{Disk, OsDisk};
use spile_engine::filter::Filter;
use spile_engine::record::Value;
use spile_engine::subscription::{Delivery, Start, SubscriptionPlan};
use spile_engine::{Engine, EngineOptions, Limits, RecordView, RuntimeThreads, Stream};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{FollowOptions, FollowedFiles, Timing};
use crate::context::ServerContext;
use crate::source::{Sink, Source};
use crate::testing::default_limits;

/// Much longer than anything takes; only a failing test comes near it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looking often.
const TIMING: Timing = Timing {
    poll: Duration::from_millis(10),
    gather: Duration::from_millis(1),
    save: Duration::from_millis(20),
    deleted: Duration::from_secs(1),
    renamed: Duration::from_secs(3),
};

/// Looking often, and giving files up at once.
const HASTY: Timing =
    Timing { deleted: Duration::from_millis(10), renamed: Duration::from_millis(10), ..TIMING };

/// Folders for logs and for data.
struct Place {
    logs: TempDir,
    data: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { logs: tempfile::tempdir().unwrap(), data: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.logs.path().join(name)
    }

    /// Appends to a file, which is made if needed with the folders that it is in.
    fn append(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(text.as_ref()).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    fn truncate(&self, name: &str) {
        OpenOptions::new().write(true).truncate(true).open(self.path(name)).unwrap();
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// A server that follows these patterns below the folder for logs.
    fn follow(&self, patterns: &[&str]) -> Server {
        self.follow_with(patterns, TIMING)
    }

    fn follow_with(&self, patterns: &[&str], timing: Timing) -> Server {
        let patterns: Vec<_> =
            patterns.iter().map(|pattern| self.path(pattern).display().to_string()).collect();
        Server::start(Arc::new(OsDisk), self.data.path(), &patterns, timing)
    }
}

/// A server's engine and its followed files, on a runtime of their own: dropping it takes the tasks away wherever they are, as the end of
/// a process does.
struct Server {
    runtime: Runtime,
    stream: Stream,
    context: ServerContext,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
    _engine: Engine,
}

/// A stored record, as far as these tests look.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    body: String,
    file: String,
}

impl Server {
    fn start(disk: Arc<dyn Disk>, data_dir: &Path, patterns: &[String], timing: Timing) -> Self {
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
        let stream = engine.stream_or_new("default").unwrap();
        let context = ServerContext::new(default_limits());
        let follow = FollowOptions { timing, ..FollowOptions::new(patterns, data_dir).unwrap() };
        let shutdown = CancellationToken::new();
        let source = Box::new(FollowedFiles::new(follow));
        let sink = Sink { stream: stream.clone(), context: context.clone() };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let running = runtime.spawn(source.run(sink, shutdown.clone()));
        Self { runtime, stream, context, shutdown, running, _engine: engine }
    }

    /// The bodies of the first `count` records, as soon as there are so many.
    fn bodies(&self, count: usize) -> Vec<String> {
        self.lines(count).into_iter().map(|line| line.body).collect()
    }

    /// The first `count` records, as soon as there are so many.
    fn lines(&self, count: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        let read = read(&self.stream, true, count, &mut lines);
        let read = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, read).await });
        if read.is_err() {
            lines.truncate(50);
            panic!("waited in vain for {count} records: {lines:#?}");
        }
        lines.truncate(count);
        lines
    }

    /// Stops in order, and gives everything that is stored.
    fn stop(self) -> Vec<Line> {
        self.shutdown.cancel();
        let mut lines = Vec::new();
        self.runtime.block_on(async {
            tokio::time::timeout(PATIENCE, self.running).await.expect("following ends").unwrap();
            read(&self.stream, false, usize::MAX, &mut lines).await;
        });
        lines
    }

    fn stop_bodies(self) -> Vec<String> {
        self.stop().into_iter().map(|line| line.body).collect()
    }

    /// Ends as a process that is killed: nothing is flushed, saved or closed.
    fn kill(self) {
        drop(self.runtime);
    }

    /// Waits until a condition holds, looking again whenever the disk has been looked at.
    fn until(&self, what: &str, condition: impl Fn(&ServerContext) -> bool) {
        let holds = async {
            let mut again = tokio::time::interval(Duration::from_millis(2));
            while !condition(&self.context) {
                again.tick().await;
            }
        };
        let held = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, holds).await });
        assert!(held.is_ok(), "waited in vain until {what}");
    }
}

/// Reads records from the beginning on, until there are `count`; the end of what is stored ends it too, unless it follows.
async fn read(stream: &Stream, follow: bool, count: usize, lines: &mut Vec<Line>) {
    let filter = Filter::all();
    let plan = SubscriptionPlan {
        start: Start::Oldest,
        follow,
        filter,
        limit: None,
        loss_policy: LossPolicy::CatchUp,
    };
    let mut subscription = stream.subscribe(plan);
    while lines.len() < count {
        match poll_fn(|cx| subscription.poll_delivery(cx)).await {
            Some(Ok(Delivery::Records(picked))) => {
                let frame = picked.frame();
                lines.extend(picked.indexes().map(|at| {
                    let record = frame.record(at);
                    let file = match record.resource_attribute("log.file.name") {
                        Some(Value::Str(name)) => name.into_owned(),
                        _ => String::new(),
                    };
                    Line { body: record.body().to_owned(), file }
                }));
            }
            Some(Ok(Delivery::Gap { from, to, .. })) => panic!("a gap from {from} to {to}"),
            Some(Ok(_)) => {}
            Some(Err(error)) => panic!("{error}"),
            None => return,
        }
    }
}
