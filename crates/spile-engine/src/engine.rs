//! The engine: opens a data folder, and hands out its streams.

mod delete;
mod reserve;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::blocking::Blocking;
use crate::catalog::{Catalog, NameError, check_name};
use crate::disk::{Disk, DiskLock};
use crate::journal::{Journal, JournalOptions, OpenError, Verdict};
use crate::limits::{Limits, SealPolicy};
use crate::manifest::ManifestError;
use crate::segments::{ChangeError, ColdCache, SealedRange, Segments, SegmentsOptions, settle};
use crate::stream::{Shared, Stream};

pub use delete::DeletedStream;

/// What an engine is made of. Clock and randomness are the caller's.
pub struct EngineOptions {
    /// The folder with everything in it.
    pub data_dir: PathBuf,
    /// How the disk is reached.
    pub disk: Arc<dyn Disk>,
    /// Every bound.
    pub limits: Limits,
    /// Sets aside what is corrupt instead of refusing to open.
    pub repair: bool,
    /// Where segments and manifests lie; `None`: in the data folder, each write synced.
    pub store: Option<Arc<dyn ObjectStore>>,
    /// Random numbers: a new stream's id, so that a cursor of a stream that was deleted fits no other, and names of files.
    pub random: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// Where work that blocks is run.
    pub blocking: Arc<dyn Blocking>,
}

/// Why an engine could not be opened, or a stream not be made.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The name cannot be a stream's.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There are as many streams as there may be.
    #[error("there are {0} streams already, which is the limit; raise it or reuse a stream")]
    TooManyStreams(usize),
    /// Another process has the folder.
    #[error("data folder {0} is in use by another process")]
    InUse(PathBuf),
    /// The folder cannot be used.
    #[error("data folder {path}: {error}")]
    Io {
        /// Which path.
        path: PathBuf,
        /// What failed.
        error: std::io::Error,
    },
    /// A stream's journal cannot be opened.
    #[error("stream {stream}: {error}")]
    Journal {
        /// Which stream.
        stream: String,
        /// What is wrong, and what can be done.
        error: OpenError,
    },
    /// A stream's segments cannot be opened.
    #[error("stream {stream}: {error}")]
    Segments {
        /// Which stream.
        stream: String,
        /// What is wrong.
        error: ManifestError,
    },
    /// What is sealed could not be taken out of a stream's journal.
    #[error("stream {stream}: {error}")]
    Change {
        /// Which stream.
        stream: String,
        /// What is wrong.
        error: ChangeError,
    },
}

/// What became of sealing over all streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SealedStreams {
    /// How many records were moved.
    pub records: u64,
    /// In how many streams it failed.
    pub failures: u64,
}

/// A handle to the open engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    options: EngineOptions,
    limits: Arc<Limits>,
    shared: Shared,
    catalog: Catalog,
    /// Held while a stream is made, so that it is made once.
    making: Mutex<()>,
    _lock: DiskLock,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("data_dir", &self.0.options.data_dir).finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens the data folder, or makes it, and every stream in it. Blocks on the disk.
    pub fn open(options: EngineOptions) -> Result<Self, EngineError> {
        let streams = options.data_dir.join("streams");
        let disk = Arc::clone(&options.disk);
        disk.create_dir_all(&streams).map_err(|error| io(&streams, error))?;
        let lock = disk.lock(&options.data_dir.join("LOCK")).map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock => EngineError::InUse(options.data_dir.clone()),
            _ => io(&options.data_dir, error),
        })?;
        let limits = Arc::new(options.limits.clone());
        let store = match &options.store {
            Some(store) => Arc::clone(store),
            None => local_store(&options.data_dir).map_err(|error| io(&options.data_dir, error.into()))?,
        };
        let shared = Shared {
            cold_reads: Arc::new(Semaphore::new(limits.cold_reads)),
            cache: Arc::new(ColdCache::new(limits.segment_index_bytes, limits.cold_frame_bytes)),
            limits: Arc::clone(&limits),
            store,
            random: Arc::clone(&options.random),
            blocking: Arc::clone(&options.blocking),
        };
        let engine = Self(Arc::new(Inner {
            shared,
            limits,
            catalog: Catalog::default(),
            making: Mutex::new(()),
            _lock: lock,
            options,
        }));
        for entry in disk.list(&streams).map_err(|error| io(&streams, error))? {
            // Nothing else belongs here; a foreign folder is left alone.
            if check_name(&entry).is_ok() && !engine.finish_deleting(&entry)? {
                engine.open_stream(&entry)?;
            }
        }
        Ok(engine)
    }

    /// The stream of this name.
    #[must_use]
    pub fn stream(&self, name: &str) -> Option<Stream> {
        self.0.catalog.get(name)
    }

    /// The stream of this name, which is made if there is none. Blocks on the disk when it is made.
    pub fn stream_or_new(&self, name: &str) -> Result<Stream, EngineError> {
        if let Some(stream) = self.stream(name) {
            return Ok(stream);
        }
        check_name(name)?;
        let _making = self.0.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = self.stream(name) {
            return Ok(stream);
        }
        let limit = self.0.limits.streams;
        if self.0.catalog.len() >= limit {
            return Err(EngineError::TooManyStreams(limit));
        }
        self.open_stream(name)
    }

    /// Up to `count` streams with names behind `after`, by name.
    #[must_use]
    pub fn streams(&self, after: Option<&str>, count: usize) -> Vec<Stream> {
        self.0.catalog.page(after, count)
    }

    /// Moves records to segments in every stream where the policy says so, and merges small segments. What fails is logged, and tried again
    /// at the next call. Blocks, for as long as that takes.
    pub fn keep_sealed(&self, policy: &SealPolicy, now_unix_nano: u64) -> SealedStreams {
        self.seal_each(|stream| stream.keep_sealed(policy, now_unix_nano))
    }

    /// Moves everything to segments. Blocks, for as long as that takes.
    pub fn seal_all(&self) -> SealedStreams {
        self.seal_each(Stream::seal)
    }

    /// Notes for streams to which nothing was appended lately that all of their journal is durable: damage at its very end is then told from
    /// what a crash left. Blocks on the disk.
    pub fn mark_idle(&self) {
        self.streams(None, usize::MAX).iter().for_each(Stream::mark_if_idle);
    }

    fn seal_each(&self, seal: impl Fn(&Stream) -> Result<SealedRange, ChangeError>) -> SealedStreams {
        let mut all = SealedStreams::default();
        for stream in self.streams(None, usize::MAX) {
            match seal(&stream) {
                Ok(sealed) => all.records += sealed.records,
                Err(ChangeError::Closed) => {}
                Err(error) => {
                    all.failures += 1;
                    tracing::error!(stream = stream.name(), %error, "sealing failed; it is tried again later");
                }
            }
        }
        all
    }

    /// Refuses further appends and marks every journal as cleanly closed. Readers go on. Blocks on the disk.
    pub fn close(&self) {
        self.streams(None, usize::MAX).iter().for_each(Stream::close);
    }

    fn open_segments(&self, name: &str, journal: &Journal) -> Result<Segments, EngineError> {
        let Shared { cache, limits, store, random, .. } = &self.0.shared;
        let of_stream = |error| EngineError::Segments { stream: name.to_owned(), error };
        let options = SegmentsOptions {
            store: Arc::clone(store),
            dir: store_dir(name),
            stream_id: journal.stream_id(),
            limits: Arc::clone(limits),
            cache: Arc::clone(cache),
            unique: Arc::clone(random),
        };
        let segments = Segments::open_all(options).map_err(of_stream)?;
        if segments.sealed_to() > journal.tail() {
            let (path, reason) =
                (format!("streams/{name}/manifest"), "it names records that the journal never had");
            return Err(of_stream(ManifestError::Mismatch { path, reason }));
        }
        Ok(segments)
    }

    fn open_stream(&self, name: &str) -> Result<Stream, EngineError> {
        let options = &self.0.options;
        let dir = options.data_dir.join("streams").join(name);
        let journal_options = JournalOptions {
            file_bytes: self.0.limits.journal_file_bytes,
            new_stream_id: (options.random)(),
            repair: options.repair,
        };
        let opened = Journal::open(Arc::clone(&options.disk), &dir.join("journal"), journal_options);
        let (journal, recovered) =
            opened.map_err(|error| EngineError::Journal { stream: name.to_owned(), error })?;
        if recovered.repaired.is_empty() && recovered.verdict == Verdict::Clean {
            tracing::debug!(stream = name, ?recovered, "stream opened");
        } else {
            tracing::warn!(stream = name, ?recovered, "stream opened after it was not closed cleanly");
        }
        settle(&*options.disk, &dir).map_err(|error| io(&dir, error))?;
        let segments = self.open_segments(name, &journal)?;
        let of_stream = |error| EngineError::Change { stream: name.to_owned(), error };
        let stream = Stream::new(name.into(), journal, segments, &self.0.shared);
        stream.trim_sealed().map_err(of_stream)?;
        self.0.catalog.insert(stream.clone());
        Ok(stream)
    }
}

/// Where what a stream has in the store lies.
fn store_dir(name: &str) -> object_store::path::Path {
    object_store::path::Path::from("streams").join(name)
}

/// The data folder as a store, each write synced.
fn local_store(data_dir: &Path) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
    Ok(Arc::new(LocalFileSystem::new_with_prefix(data_dir)?.with_fsync(true)))
}

fn io(path: &Path, error: std::io::Error) -> EngineError {
    EngineError::Io { path: path.to_path_buf(), error }
}
