//! Cuts a stream of bytes into lines, whatever the chunks it comes in, in bounded memory.
//!
//! A line that lies wholly inside one chunk is borrowed from it; only a line that crosses chunks, or is over the limit,
//! is copied. What is given out depends on the bytes alone, never on where the chunks were cut.

mod syslog;

use memchr::memchr;

pub use syslog::SyslogSplitter;

/// The default of the longest line kept whole: 64 KiB, the terminator not counted.
pub const DEFAULT_MAX_LINE_BYTES: usize = 64 * 1024;

/// One line of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The text without its terminator (`\n` or `\r\n`). When `cut` is not 0 it ends in [`cut_mark`]`(cut)`.
    pub bytes: &'a [u8],
    /// Bytes of input this line took, terminator and whatever was cut included. The sum over all lines given out is the
    /// exact position in the input at which the next line begins.
    pub consumed: u64,
    /// Bytes of the line's text left out because it was over the limit; 0 for a line kept whole.
    pub cut: u64,
}

impl<'a> Line<'a> {
    /// A whole line that no splitter has seen: nothing is cut, and no terminator counted.
    #[must_use]
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, consumed: bytes.len() as u64, cut: 0 }
    }

    /// The text without the mark of a cut.
    #[must_use]
    pub fn kept(&self) -> &'a [u8] {
        without_mark(self.bytes, self.cut)
    }
}

/// The text that ends a line of which `cut` bytes are left out.
#[must_use]
pub fn cut_mark(cut: u64) -> String {
    format!("…[spile: cut {cut} bytes]")
}

/// `bytes` without the mark at its end, when `cut` says that it has one.
pub(crate) fn without_mark(bytes: &[u8], cut: u64) -> &[u8] {
    if cut == 0 { bytes } else { bytes.strip_suffix(cut_mark(cut).as_bytes()).unwrap_or(bytes) }
}

/// The end of the longest prefix of `bytes` that is at most `max` bytes and splits no UTF-8 character.
pub(crate) fn char_floor(bytes: &[u8], max: usize) -> usize {
    let end = max.min(bytes.len());
    for back in 1..=3.min(end) {
        let width = match bytes[end - back] {
            0x80..=0xBF => continue,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        };
        return if width > back { end - back } else { end };
    }
    end
}

/// Cuts chunks of bytes into [`Line`]s.
///
/// ```
/// use spile_lines::LineSplitter;
///
/// let mut splitter = LineSplitter::new();
/// let mut seen = Vec::new();
/// for chunk in [&b"first\r\nsec"[..], b"ond\nlast"] {
///     let mut input = chunk;
///     while let Some(line) = splitter.next_line(&mut input) {
///         seen.push((line.bytes.to_vec(), line.consumed));
///     }
/// }
/// assert_eq!(seen, [(b"first".to_vec(), 7), (b"second".to_vec(), 7)]);
/// assert_eq!(splitter.pending_bytes(), 4);
/// assert_eq!(splitter.finish().map(|line| line.bytes.to_vec()), Some(b"last".to_vec()));
/// ```
///
/// Memory: at most about twice `max_line_bytes` (a growing buffer), however long the line. Empty lines are given out like any other.
#[derive(Debug)]
pub struct LineSplitter {
    max_line_bytes: usize,
    /// The first bytes of the line that is not finished, at most `max_line_bytes` of them.
    kept: Vec<u8>,
    /// How many bytes of that line have been seen; more than `kept` holds once it is over the limit.
    seen: u64,
    /// Whether the last byte seen was `\r`, which belongs to the terminator if `\n` follows.
    ends_in_cr: bool,
    /// `kept` is a line already given out.
    stale: bool,
}

impl Default for LineSplitter {
    fn default() -> Self {
        Self::new()
    }
}

impl LineSplitter {
    /// A splitter with the limit [`DEFAULT_MAX_LINE_BYTES`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_max_line_bytes(DEFAULT_MAX_LINE_BYTES)
    }

    /// A splitter that keeps at most `max_line_bytes` of a line, and leaves out and counts the rest. The mark of a cut comes on top.
    #[must_use]
    pub fn with_max_line_bytes(max_line_bytes: usize) -> Self {
        Self { max_line_bytes, kept: Vec::new(), seen: 0, ends_in_cr: false, stale: false }
    }

    /// The next line that ends in `input`, which is moved past it. `None` when `input` is used up; what it held
    /// of an unfinished line is kept for the next chunk.
    pub fn next_line<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Option<Line<'s>> {
        self.drop_stale();
        let bytes: &'i [u8] = input;
        let Some(end) = memchr(b'\n', bytes) else {
            self.take_in(bytes);
            *input = &[];
            return None;
        };
        let head = &bytes[..end];
        *input = &bytes[end + 1..];
        if self.seen == 0 {
            let text = head.strip_suffix(b"\r").unwrap_or(head);
            if text.len() <= self.max_line_bytes {
                return Some(Line { bytes: text, consumed: end as u64 + 1, cut: 0 });
            }
        }
        self.take_in(head);
        let text_bytes = self.seen - u64::from(self.ends_in_cr);
        Some(self.give_out(text_bytes, self.seen + 1))
    }

    /// The last line, if the input ended without a terminator. The splitter is then as new.
    pub fn finish(&mut self) -> Option<Line<'_>> {
        self.drop_stale();
        (self.seen > 0).then(|| self.give_out(self.seen, self.seen))
    }

    /// Bytes taken in of a line that is not finished. The input's position less this is where that line begins.
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        if self.stale { 0 } else { self.seen }
    }

    /// Forgets an unfinished line, as when a followed file was truncated.
    pub fn reset(&mut self) {
        self.stale = true;
        self.drop_stale();
    }

    fn take_in(&mut self, bytes: &[u8]) {
        let Some(&last) = bytes.last() else { return };
        let room = self.max_line_bytes.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&bytes[..room.min(bytes.len())]);
        self.seen += bytes.len() as u64;
        self.ends_in_cr = last == b'\r';
    }

    fn give_out(&mut self, text_bytes: u64, consumed: u64) -> Line<'_> {
        self.stale = true;
        let cut = if text_bytes <= self.max_line_bytes as u64 {
            // A `\r` of the terminator may have been kept.
            self.kept.truncate(usize::try_from(text_bytes).unwrap_or(usize::MAX));
            0
        } else {
            self.kept.truncate(char_floor(&self.kept, self.max_line_bytes));
            let cut = text_bytes - self.kept.len() as u64;
            self.kept.extend_from_slice(cut_mark(cut).as_bytes());
            cut
        };
        Line { bytes: &self.kept, consumed, cut }
    }

    fn drop_stale(&mut self) {
        if self.stale {
            self.stale = false;
            self.kept.clear();
            self.seen = 0;
            self.ends_in_cr = false;
        }
    }
}

#[cfg(test)]
mod tests;
