//! Names of a journal's files, and how a file comes to be: whole or not at all.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::disk::{Disk, DiskFile};
use crate::offset::Offset;

/// The end of a file's name while it is being made.
const UNFINISHED: &str = ".new";

/// The path of the journal file that starts at `first_offset`.
pub(super) fn path(dir: &Path, first_offset: Offset) -> PathBuf {
    dir.join(format!("{:020}.spj", first_offset.0))
}

/// The first offset that a journal file's name states.
fn parse(name: &str) -> Option<Offset> {
    let digits = name.strip_suffix(".spj")?;
    let plain = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok().map(Offset))?
}

/// What lies in a journal's directory.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The first offsets of the journal files, ascending.
    pub(super) files: Vec<Offset>,
    /// Files that were being made when the process ended.
    pub(super) unfinished: Vec<PathBuf>,
}

impl Listing {
    /// Lists a directory; one that does not exist is empty.
    pub(super) fn read(disk: &dyn Disk, dir: &Path) -> io::Result<Self> {
        let names = match disk.list(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            names => names?,
        };
        let mut listing = Self::default();
        for name in names {
            listing.files.extend(parse(&name));
            if name.ends_with(UNFINISHED) {
                listing.unfinished.push(dir.join(name));
            }
        }
        listing.files.sort_unstable();
        Ok(listing)
    }
}

/// Why a file was not made.
#[derive(Debug, Error)]
pub(super) enum PublishError {
    /// The directory is as it was.
    #[error("{0}")]
    NotPublished(io::Error),
    /// The file may be there, and may be gone after a crash.
    #[error("{0}")]
    Unknown(io::Error),
}

impl From<PublishError> for io::Error {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::NotPublished(error) | PublishError::Unknown(error) => error,
        }
    }
}

/// Makes a file, or replaces the one of that name, so that a crash leaves all of it or none of it.
pub(super) fn publish(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<Arc<dyn DiskFile>, PublishError> {
    let dir = path.parent().expect("journal files lie in a directory");
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    let made = disk.create(&unfinished).and_then(|file| {
        file.write_all_at(bytes, 0)?;
        file.sync_data()?;
        Ok(file)
    });
    let file = made.map_err(|error| {
        // What stays behind is removed when the journal is opened.
        let _ = disk.remove(&unfinished);
        PublishError::NotPublished(error)
    })?;
    disk.rename(&unfinished, path).map_err(PublishError::Unknown)?;
    disk.sync_dir(dir).map_err(PublishError::Unknown)?;
    Ok(file)
}
