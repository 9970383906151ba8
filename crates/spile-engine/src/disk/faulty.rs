//! A disk in memory that fails, fills up and loses power on purpose; for tests.
//!
//! It promises what [`Disk`] promises and nothing more. What was not synced may, after power loss, be there
//! in any part: single sectors of a write, a file's new length without its bytes, a later name without an
//! earlier one. A failed sync loses what it was to write for good, while reads still show it. What happens is
//! decided by a seed, so each run can be repeated.

mod image;
#[cfg(test)]
mod store;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, DiskFile, DiskLock};
use image::{Image, NodeId};
#[cfg(test)]
pub(crate) use store::FaultyStore;

/// Something asked of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A file is made or emptied.
    Create,
    /// Bytes are written.
    Write,
    /// A file is synced.
    Sync,
    /// A file is cut or extended.
    Truncate,
    /// A file is renamed.
    Rename,
    /// A file gets a second name.
    Link,
    /// A file is removed.
    Remove,
    /// A directory is synced.
    SyncDir,
    /// A file is opened or read, or a directory listed.
    Read,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The operation fails with this errno and does nothing; a sync loses what it was to write.
    Error(i32),
    /// A write fails with this errno after part of it is done.
    Short(i32),
    /// The operation is done, and fails with this errno all the same.
    Late(i32),
    /// The power goes while the operation is under way; everything fails from then on.
    PowerLoss,
}

/// The errno of an I/O error.
pub const EIO: i32 = 5;
/// The errno of a full disk.
pub const ENOSPC: i32 = 28;

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct FaultyDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    image: Image,
    /// What was done so far, reads excepted.
    log: Vec<Operation>,
    reads: usize,
    faults: BTreeMap<usize, Fault>,
    read_faults: BTreeMap<usize, i32>,
    capacity: Option<u64>,
    without_power: bool,
    locked: Vec<PathBuf>,
}

impl FaultyDisk {
    /// What was asked of the disk so far, reads excepted. Its length is the number of the next operation.
    #[must_use]
    pub fn log(&self) -> Vec<Operation> {
        self.state().log.clone()
    }

    /// Lets operation `nth` go wrong, counted as in `log`.
    pub fn fail(&self, nth: usize, fault: Fault) {
        self.state().faults.insert(nth, fault);
    }

    /// Lets the `nth` read from now on fail with this errno, once.
    pub fn fail_read(&self, nth: usize, errno: i32) {
        let mut state = self.state();
        let at = state.reads + nth;
        state.read_faults.insert(at, errno);
    }

    /// How many reads there were.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.state().reads
    }

    /// Whether the power is still on.
    #[must_use]
    pub fn has_power(&self) -> bool {
        !self.state().without_power
    }

    /// Bounds the bytes of all files; `None`: no bound.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// The bytes of all files.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.state().image.used()
    }

    /// The disk as it comes up after power loss: what was synced, and of the rest what `seed` decides. Seed 0
    /// keeps none of the rest, seed 1 all of it.
    #[must_use]
    pub fn after_power_loss(&self, seed: u64) -> Self {
        let image = self.state().image.after_power_loss(seed);
        Self(Arc::new(Mutex::new(State { image, ..State::default() })))
    }

    /// The disk as the next process finds it when one is killed: what was not synced is still shown, and still not durable.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        let image = self.state().image.clone();
        Self(Arc::new(Mutex::new(State { image, ..State::default() })))
    }

    /// Gives a file a second name, unless it is taken. Durable after `sync_dir`.
    pub fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.state().whole(Operation::Link, |image| image.link(from, to))
    }

    /// A copy of the disk as it is, with everything durable.
    #[must_use]
    pub fn copy(&self) -> Self {
        self.after_power_loss(1)
    }

    /// All bytes of a file.
    pub fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        let state = self.state();
        Ok(state.image.bytes(state.image.find(path)?).to_vec())
    }

    /// Replaces a file, durably: what rot, or someone else, does.
    pub fn write_file(&self, path: &Path, bytes: &[u8]) {
        self.state().image.put_durable(path, bytes);
    }

    /// Removes a file, durably.
    pub fn remove_file(&self, path: &Path) {
        self.state().image.remove_durable(path);
    }

    /// The paths of all files.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state().image.paths()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts an operation and says what goes wrong with it.
    fn begin(&mut self, operation: Operation) -> io::Result<Option<Fault>> {
        if self.without_power {
            return Err(io::Error::other("the power is off"));
        }
        if operation == Operation::Read {
            self.reads += 1;
            return match self.read_faults.remove(&(self.reads - 1)) {
                Some(errno) => Err(io::Error::from_raw_os_error(errno)),
                None => Ok(None),
            };
        }
        let fault = self.faults.remove(&self.log.len());
        self.log.push(operation);
        Ok(fault)
    }

    /// Does what cannot be half done. If the power goes meanwhile it is as if it had been done, unsynced.
    fn whole(
        &mut self,
        operation: Operation,
        act: impl FnOnce(&mut Image) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.begin(operation)? {
            None => act(&mut self.image),
            Some(Fault::Error(errno) | Fault::Short(errno)) => Err(io::Error::from_raw_os_error(errno)),
            Some(Fault::Late(errno)) => {
                act(&mut self.image)?;
                Err(io::Error::from_raw_os_error(errno))
            }
            Some(Fault::PowerLoss) => {
                // Whether it could be done no longer matters.
                let _ = act(&mut self.image);
                self.lose_power()
            }
        }
    }

    fn lose_power(&mut self) -> io::Result<()> {
        self.without_power = true;
        Err(io::Error::other("the power went off"))
    }

    fn write(&mut self, node: NodeId, bytes: &[u8], at: u64) -> io::Result<()> {
        let fault = self.begin(Operation::Write)?;
        let grown = (at + bytes.len() as u64).saturating_sub(self.image.bytes(node).len() as u64);
        let room = self.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(self.image.used()));
        if fault.is_none() && grown > room {
            let kept = bytes.len().saturating_sub((grown - room) as usize);
            self.image.write(node, &bytes[..kept], at);
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        match fault {
            None => {
                self.image.write(node, bytes, at);
                Ok(())
            }
            Some(Fault::Error(errno)) => Err(io::Error::from_raw_os_error(errno)),
            Some(Fault::Short(errno)) => {
                self.image.write(node, &bytes[..bytes.len() / 2], at);
                Err(io::Error::from_raw_os_error(errno))
            }
            Some(Fault::Late(errno)) => {
                self.image.write(node, bytes, at);
                Err(io::Error::from_raw_os_error(errno))
            }
            Some(Fault::PowerLoss) => {
                self.image.write(node, bytes, at);
                self.lose_power()
            }
        }
    }

    fn sync(&mut self, node: NodeId) -> io::Result<()> {
        match self.begin(Operation::Sync)? {
            None => {
                self.image.sync(node);
                Ok(())
            }
            Some(Fault::Error(errno) | Fault::Short(errno)) => {
                self.image.lose_unsynced(node);
                Err(io::Error::from_raw_os_error(errno))
            }
            Some(Fault::Late(errno)) => {
                self.image.sync(node);
                Err(io::Error::from_raw_os_error(errno))
            }
            Some(Fault::PowerLoss) => self.lose_power(),
        }
    }
}

impl Disk for FaultyDisk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.state().image.create_dir_all(dir)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state();
        state.whole(Operation::Create, |image| image.create(path))?;
        let node = state.image.find(path)?;
        Ok(Arc::new(FaultyFile { disk: self.clone(), node }))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state();
        state.begin(Operation::Read)?;
        let node = state.image.find(path)?;
        Ok(Arc::new(FaultyFile { disk: self.clone(), node }))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut state = self.state();
        state.begin(Operation::Read)?;
        state.image.list(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.state().whole(Operation::Rename, |image| image.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.state().whole(Operation::Remove, |image| image.remove(path))
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.state().whole(Operation::Remove, |image| image.remove_dir_all(dir))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        match state.begin(Operation::SyncDir)? {
            None => {
                state.image.sync_dir(dir);
                Ok(())
            }
            Some(Fault::Error(errno) | Fault::Short(errno)) => Err(io::Error::from_raw_os_error(errno)),
            Some(Fault::Late(errno)) => {
                state.image.sync_dir(dir);
                Err(io::Error::from_raw_os_error(errno))
            }
            Some(Fault::PowerLoss) => state.lose_power(),
        }
    }

    fn lock(&self, path: &Path) -> io::Result<DiskLock> {
        let mut state = self.state();
        if state.locked.iter().any(|locked| locked == path) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state.locked.push(path.to_owned());
        Ok(DiskLock::holding(FaultyLock { disk: self.clone(), path: path.to_owned() }))
    }
}

#[derive(Debug)]
struct FaultyLock {
    disk: FaultyDisk,
    path: PathBuf,
}

impl Drop for FaultyLock {
    fn drop(&mut self) {
        self.disk.state().locked.retain(|locked| *locked != self.path);
    }
}

#[derive(Debug)]
struct FaultyFile {
    disk: FaultyDisk,
    node: NodeId,
}

impl DiskFile for FaultyFile {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        state.begin(Operation::Read)?;
        let bytes = state.image.bytes(self.node);
        let from = bytes.len().min(usize::try_from(at).unwrap_or(usize::MAX));
        let read = buffer.len().min(bytes.len() - from);
        buffer[..read].copy_from_slice(&bytes[from..from + read]);
        Ok(read)
    }

    fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.disk.state().write(self.node, bytes, at)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.state().sync(self.node)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.state().image.bytes(self.node).len() as u64)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let node = self.node;
        self.disk.state().whole(Operation::Truncate, |image| {
            image.truncate(node, len);
            Ok(())
        })
    }
}
