//! Cuts the bytes of a syslog connection into messages: framed by octet counting or by newlines (RFC 6587), each as it comes.

use memchr::memchr2;

use super::{DEFAULT_MAX_LINE_BYTES, Line, char_floor, cut_mark};

/// The largest count that is taken for one, bytes. A larger number is the text of a line.
const MAX_COUNT: u64 = 16 << 20;

/// Digits of [`MAX_COUNT`], a blank, and the `<` behind it.
const MAX_HEADER_BYTES: usize = 10;

/// Cuts chunks of bytes into messages.
///
/// A message that begins with a number, a blank and `<` is as long as the number says; any other ends with a newline or a zero byte. Both may come on one
/// connection. Empty messages are passed over. What is given out depends on the bytes alone, never on where the chunks were cut.
///
/// ```
/// use spile_lines::SyslogSplitter;
///
/// let mut splitter = SyslogSplitter::new();
/// let mut input = &b"6 <13>ab<13>line\n2024 is no count\n"[..];
/// let mut seen = Vec::new();
/// while let Some(message) = splitter.next_message(&mut input) {
///     seen.push(message.bytes.to_vec());
/// }
/// assert_eq!(seen, [&b"<13>ab"[..], b"<13>line", b"2024 is no count"]);
/// ```
///
/// Memory: about twice `max_message_bytes` at most.
#[derive(Debug)]
pub struct SyslogSplitter {
    max_message_bytes: usize,
    framing: Framing,
    /// The first bytes of the message that is not finished, or the beginning that does not tell its framing yet.
    kept: Vec<u8>,
    /// How many bytes of that message have been seen.
    seen: u64,
    /// `kept` is a message already given out.
    stale: bool,
}

/// How the message that is being read ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// Its beginning does not tell yet.
    Unknown,
    /// After so many bytes in all.
    Counted(u64),
    /// With a newline or a zero byte.
    Line,
}

/// What a message's first bytes say.
enum Beginning {
    /// Too few of them.
    Short,
    /// So many bytes follow behind so many of header.
    Counted(u64, usize),
    Line,
}

impl Default for SyslogSplitter {
    fn default() -> Self {
        Self::new()
    }
}

impl SyslogSplitter {
    /// A splitter with the limit [`DEFAULT_MAX_LINE_BYTES`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_max_message_bytes(DEFAULT_MAX_LINE_BYTES)
    }

    /// A splitter that keeps at most so much of a message, and leaves out and counts the rest. The mark of a cut comes on top.
    #[must_use]
    pub fn with_max_message_bytes(max_message_bytes: usize) -> Self {
        Self { max_message_bytes, framing: Framing::Unknown, kept: Vec::new(), seen: 0, stale: false }
    }

    /// The next message that ends in `input`, which is moved past it. `None` when `input` is used up.
    pub fn next_message<'s>(&'s mut self, input: &mut &[u8]) -> Option<Line<'s>> {
        self.drop_stale();
        loop {
            match self.framing {
                Framing::Unknown => self.begin(input)?,
                Framing::Counted(count) => {
                    let wanted = usize::try_from(count - self.seen).unwrap_or(usize::MAX);
                    let (head, rest) = input.split_at(wanted.min(input.len()));
                    self.take_in(head);
                    *input = rest;
                    if self.seen < count {
                        return None;
                    }
                    return Some(self.give_out());
                }
                Framing::Line => {
                    let Some(end) = memchr2(b'\n', 0, input) else {
                        self.take_in(input);
                        *input = &[];
                        return None;
                    };
                    self.take_in(&input[..end]);
                    *input = &input[end + 1..];
                    return Some(self.give_out());
                }
            }
        }
    }

    /// The last message, if the input ended inside of it, and whether something is known to be missing.
    pub fn finish(&mut self) -> Option<(Line<'_>, bool)> {
        self.drop_stale();
        let is_partial = matches!(self.framing, Framing::Counted(_));
        (self.seen > 0).then(|| (self.give_out(), is_partial))
    }

    /// Bytes taken in of a message that is not finished.
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        if self.stale { 0 } else { self.seen }
    }

    /// Finds out how the next message ends. `None` if there are too few bytes to tell.
    fn begin(&mut self, input: &mut &[u8]) -> Option<()> {
        if self.kept.is_empty() {
            let ends = input.iter().take_while(|byte| matches!(byte, b'\n' | b'\r' | 0)).count();
            *input = &input[ends..];
        }
        let known = self.kept.len();
        let more = input.len().min(MAX_HEADER_BYTES - known);
        self.kept.extend_from_slice(&input[..more]);
        let beginning = if self.kept.is_empty() { Beginning::Short } else { beginning(&self.kept) };
        match beginning {
            Beginning::Short => {
                self.seen = self.kept.len() as u64;
                *input = &input[more..];
                return None;
            }
            Beginning::Counted(count, header) => {
                self.framing = Framing::Counted(count);
                self.kept.clear();
                self.seen = 0;
                *input = &input[header - known..];
            }
            Beginning::Line => {
                // The end of the line may be among these bytes.
                self.framing = Framing::Line;
                self.kept.truncate(known);
                self.seen = known as u64;
            }
        }
        Some(())
    }

    fn take_in(&mut self, bytes: &[u8]) {
        let room = self.max_message_bytes.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&bytes[..room.min(bytes.len())]);
        self.seen += bytes.len() as u64;
    }

    fn give_out(&mut self) -> Line<'_> {
        self.stale = true;
        let consumed = self.seen;
        let mut cut = self.seen - self.kept.len() as u64;
        if cut > 0 {
            let kept = char_floor(&self.kept, self.max_message_bytes);
            cut += (self.kept.len() - kept) as u64;
            self.kept.truncate(kept);
            self.kept.extend_from_slice(cut_mark(cut).as_bytes());
        } else {
            let text = self.kept.strip_suffix(b"\n").unwrap_or(&self.kept);
            let text = text.strip_suffix(b"\r").unwrap_or(text).len();
            self.kept.truncate(text);
        }
        Line { bytes: &self.kept, consumed, cut }
    }

    fn drop_stale(&mut self) {
        if self.stale {
            self.stale = false;
            self.framing = Framing::Unknown;
            self.seen = 0;
            // Gives the memory of a long message back: many of these may lie idle.
            self.kept = Vec::new();
        }
    }
}

/// `123 <` begins a counted message.
fn beginning(bytes: &[u8]) -> Beginning {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || bytes[0] == b'0' {
        return Beginning::Line;
    }
    let count = bytes[..digits].iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    match bytes[digits..] {
        _ if count > MAX_COUNT => Beginning::Line,
        [] | [b' '] => Beginning::Short,
        [b' ', b'<', ..] => Beginning::Counted(count, digits + 1),
        _ => Beginning::Line,
    }
}

#[cfg(test)]
mod tests;
