//! Real SQLite files read into a real engine: every row once, whatever happens to the server, the table and the disk.
#![allow(clippy::unwrap_used)]

mod following;
mod restart;
mod values;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use spile_engine::disk::{Disk, OsDisk};
use tempfile::TempDir;

use super::DatabaseRows;
use super::address::DatabaseAddress;
use crate::testing::sources::SourceServer;

/// How long a statement waits for another writer.
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
    fn read(&self, parameters: &str) -> SourceServer {
        self.read_on(Arc::new(OsDisk), parameters)
    }

    fn read_on(&self, disk: Arc<dyn Disk>, parameters: &str) -> SourceServer {
        let url = format!("sqlite://{}?interval=10ms&{parameters}", self.file().display());
        let address = DatabaseAddress::parse(&url).unwrap();
        let data = self.data();
        let stream = address.stream().to_owned();
        SourceServer::start(disk, &data, &stream, || DatabaseRows::new(address, &data))
    }
}
