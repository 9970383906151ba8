//! What tests of reading share: a stream on a real disk beside the list of what was appended to it.

#![allow(clippy::unwrap_used)]

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use spile_proto::v1::LogRecord;
use tempfile::TempDir;

use crate::SegmentLayout;
use crate::cursor::{End, GapCause};
use crate::disk::OsDisk;
use crate::frame::Rows;
use crate::journal::ReadError;
use crate::subscription::Delivery;
use crate::{Append, Engine, EngineOptions, FrameDraft, Limits, Retention, RuntimeThreads, Stream};

/// One record as it was appended; its body starts with its offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) time: u64,
    pub(crate) severity: u8,
}

/// A stream and what it must hold, by offset.
pub(crate) struct Fixture {
    dir: TempDir,
    limits: Limits,
    pub(crate) engine: Engine,
    pub(crate) stream: Stream,
    pub(crate) entries: Vec<Entry>,
}

/// Bounds so small that a few dozen records lie in memory, on disk, and in several files.
pub(crate) fn small_limits() -> Limits {
    Limits {
        ring_bytes: 12_000,
        journal_file_bytes: 4_000,
        cold_read_bytes: 1_500,
        scan_bytes_per_poll: 1_000,
        segment: SegmentLayout { group_records: 32, page_records: 4, segment_records: 128 },
        ..Limits::default()
    }
}

fn open(dir: &Path, limits: &Limits, repair: bool) -> (Engine, Stream) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let options = EngineOptions {
        data_dir: dir.to_path_buf(),
        disk: Arc::new(OsDisk),
        limits: limits.clone(),
        repair,
        store: None,
        random: Arc::new(|| NEXT.fetch_add(1, Ordering::Relaxed)),
        blocking: Arc::new(RuntimeThreads),
    };
    let engine = Engine::open(options).unwrap();
    let stream = engine.stream_or_new("default").unwrap();
    (engine, stream)
}

impl Fixture {
    pub(crate) fn new(limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (engine, stream) = open(dir.path(), &limits, false);
        Self { dir, limits, engine, stream, entries: Vec::new() }
    }

    /// A stream with these batches of records in it.
    pub(crate) async fn with(limits: Limits, batches: &[Vec<Entry>]) -> Self {
        let mut fixture = Self::new(limits);
        for batch in batches {
            fixture.append(batch).await;
        }
        fixture
    }

    /// The same, of which the first batches lie in segments.
    pub(crate) async fn sealed(limits: Limits, batches: &[Vec<Entry>], sealed: usize) -> Self {
        let (old, new) = batches.split_at(sealed.min(batches.len()));
        let mut fixture = Self::with(limits, old).await;
        fixture.stream.seal().unwrap();
        for batch in new {
            fixture.append(batch).await;
        }
        fixture
    }

    /// The body of the record at an offset: what is odd can be searched for.
    pub(crate) fn body(offset: u64) -> String {
        format!("{offset} {}", if offset % 2 == 1 { "odd" } else { "even" })
    }

    pub(crate) async fn append(&mut self, batch: &[Entry]) {
        let mut draft = FrameDraft::default();
        for entry in batch {
            let record = LogRecord {
                time_unix_nano: entry.time,
                observed_time_unix_nano: 1,
                severity_number: entry.severity.into(),
                body: Self::body(self.entries.len() as u64),
                ..LogRecord::default()
            };
            draft.push(&record, None, 1).unwrap();
            self.entries.push(entry.clone());
        }
        let append = Append { drafts: vec![draft], producer: None, received_unix_nano: 1 };
        self.stream.append(append).await.unwrap();
    }

    /// Removes the oldest files until about so many bytes are left.
    pub(crate) fn retain(&self, bytes: u64) {
        self.stream.retain(&Retention { bytes: Some(bytes), age_nanos: None }, 1).unwrap();
    }

    pub(crate) fn head(&self) -> u64 {
        self.stream.extent().head.0
    }

    /// The offsets that a reader with this minimum severity must see, ascending.
    pub(crate) fn matching(&self, min_severity: u8) -> Vec<u64> {
        let all = self.head()..self.entries.len() as u64;
        all.filter(|&offset| self.entries[offset as usize].severity >= min_severity).collect()
    }

    /// Opens everything anew.
    pub(crate) fn reopen(self, repair: bool) -> Self {
        let Self { dir, limits, engine, stream, entries } = self;
        engine.close();
        drop((engine, stream));
        let (engine, stream) = open(dir.path(), &limits, repair);
        Self { dir, limits, engine, stream, entries }
    }

    /// The files of the journal that hold records, by offset.
    pub(crate) fn journal_files(&self) -> Vec<PathBuf> {
        let journal = self.dir.path().join("streams/default/journal");
        let files = std::fs::read_dir(journal).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = files.filter(|file| std::fs::metadata(file).unwrap().len() > 1_000).collect();
        files.sort();
        files
    }

    /// Flips a bit in the last byte of a file: in the body of its last entry.
    pub(crate) fn damage(file: &Path) {
        let mut bytes = std::fs::read(file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(file, bytes).unwrap();
    }
}

/// All that a reader yielded.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) offsets: Vec<u64>,
    pub(crate) gaps: Vec<(u64, u64, GapCause)>,
    pub(crate) end: Option<End>,
}

impl Seen {
    /// Takes a delivery in; whatever the order, each record must be the one that was appended at its offset.
    pub(crate) fn take(&mut self, delivery: Delivery<Rows>) {
        assert_eq!(self.end, None, "nothing comes behind the end");
        match delivery {
            Delivery::Records(rows) => {
                assert!(!rows.is_empty() && rows.len() == rows.offsets().count());
                for (offset, body) in rows.offsets().zip(rows.bodies()) {
                    assert_eq!(String::from_utf8_lossy(body), Fixture::body(offset.0));
                    self.offsets.push(offset.0);
                }
            }
            Delivery::Gap { from, to, cause } => self.gaps.push((from.0, to.0, cause)),
            Delivery::CaughtUp => panic!("it does not follow"),
            Delivery::End(end) => self.end = Some(end),
        }
    }

    /// Takes everything up to the end, or so many deliveries.
    pub(crate) async fn read(&mut self, mut deliveries: usize, mut poll: impl Poller) {
        while deliveries > 0
            && let Some(delivery) = poll_fn(|cx| poll.poll(cx)).await
        {
            self.take(delivery.unwrap());
            deliveries -= 1;
        }
    }
}

/// A reader of rows.
pub(crate) trait Poller {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Delivery<Rows>, ReadError>>>;
}

impl<F: FnMut(&mut Context<'_>) -> Poll<Option<Result<Delivery<Rows>, ReadError>>>> Poller for F {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Delivery<Rows>, ReadError>>> {
        self(cx)
    }
}
