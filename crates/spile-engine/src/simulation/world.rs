//! A data folder on a disk that fails on purpose, and the engine in it.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use crate::blocking::{Blocking, Task};
use crate::disk::Disk;
use crate::disk::faulty::{FaultyDisk, FaultyStore};
use crate::{Engine, EngineError, EngineOptions, Limits, SegmentLayout, Stream};

/// Where everything lies.
pub(super) const DATA: &str = "/data";

/// The stream's name.
pub(super) const STREAM: &str = "default";

/// Runs what blocks at once, where it is asked for.
struct Inline;

impl Blocking for Inline {
    fn run(&self, task: Task) {
        task();
    }
}

/// What outlives a process: the disk, and that numbers do not repeat.
#[derive(Clone)]
pub(super) struct World {
    pub(super) disk: FaultyDisk,
    pub(super) limits: Limits,
    random: Arc<AtomicU64>,
    blocking: Arc<dyn Blocking>,
}

/// Bounds so small that a few records make files, row groups and evictions.
pub(super) fn small_limits(segment_records: u64) -> Limits {
    Limits {
        ring_bytes: 2_000,
        journal_file_bytes: 1_500,
        cold_read_bytes: 600,
        scan_bytes_per_poll: 1_000,
        segment: SegmentLayout { group_records: 6, page_records: 2, segment_records },
        segment_index_bytes: 1 << 20,
        cold_frame_bytes: 1 << 20,
        // One row group after the other: more would take threads.
        scan_threads: 1,
        ..Limits::default()
    }
}

impl World {
    pub(super) fn new(limits: Limits) -> Self {
        let disk = FaultyDisk::default();
        Self { disk, limits, random: Arc::new(AtomicU64::new(1)), blocking: Arc::new(Inline) }
    }

    /// The same world with its blocking work run elsewhere.
    pub(super) fn blocking(self, blocking: Arc<dyn Blocking>) -> Self {
        Self { blocking, ..self }
    }

    /// The same world with another disk.
    pub(super) fn with(&self, disk: FaultyDisk) -> Self {
        Self { disk, ..self.clone() }
    }

    pub(super) fn open(&self) -> Result<(Engine, Stream), EngineError> {
        let random = Arc::clone(&self.random);
        let engine = Engine::open(EngineOptions {
            data_dir: DATA.into(),
            disk: Arc::new(self.disk.clone()),
            limits: self.limits.clone(),
            repair: false,
            store: Some(Arc::new(FaultyStore::new(self.disk.clone(), DATA))),
            random: Arc::new(move || random.fetch_add(1, Ordering::Relaxed)),
            blocking: Arc::clone(&self.blocking),
        })?;
        let stream = engine.stream_or_new(STREAM)?;
        Ok((engine, stream))
    }

    /// The names in a folder of the stream.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let dir = Path::new(DATA).join("streams").join(STREAM).join(folder);
        let mut names = self.disk.list(&dir).unwrap_or_default();
        names.sort();
        names
    }
}

/// Waits for what is ready as soon as it is asked often enough.
pub(super) fn drive<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..100_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
    panic!("it is never ready");
}
