//! A disk whose syncs are timed: the engine reads no clock, so the server measures around it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use spile_engine::disk::{Disk, DiskFile, DiskLock};

use crate::metrics::Metrics;

/// A disk, observed.
#[derive(Debug)]
pub(crate) struct MeteredDisk<D> {
    disk: D,
    metrics: Arc<Metrics>,
}

impl<D: Disk> MeteredDisk<D> {
    pub(crate) fn new(disk: D, metrics: Arc<Metrics>) -> Self {
        Self { disk, metrics }
    }

    fn file(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(MeteredFile { file, metrics: Arc::clone(&self.metrics) })
    }
}

impl<D: Disk> Disk for MeteredDisk<D> {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.disk.create_dir_all(dir)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(self.disk.create(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(self.disk.open(path)?))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.disk.remove_dir_all(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<DiskLock> {
        self.disk.lock(path)
    }
}

/// An open file, observed.
#[derive(Debug)]
struct MeteredFile {
    file: Arc<dyn DiskFile>,
    metrics: Arc<Metrics>,
}

impl DiskFile for MeteredFile {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        self.file.read_at(buffer, at)
    }

    fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, at)
    }

    fn sync_data(&self) -> io::Result<()> {
        let start = Instant::now();
        let synced = self.file.sync_data();
        self.metrics.fsync_seconds.observe(start.elapsed().as_secs_f64());
        synced
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.truncate(len)
    }
}
