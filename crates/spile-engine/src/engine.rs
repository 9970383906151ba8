//! The engine: opens a data folder, and hands out its streams.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use tokio::sync::Semaphore;

use crate::catalog::{Catalog, NameError, check_name};
use crate::disk::{Disk, DiskLock};
use crate::journal::{Journal, JournalOptions, OpenError, Verdict};
use crate::limits::{Limits, Retention};
use crate::stream::Stream;

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
    /// Gives a new stream its id: random, so that a cursor of a stream that was deleted fits no other.
    pub new_stream_id: Box<dyn Fn() -> u64 + Send + Sync>,
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
}

/// A handle to the open engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    options: EngineOptions,
    limits: Arc<Limits>,
    cold_reads: Arc<Semaphore>,
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
        let engine = Self(Arc::new(Inner {
            cold_reads: Arc::new(Semaphore::new(limits.cold_reads)),
            limits,
            catalog: Catalog::default(),
            making: Mutex::new(()),
            _lock: lock,
            options,
        }));
        for entry in disk.list(&streams).map_err(|error| io(&streams, error))? {
            // Nothing else belongs here; a foreign folder is left alone.
            if check_name(&entry).is_ok() {
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

    /// Removes from every stream what retention no longer keeps. Blocks on the disk.
    pub fn retain(&self, retention: &Retention, now_unix_nano: u64) {
        for stream in self.streams(None, usize::MAX) {
            let name = stream.name();
            if let Err(error) = stream.retain(retention, now_unix_nano) {
                tracing::error!(stream = name, %error, "retention failed; it is tried again later");
            }
        }
    }

    /// Refuses further appends and marks every journal as cleanly closed. Readers go on. Blocks on the disk.
    pub fn close(&self) {
        self.streams(None, usize::MAX).iter().for_each(Stream::close);
    }

    fn open_stream(&self, name: &str) -> Result<Stream, EngineError> {
        let options = &self.0.options;
        let dir = options.data_dir.join("streams").join(name);
        let journal_options = JournalOptions {
            file_bytes: self.0.limits.journal_file_bytes,
            new_stream_id: (options.new_stream_id)(),
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
        let (limits, cold_reads) = (Arc::clone(&self.0.limits), Arc::clone(&self.0.cold_reads));
        let stream = Stream::new(name.into(), journal, limits, cold_reads);
        self.0.catalog.insert(stream.clone());
        Ok(stream)
    }
}

fn io(path: &Path, error: std::io::Error) -> EngineError {
    EngineError::Io { path: path.to_path_buf(), error }
}
