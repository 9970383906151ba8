//! What feeds streams from inside the server, as configured.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use spile_engine::catalog::DEFAULT_STREAM;
use spile_engine::{Engine, EngineError};
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::context::ServerContext;
use crate::source::database::DatabaseRows;
use crate::source::database::address::DatabaseAddress;
use crate::source::files::pattern::PatternError;
use crate::source::files::{FollowOptions, FollowedFiles};
use crate::source::syslog::{self, BindError, Listeners, Syslog, SyslogOptions};
use crate::source::{self, Sink};

/// Sources that are not running yet.
#[derive(Debug)]
pub(super) struct Sources {
    /// `None` when no files are followed.
    follow: Option<FollowOptions>,
    databases: Vec<DatabaseAddress>,
    syslog: SyslogOptions,
    /// Where syslog is listened for, until it is set to work.
    listeners: Mutex<Option<Listeners>>,
    data_dir: PathBuf,
}

/// Why sources cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file pattern cannot be read.
    #[error("{0} (follow)")]
    Follow(#[from] PatternError),
    /// Syslog cannot be listened for.
    #[error(transparent)]
    Syslog(#[from] BindError),
}

impl Sources {
    /// Binds what listens. Must be called inside a tokio runtime.
    pub(super) fn of(config: &Config) -> Result<Self, SourceError> {
        let follow = match config.follow.as_slice() {
            [] => None,
            patterns => Some(FollowOptions::new(patterns, &config.data_dir)?),
        };
        let syslog = config.syslog.clone();
        let listeners = match syslog.listen.as_slice() {
            [] => None,
            addresses => Some(syslog::bind(addresses, syslog.udp_buffer_bytes)?),
        };
        let (databases, data_dir) = (config.sources.clone(), config.data_dir.clone());
        Ok(Self { follow, databases, syslog, listeners: Mutex::new(listeners), data_dir })
    }

    /// The streams that are written to, each with the setting that says so.
    pub(super) fn streams(&self) -> BTreeMap<String, &'static str> {
        let databases = self.databases.iter().map(|database| (database.stream().to_owned(), "source"));
        let follow = self.follow.iter().map(|_| (DEFAULT_STREAM.to_owned(), "follow"));
        let syslog = (!self.syslog.listen.is_empty()).then(|| (self.syslog.stream.clone(), "syslog-listen"));
        databases.chain(syslog).chain(follow).collect()
    }

    /// Makes the streams that are missing. Blocks on the disk.
    pub(super) fn make_streams(
        names: &BTreeMap<String, &'static str>,
        engine: &Engine,
    ) -> Result<(), EngineError> {
        names.keys().try_for_each(|name| engine.stream_or_new(name).map(drop))
    }

    /// Sets all of them to work.
    pub(super) fn start(&self, engine: &Engine, context: &ServerContext, tasks: &TaskTracker) {
        let sink = |name: &str| Some(Sink { stream: engine.stream(name)?, context: context.clone() });
        if let Some(options) = &self.follow
            && let Some(sink) = sink(DEFAULT_STREAM)
        {
            source::start(FollowedFiles::new(options.clone()), sink, tasks);
        }
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(listeners) = listeners
            && let Some(sink) = sink(&self.syslog.stream)
        {
            source::start(Syslog::new(listeners, &self.syslog), sink, tasks);
        }
        for database in &self.databases {
            if let Some(sink) = sink(database.stream()) {
                source::start(DatabaseRows::new(database.clone(), &self.data_dir), sink, tasks);
            }
        }
    }
}
