//! Followed files: what is in the files that match, and what is written to them, becomes records. `docs/follow.md` has the semantics.
//!
//! In reading order: `pattern` (which files), `scan` (what there is) and `hints` (when to look), `key`, `head` and `registry` (which file is
//! which), `followed` (one file), `turn` (one look at it), `table` and `follower` (all of them).

pub mod pattern;

mod followed;
mod follower;
mod head;
mod hints;
mod key;
mod registry;
mod scan;
mod table;
mod turn;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Running, Sink, Source};
use follower::Follower;
use hints::{Hints, Watches};
use pattern::{Pattern, PatternError};
use registry::Registry;
use scan::Scanner;
use turn::Shared;

/// The file in the data folder that says which file is which.
const REGISTRY_FILE: &str = "followed.json";

/// What is followed, and where that is remembered.
#[derive(Clone, Debug)]
pub struct FollowOptions {
    /// Which files.
    pub patterns: Vec<Pattern>,
    /// The server's data folder. Files in it are not followed.
    pub data_dir: PathBuf,
    /// How patiently.
    pub timing: Timing,
}

/// How long following waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Between two looks at the disk. It is longer when a look takes long.
    pub poll: Duration,
    /// After a hint that files came or went, for more of them.
    pub gather: Duration,
    /// Between two times that positions are saved. New files are saved at once.
    pub save: Duration,
    /// How long a deleted file must be silent until it is over.
    pub deleted: Duration,
    /// How long a renamed file must be silent until a line without an end is taken for whole, and until it is over if no pattern matches
    /// its new name.
    pub renamed: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            gather: Duration::from_millis(20),
            save: Duration::from_secs(10),
            deleted: Duration::from_secs(5),
            renamed: Duration::from_secs(60),
        }
    }
}

impl FollowOptions {
    /// Follows the files that these patterns name.
    ///
    /// # Errors
    /// The first pattern that cannot be read.
    pub fn new(patterns: &[String], data_dir: &Path) -> Result<Self, PatternError> {
        let patterns = patterns.iter().map(|pattern| Pattern::parse(pattern)).collect::<Result<_, _>>()?;
        Ok(Self { patterns, data_dir: data_dir.to_path_buf(), timing: Timing::default() })
    }
}

/// Files as a source.
#[derive(Debug)]
pub struct FollowedFiles {
    options: FollowOptions,
}

impl FollowedFiles {
    /// Files to follow.
    #[must_use]
    pub fn new(options: FollowOptions) -> Self {
        Self { options }
    }
}

impl Source for FollowedFiles {
    fn name(&self) -> &'static str {
        "follow"
    }

    fn run(self: Box<Self>, sink: Sink, shutdown: CancellationToken) -> Running {
        Box::pin(async move {
            let timing = self.options.timing;
            let hints = Arc::new(Hints::default());
            let (heard, stream_id) = (Arc::clone(&hints), sink.stream.id());
            let opened = tokio::task::spawn_blocking(move || open(self.options, heard, stream_id)).await;
            match opened.unwrap_or_else(|panic| Err(io::Error::other(panic))) {
                Ok((scanner, registry)) => {
                    Follower::new(Shared::new(sink), timing, hints, scanner, registry).run(shutdown).await;
                }
                Err(error) => {
                    tracing::error!(%error, "files are not followed: what is known of them cannot be read from the data folder");
                }
            }
        })
    }
}

fn open(options: FollowOptions, hints: Arc<Hints>, stream_id: u64) -> io::Result<(Scanner, Registry)> {
    let registry = Registry::load(&options.data_dir.join(REGISTRY_FILE), stream_id)?;
    let scanner = Scanner::new(options.patterns, &options.data_dir, Watches::new(hints));
    Ok((scanner, registry))
}

#[cfg(test)]
mod tests;
