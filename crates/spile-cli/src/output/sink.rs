//! Standard output, buffered: fast when much comes, and at once when little does, for whoever prints flushes before it waits.

use std::io::{self, Stdout, Write};

use tokio::task::block_in_place;

use crate::exit::CliError;

/// Bytes that are gathered before they are written.
const FULL: usize = 64 << 10;

/// A buffer before standard output.
#[derive(Debug)]
pub(crate) struct Sink {
    buffer: Vec<u8>,
    stdout: Stdout,
}

impl Sink {
    pub(crate) fn new() -> Self {
        Self { buffer: Vec::with_capacity(FULL), stdout: io::stdout() }
    }

    /// Lets something be appended, and writes when enough is there.
    pub(crate) fn print(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> Result<(), CliError> {
        append(&mut self.buffer);
        if self.buffer.len() >= FULL { self.flush() } else { Ok(()) }
    }

    /// Writes what there is.
    pub(crate) fn flush(&mut self) -> Result<(), CliError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        // Whoever reads may pause for long, as `less` does: connection and signals are to be seen to in the meantime.
        let written =
            block_in_place(|| self.stdout.write_all(&self.buffer).and_then(|()| self.stdout.flush()));
        self.buffer.clear();
        written.map_err(CliError::output)
    }
}
