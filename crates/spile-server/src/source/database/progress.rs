//! How far a database is read: which position each batch stands for, kept in a small file beside the data.
//!
//! Which batch is durable is told by the journal, where its number is stored together with its records. This file only says what the number
//! means, and is on disk before the batch is appended. So there is no moment at which rows are stored and their position is not known.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::position::Position;

const VERSION: u32 = 1;

/// The positions of the batches on their way, and of the last one known to be durable.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    path: PathBuf,
    stored: Stored,
}

/// The file's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stored {
    version: u32,
    /// The stream that the rows go to: another one has nothing of them.
    stream_id: String,
    /// What is read, for people.
    source: String,
    /// The cursor's columns.
    cursor: Vec<String>,
    /// The last batch known to be durable; 0 for none.
    durable: u64,
    /// By number of the batch: the position of its last row.
    positions: BTreeMap<u64, Position>,
}

/// Why it is not known how far a database is read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProgressError {
    #[error("{path} cannot be read or written: {error}")]
    Io { path: String, error: io::Error },
    #[error("{path} is damaged: {why}; remove it to read everything again")]
    Damaged { path: String, why: String },
    #[error(
        "{path} does not know batch {number}, which the stream has: it is older than the stream; remove it to read everything again"
    )]
    Unknown { path: String, number: u64 },
    #[error(
        "the cursor was {before} and is {now}; take the old one, or another `id`, which reads everything again"
    )]
    OtherCursor { before: String, now: String },
}

impl Progress {
    /// Reads the file for this stream, or begins one. Blocks on the disk.
    pub(super) fn load(
        folder: &Path,
        producer: &str,
        source: &str,
        stream_id: u64,
    ) -> Result<Self, ProgressError> {
        let path = folder.join(format!("{}.json", producer.replace(':', "-")));
        let stream_id = format!("{stream_id:016x}");
        let io_error = |error| ProgressError::Io { path: path.display().to_string(), error };
        fs::create_dir_all(folder).map_err(io_error)?;
        let new = Stored {
            version: VERSION,
            stream_id,
            source: source.to_owned(),
            cursor: Vec::new(),
            durable: 0,
            positions: BTreeMap::new(),
        };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self { path, stored: new }),
            Err(error) => return Err(io_error(error)),
        };
        let damaged = |why: String| ProgressError::Damaged { path: path.display().to_string(), why };
        let stored: Stored = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if stored.version != VERSION {
            return Err(damaged(format!(
                "it has version {}, and this server knows {VERSION}",
                stored.version
            )));
        }
        if stored.stream_id != new.stream_id {
            tracing::warn!(source, "the stream of a database was made anew; all of its rows are read again");
            return Ok(Self { path, stored: new });
        }
        Ok(Self { path, stored })
    }

    /// What is durable, when `last` is what the journal knows: a batch's number, 0 for none, and its position.
    pub(super) fn durable(&self, last: Option<u64>) -> Result<(u64, Option<Position>), ProgressError> {
        // The journal forgets producers that were silent for long; then the file is right.
        let number = last.unwrap_or(0).max(self.stored.durable);
        if number == 0 {
            return Ok((0, None));
        }
        match self.stored.positions.get(&number) {
            Some(position) => Ok((number, Some(position.clone()))),
            None => Err(ProgressError::Unknown { path: self.path.display().to_string(), number }),
        }
    }

    /// Notes that the cursor has these columns. They may become more, never others: positions would mean something else.
    pub(super) fn set_cursor(&mut self, columns: &[String]) -> Result<(), ProgressError> {
        if !self.stored.positions.is_empty() && !columns.starts_with(&self.stored.cursor) {
            let (before, now) = (self.stored.cursor.join(","), columns.join(","));
            return Err(ProgressError::OtherCursor { before, now });
        }
        self.stored.cursor = columns.to_vec();
        Ok(())
    }

    /// Notes what the next batch will stand for. What comes after it did not come to be.
    pub(super) fn intend(&mut self, number: u64, position: Position) {
        self.stored.positions.split_off(&number);
        self.stored.positions.insert(number, position);
    }

    /// Notes that a batch and all before it are durable. Tells whether that is new.
    pub(super) fn set_durable(&mut self, number: u64) -> bool {
        let is_new = number > self.stored.durable;
        self.stored.durable = self.stored.durable.max(number);
        self.stored.positions = self.stored.positions.split_off(&self.stored.durable);
        is_new
    }

    /// Replaces the file, durably, in one step. Blocks on the disk.
    pub(super) fn write(&self) -> Result<(), ProgressError> {
        let bytes = serde_json::to_vec_pretty(&self.stored).expect("texts and numbers have a JSON form");
        self.replace(&bytes)
            .map_err(|error| ProgressError::Io { path: self.path.display().to_string(), error })
    }

    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let new = self.path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        match self.path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
