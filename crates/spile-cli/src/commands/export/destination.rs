//! Where an export goes: standard output, a file that is there when it is complete, or what is no file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Stdout, Write};
use std::path::{Path, PathBuf};

use clap::ColorChoice;
use tokio::task::block_in_place;

use crate::exit::CliError;
use crate::output::Target;
use crate::whole_file::WholeFile;

/// Bytes that are gathered before they are written.
const FULL: usize = 256 << 10;

/// A buffer before what it goes to.
#[derive(Debug)]
pub(super) struct Destination {
    buffer: Vec<u8>,
    to: To,
    path: Option<PathBuf>,
    written: u64,
}

#[derive(Debug)]
enum To {
    Stdout(Stdout),
    File(WholeFile),
    /// A device or a named pipe, which a rename would replace.
    Device(File),
}

impl Destination {
    pub(super) fn open(path: Option<&Path>) -> Result<Self, CliError> {
        let to = match path {
            None => To::Stdout(io::stdout()),
            Some(path) => open(path).map_err(|source| cannot_write(path, source))?,
        };
        Ok(Self { buffer: Vec::with_capacity(FULL), to, path: path.map(Path::to_owned), written: 0 })
    }

    /// Whether people see it while it is written.
    pub(super) fn is_terminal(&self) -> bool {
        matches!(&self.to, To::Stdout(stdout) if stdout.is_terminal())
    }

    /// What whoever formats needs to know of it. Files are exact.
    pub(super) fn target(&self, color: ColorChoice) -> Target {
        match &self.to {
            To::Stdout(_) => Target::stdout(color),
            _ => Target { guarded: false, coloured: false },
        }
    }

    /// As people know it; standard output has no name.
    pub(super) fn name(&self) -> Option<String> {
        self.path.as_deref().map(|path| path.display().to_string())
    }

    /// How many were written.
    pub(super) fn bytes(&self) -> u64 {
        self.written
    }

    /// Lets something be appended, and writes when enough is there.
    pub(super) fn print(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> Result<(), CliError> {
        self.try_print(|out| {
            append(out);
            Ok(())
        })
    }

    /// As [`print`](Self::print), for what may fail.
    pub(super) fn try_print(
        &mut self,
        append: impl FnOnce(&mut Vec<u8>) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        append(&mut self.buffer)?;
        if self.buffer.len() >= FULL { self.flush() } else { Ok(()) }
    }

    /// Writes what there is.
    pub(super) fn flush(&mut self) -> Result<(), CliError> {
        let Self { buffer, to, path, .. } = self;
        // Whoever reads may pause for long: connection and signals are to be seen to in the meantime.
        let written = block_in_place(|| to.write(buffer));
        self.written += buffer.len() as u64;
        buffer.clear();
        written.map_err(|error| match path {
            None => CliError::output(error),
            Some(path) => cannot_write(path, error),
        })
    }

    /// Puts a file into its place.
    pub(super) fn commit(self) -> Result<(), CliError> {
        match (self.to, self.path) {
            (To::File(file), Some(path)) => {
                block_in_place(|| file.commit()).map_err(|source| cannot_write(&path, source))
            }
            _ => Ok(()),
        }
    }
}

impl To {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.write_all(bytes).and_then(|()| stdout.flush()),
            Self::File(file) => file.write_all(bytes),
            Self::Device(file) => file.write_all(bytes),
        }
    }
}

fn open(path: &Path) -> io::Result<To> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => OpenOptions::new().write(true).open(path).map(To::Device),
        _ => WholeFile::create(path).map(To::File),
    }
}

fn cannot_write(path: &Path, source: io::Error) -> CliError {
    CliError::File { what: "cannot write", path: path.display().to_string(), source }
}
