//! Deleting a stream: marked first, durably, so that a crash cannot leave a part of it behind that looks like a stream.

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::PoisonError;

use futures_util::TryStreamExt;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};

use super::{Engine, EngineError, io};
use crate::disk::Disk;
use crate::segments::wait;

/// A file in the folder of a stream that is deleted. A segment or manifest is never called so.
const MARK: &str = "deleted";

/// What was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedStream {
    /// How many records could be read.
    pub records: u64,
    /// How many bytes they took on disk.
    pub bytes: u64,
}

impl Engine {
    /// Deletes a stream with everything in it, for good; `None` when there is none of this name. Its readers and writers are told. Whoever writes to
    /// that name later makes another stream, which refuses the cursors of this one. Blocks.
    ///
    /// # Errors
    /// If the disk fails. Then either the stream goes on, or it is gone from the catalog, and what is left of it goes when the engine is opened.
    pub fn delete_stream(&self, name: &str) -> Result<Option<DeletedStream>, EngineError> {
        // Nobody makes one of this name meanwhile.
        let _making = self.0.making.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stream) = self.stream(name) else { return Ok(None) };
        let deleted =
            DeletedStream { records: stream.retained_records(), bytes: stream.status().stored_bytes };
        let dir = self.0.options.data_dir.join("streams").join(name);
        let disk = &*self.0.options.disk;
        let mark = dir.join(MARK);
        let marked = disk.create(&mark).and_then(|file| file.sync_data()).and_then(|()| disk.sync_dir(&dir));
        if let Err(error) = marked {
            if take_back(disk, &mark).is_err() {
                // It may be found at the next open: nothing may be acknowledged that would go then.
                self.0.catalog.remove(name);
                stream.end();
            }
            return Err(io(&mark, error));
        }
        self.0.catalog.remove(name);
        stream.end();
        self.remove_files(name, &dir)?;
        tracing::info!(stream = name, records = deleted.records, bytes = deleted.bytes, "stream deleted");
        Ok(Some(deleted))
    }

    /// Whether what lies in a stream's folder is what is left of a deleted one; that is removed. Blocks.
    pub(super) fn finish_deleting(&self, name: &str) -> Result<bool, EngineError> {
        let dir = self.0.options.data_dir.join("streams").join(name);
        let inside = self.0.options.disk.list(&dir).map_err(|error| io(&dir, error))?;
        // An empty folder is one whose mark went last, or of a stream that nothing was written to yet.
        if !inside.is_empty() && !inside.iter().any(|entry| entry == MARK) {
            return Ok(false);
        }
        self.remove_files(name, &dir)?;
        Ok(true)
    }

    fn remove_objects(&self, prefix: &ObjectPath) -> object_store::Result<()> {
        let store = &self.0.shared.store;
        let objects: Vec<_> = wait(store.list(Some(prefix)).try_collect())?;
        for object in objects {
            match wait(store.delete(&object.location)) {
                Err(error) if !matches!(error, object_store::Error::NotFound { .. }) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn remove_files(&self, name: &str, dir: &Path) -> Result<(), EngineError> {
        for part in ["segments", "manifest"] {
            // The store may be this very folder: nothing else in it is the store's to remove, least of all the mark.
            self.remove_objects(&super::store_dir(name).join(part)).map_err(|error| io(dir, error.into()))?;
        }
        let disk: &dyn Disk = &*self.0.options.disk;
        let remove = |path: &Path| disk.remove_dir_all(path).map_err(|error| io(path, error));
        for part in ["journal", "segments", "manifest"] {
            remove(&dir.join(part))?;
        }
        // The mark goes last.
        disk.sync_dir(dir).map_err(|error| io(dir, error))?;
        remove(dir)?;
        let streams = dir.parent().unwrap_or(dir);
        disk.sync_dir(streams).map_err(|error| io(streams, error))
    }
}

/// Removes a mark that may be there, durably.
fn take_back(disk: &dyn Disk, mark: &Path) -> std::io::Result<()> {
    match disk.remove(mark) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    mark.parent().map_or(Ok(()), |dir| disk.sync_dir(dir))
}
