//! What durable storage needs of a file system: few operations, all positional, every sync explicit.
//!
//! The trait exists so that tests can put a disk under the engine that tears, reorders, fills up and fails on
//! purpose.

#[cfg(any(test, feature = "testing"))]
pub mod faulty;
mod os;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

pub use os::OsDisk;

/// A file system.
///
/// What is promised after power loss: the bytes of a file that was synced, under names whose directory was
/// synced.
pub trait Disk: Debug + Send + Sync {
    /// Makes a directory and its parents, durably; fine if it exists.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Makes an empty file, or empties the one that is there, for reading and writing.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file that exists for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// The names of the files and directories in a directory, in no order.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Renames a file, replacing the one that has the new name, if any. Durable after `sync_dir`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file's name; whoever has it open can go on. Durable after `sync_dir`.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with everything in it; fine if it is not there. Nothing is said of the order, and durable after `sync_dir` of its parent.
    fn remove_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Takes the exclusive lock on a file, which is made if needed, or fails at once with `WouldBlock` if
    /// another process or another handle has it. The lock ends with the value, at the latest with the
    /// process.
    fn lock(&self, path: &Path) -> io::Result<DiskLock>;
}

/// An open file.
pub trait DiskFile: Debug + Send + Sync {
    /// Reads at a position; fewer bytes than asked only at the end of the file.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;

    /// Writes all bytes at a position. After an error any part of them may have been written.
    fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()>;

    /// Makes everything written so far durable, the length included. After an error nothing is known of what
    /// was written since the last success, and asking again proves nothing.
    fn sync_data(&self) -> io::Result<()>;

    /// The file's length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Cuts the file to a length, or extends it with zeros. Durable after `sync_data`.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// Whether the file has no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// An exclusive lock, held until it is dropped.
#[derive(Debug)]
pub struct DiskLock {
    _held: Box<dyn Held>,
}

impl DiskLock {
    /// A lock that ends when `held` is dropped.
    fn holding(held: impl Held + 'static) -> Self {
        Self { _held: Box::new(held) }
    }
}

/// What a lock keeps alive.
trait Held: Debug + Send + Sync {}

impl<T: Debug + Send + Sync> Held for T {}

/// Reads `length` bytes at a position, or as many as there are before the end of the file.
pub(crate) fn read_up_to(file: &dyn DiskFile, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let read = file.read_at(&mut bytes, at)?;
    bytes.truncate(read);
    Ok(bytes)
}
