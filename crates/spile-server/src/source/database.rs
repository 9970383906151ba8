//! Tables and queries of databases as sources: what is stored in them, then every new row. `docs/sources.md` has the semantics.
//!
//! In reading order: `address` and `parameters` (what `--source` says), `position` (how far a database is read) and `progress` (where that is
//! kept), `columns` and `row` (from a row to a record), `feed` (rows into the stream), `postgres` and `sqlite` (where rows come from), `follow`
//! (reading, waiting, trying again).

pub mod address;

mod columns;
mod feed;
mod follow;
mod parameters;
mod position;
mod postgres;
mod progress;
mod row;
mod sqlite;
mod trouble;

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use self::address::DatabaseAddress;
use super::{Running, Sink, Source};

/// The folder in the data folder in which it is remembered how far databases are read.
const FOLDER: &str = "sources";

/// One table or query as a source.
#[derive(Debug)]
pub struct DatabaseRows {
    address: DatabaseAddress,
    folder: PathBuf,
}

impl DatabaseRows {
    /// Rows to read. How far they are read is kept in the data folder.
    #[must_use]
    pub fn new(address: DatabaseAddress, data_dir: &Path) -> Self {
        Self { address, folder: data_dir.join(FOLDER) }
    }
}

impl Source for DatabaseRows {
    fn name(&self) -> &'static str {
        "database"
    }

    fn run(self: Box<Self>, sink: Sink, shutdown: CancellationToken) -> Running {
        Box::pin(follow::run(self.address, self.folder, sink, shutdown))
    }
}

#[cfg(test)]
mod tests;
