//! Joins the pieces that container runtimes cut long lines into, in bounded memory.

use super::{CriLine, Stream};
use crate::split::{DEFAULT_MAX_LINE_BYTES, Line, char_floor, cut_mark, without_mark};

/// What became of a line given to a [`CriAssembler`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assembled<'a> {
    /// A whole line of the container.
    Line(CriLine<'a>),
    /// A piece, kept until the rest of its line comes.
    Pending,
    /// No line of a container runtime: it is to be read as it is.
    Other,
}

/// How far a reader has to go back in its input to be able to start again with nothing kept.
///
/// A reader that stops (or saves its position) while pieces are kept goes back `bytes`, reads from there with a new assembler, and passes over
/// the first `lines` results that are not [`Assembled::Pending`]: those it already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rewind {
    /// Bytes of input since the oldest kept piece began.
    pub bytes: u64,
    /// Results other than `Pending` since then.
    pub lines: u64,
}

/// Joins the pieces of each container line; standard output and error are joined apart, as their pieces may be mixed.
///
/// Memory: at most about twice `max_line_bytes` for each of the two. What is over the limit is left out, counted and marked as a
/// [`LineSplitter`](crate::LineSplitter) does.
#[derive(Debug)]
pub struct CriAssembler {
    max_line_bytes: usize,
    stdout: Pieces,
    stderr: Pieces,
}

#[derive(Debug, Default)]
struct Pieces {
    /// What came so far.
    text: Vec<u8>,
    /// Bytes left out so far.
    cut: u64,
    /// The first piece's time; `None` if there are no pieces.
    time_unix_nano: Option<u64>,
    since: Rewind,
    /// `text` is a line already given out.
    stale: bool,
}

impl Default for CriAssembler {
    fn default() -> Self {
        Self::new()
    }
}

impl CriAssembler {
    /// An assembler with the limit [`DEFAULT_MAX_LINE_BYTES`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_max_line_bytes(DEFAULT_MAX_LINE_BYTES)
    }

    /// An assembler that keeps at most `max_line_bytes` of a line.
    #[must_use]
    pub fn with_max_line_bytes(max_line_bytes: usize) -> Self {
        Self { max_line_bytes, stdout: Pieces::default(), stderr: Pieces::default() }
    }

    /// Takes in the next line of the input.
    pub fn push<'s, 'i: 's>(&'s mut self, line: &Line<'i>) -> Assembled<'s> {
        let read = CriLine::read(line);
        let is_result = read.is_none_or(|piece| !piece.is_partial);
        for pieces in [&mut self.stdout, &mut self.stderr] {
            pieces.drop_stale();
            if pieces.time_unix_nano.is_some() {
                pieces.since.bytes += line.consumed;
                pieces.since.lines += u64::from(is_result);
            }
        }
        let Some(piece) = read else { return Assembled::Other };
        let max = self.max_line_bytes;
        let pieces = self.pieces(piece.stream);
        if !piece.is_partial
            && pieces.time_unix_nano.is_none()
            && without_mark(piece.text, piece.cut).len() <= max
        {
            return Assembled::Line(piece);
        }
        if pieces.time_unix_nano.is_none() {
            pieces.time_unix_nano = Some(piece.time_unix_nano);
            pieces.since = Rewind { bytes: line.consumed, lines: 0 };
        }
        pieces.take_in(&piece, max);
        if piece.is_partial { Assembled::Pending } else { Assembled::Line(pieces.give_out(piece.stream)) }
    }

    /// How far back the oldest kept piece began; nothing if no piece is kept.
    #[must_use]
    pub fn rewind(&self) -> Rewind {
        let kept = [&self.stdout, &self.stderr]
            .into_iter()
            .filter(|pieces| !pieces.stale && pieces.time_unix_nano.is_some());
        kept.map(|pieces| pieces.since).max_by_key(|since| since.bytes).unwrap_or_default()
    }

    /// A line whose last piece never came, at the end of the input. To be called until there is none.
    pub fn finish(&mut self) -> Option<CriLine<'_>> {
        for stream in [Stream::Stdout, Stream::Stderr] {
            self.pieces(stream).drop_stale();
        }
        let is_kept = |pieces: &Pieces| pieces.time_unix_nano.is_some();
        match (is_kept(&self.stdout), is_kept(&self.stderr)) {
            (true, _) => Some(self.stdout.give_out(Stream::Stdout)),
            (_, true) => Some(self.stderr.give_out(Stream::Stderr)),
            _ => None,
        }
    }

    /// Bytes of memory taken by the kept pieces.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.stdout.text.capacity() + self.stderr.text.capacity()
    }

    fn pieces(&mut self, stream: Stream) -> &mut Pieces {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }
}

impl Pieces {
    fn take_in(&mut self, piece: &CriLine<'_>, max: usize) {
        let text = without_mark(piece.text, piece.cut);
        // Once something is left out, all that follows is, so that the text has no hole.
        let kept = if self.cut > 0 { 0 } else { char_floor(text, max.saturating_sub(self.text.len())) };
        self.text.extend_from_slice(&text[..kept]);
        self.cut += (text.len() - kept) as u64 + piece.cut;
    }

    fn give_out(&mut self, stream: Stream) -> CriLine<'_> {
        self.stale = true;
        if self.cut > 0 {
            self.text.extend_from_slice(cut_mark(self.cut).as_bytes());
        }
        let time_unix_nano = self.time_unix_nano.unwrap_or_default();
        CriLine { time_unix_nano, stream, is_partial: false, text: &self.text, cut: self.cut }
    }

    fn drop_stale(&mut self) {
        if self.stale {
            self.text.clear();
            self.cut = 0;
            self.time_unix_nano = None;
            self.since = Rewind::default();
            self.stale = false;
        }
    }
}
