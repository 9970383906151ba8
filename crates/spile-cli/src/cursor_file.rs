//! A file that keeps a tail's cursor from one run to the next.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::exit::CliError;
use crate::whole_file::WholeFile;

/// Cursors are at most 256 bytes.
const MAX_BYTES: usize = 256;

/// A cursor file and what was written to it last.
#[derive(Debug)]
pub(crate) struct CursorFile {
    path: PathBuf,
    written: Option<String>,
}

impl CursorFile {
    /// The file and the cursor that it holds, if it exists.
    pub(crate) fn open(path: &Path) -> Result<(Self, Option<String>), CliError> {
        let found = match fs::read(path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => {
                return Err(CliError::File {
                    what: "cannot read the cursor file",
                    path: path.display().to_string(),
                    source,
                });
            }
        };
        let cursor = found.map(|bytes| cursor_in(&bytes, path)).transpose()?.flatten();
        let file = Self { path: path.to_owned(), written: cursor.clone() };
        Ok((file, cursor))
    }

    /// Whether `cursor` is not in the file yet.
    pub(crate) fn lacks(&self, cursor: &str) -> bool {
        self.written.as_deref() != Some(cursor)
    }

    /// Writes the cursor so that at any time, a crash included, the file holds a whole one.
    pub(crate) fn write(&mut self, cursor: &str) -> Result<(), CliError> {
        if !self.lacks(cursor) {
            return Ok(());
        }
        replace(&self.path, cursor).map_err(|source| CliError::File {
            what: "cannot write the cursor file",
            path: self.path.display().to_string(),
            source,
        })?;
        self.written = Some(cursor.to_owned());
        Ok(())
    }
}

/// Refuses a file that is something else before it is written over.
fn cursor_in(bytes: &[u8], path: &Path) -> Result<Option<String>, CliError> {
    let trimmed = bytes.trim_ascii();
    if trimmed.is_empty() {
        return Ok(None);
    }
    if trimmed.len() > MAX_BYTES || !trimmed.iter().all(u8::is_ascii_graphic) {
        let message = format!("{} does not hold a cursor: name another file", path.display());
        return Err(CliError::Usage(message));
    }
    Ok(Some(String::from_utf8_lossy(trimmed).into_owned()))
}

fn replace(path: &Path, cursor: &str) -> io::Result<()> {
    let mut file = WholeFile::create(path)?;
    file.write_all(format!("{cursor}\n").as_bytes())?;
    file.commit()
}

#[cfg(test)]
mod tests;
