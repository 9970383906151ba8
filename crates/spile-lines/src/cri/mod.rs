//! Kubernetes' Container Runtime Interface files: `2024-01-31T23:59:59.123456789Z stdout F text`.

mod assembler;

pub use assembler::{Assembled, CriAssembler, Rewind};

use crate::scan::Scanner;
use crate::split::Line;
use crate::time::{self, Context, UtcOffset};

/// Where a container wrote a line to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    /// `stdout` or `stderr`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// A container's line, taken out of its wrapper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CriLine<'a> {
    /// When the runtime took the line in, nanoseconds since 1970; of a joined line, its first piece.
    pub time_unix_nano: u64,
    /// Where the container wrote it to.
    pub stream: Stream,
    /// Whether more of the line follows in another piece.
    pub is_partial: bool,
    /// What the container wrote. When `cut` is not 0 it ends in the mark of [`cut_mark`](crate::cut_mark).
    pub text: &'a [u8],
    /// Bytes left out because the line was over a limit.
    pub cut: u64,
}

impl<'a> CriLine<'a> {
    /// Takes a line out of its wrapper; `None` if it has none.
    #[must_use]
    pub fn read(line: &Line<'a>) -> Option<Self> {
        /// Longer than any time with nanoseconds and zone, the stream and the tag.
        const MAX_HEADER_BYTES: usize = 64;
        let bytes = line.bytes;
        if bytes.get(4) != Some(&b'-') || bytes.get(10) != Some(&b'T') {
            return None;
        }
        let header = &bytes[..bytes.len().min(MAX_HEADER_BYTES)];
        let header = &header[..header.iter().take_while(|byte| byte.is_ascii()).count()];
        let mut scanner = Scanner::new(std::str::from_utf8(header).ok()?);
        let civil = time::numeric(&mut scanner)?;
        let stream = match () {
            () if scanner.eat_str(" stdout ") => Stream::Stdout,
            () if scanner.eat_str(" stderr ") => Stream::Stderr,
            () => return None,
        };
        let is_partial = scanner.eat_any(b"PF")? == b'P';
        // Tags may follow after a colon; none is defined yet.
        if scanner.peek() == Some(b':') {
            scanner.word();
        }
        if !scanner.is_done() && !scanner.eat(b' ') {
            return None;
        }
        civil.offset?;
        let unused = Context { now: 0, offset: UtcOffset::UTC };
        let text = bytes.get(header.len() - scanner.bytes().len()..)?;
        Some(Self { time_unix_nano: civil.resolve(&unused)?.nanos, stream, is_partial, text, cut: line.cut })
    }
}

#[cfg(test)]
mod tests;
