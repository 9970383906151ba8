//! Which file it is, whatever its name: device and inode.

use std::fs::{self, Metadata};
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A file on this machine, as long as it exists. Numbers of deleted files are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FileKey {
    pub(super) device: u64,
    pub(super) inode: u64,
}

impl FileKey {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    /// Where in the folder the file is now; where it was renamed to.
    pub(super) fn find_in(self, folder: &Path) -> Option<PathBuf> {
        let entries = fs::read_dir(folder).ok()?.flatten();
        let mut named = entries.filter(|entry| entry.ino() == self.inode).map(|entry| entry.path());
        // The number alone may be that of a folder's mount point.
        named.find(|path| fs::symlink_metadata(path).is_ok_and(|metadata| Self::of(&metadata) == self))
    }
}
