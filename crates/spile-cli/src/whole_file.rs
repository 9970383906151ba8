//! A file that is there as a whole or not at all: written beside its place and renamed when it is complete.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file in the making. Dropped before it is committed, it leaves nothing behind, and what was there before as it was.
#[derive(Debug)]
pub(crate) struct WholeFile {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
    committed: bool,
}

impl WholeFile {
    /// A file that will be at `path`. Where a link points elsewhere, the file will be there.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let target = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error),
        };
        let (file, temporary) = create_beside(&target)?;
        if let Ok(before) = fs::metadata(&target) {
            // Whoever could read it may do so again.
            file.set_permissions(before.permissions())?;
        }
        Ok(Self { file, temporary, target, committed: false })
    }

    /// Makes what was written durable, and puts it into its place.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.temporary, &self.target)?;
        self.committed = true;
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.committed {
            // What matters is why it was given up.
            let _left = fs::remove_file(&self.temporary);
        }
    }
}

/// A hidden file of a name that nothing else has.
fn create_beside(target: &Path) -> io::Result<(File, PathBuf)> {
    /// Only what a crash has left behind can be in the way.
    const ATTEMPTS: u32 = 100;
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut attempt = 0;
    loop {
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.{attempt}", std::process::id()));
        let temporary = target.with_file_name(temporary);
        match File::create_new(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
