//! A reading position in one line: the small steps all formats are read by.

use memchr::memchr;

/// Reads a line from left to right. Copying it is remembering a place to come back to.
///
/// The position only ever moves past ASCII bytes or whole pieces of text, so it lies on a character boundary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What is not read yet.
    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Moves past `count` bytes; the caller knows them to be whole characters.
    pub(crate) fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.text.len());
        debug_assert!(self.text.is_char_boundary(self.at));
    }

    /// Moves past an ASCII byte if it is the next one.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Moves past one of the ASCII bytes if it is the next one, and says which.
    pub(crate) fn eat_any(&mut self, bytes: &[u8]) -> Option<u8> {
        let found = self.peek().filter(|byte| bytes.contains(byte))?;
        self.at += 1;
        Some(found)
    }

    /// Moves past `text` if it comes next.
    pub(crate) fn eat_str(&mut self, text: &str) -> bool {
        let found = self.bytes().starts_with(text.as_bytes());
        if found {
            self.at += text.len();
        }
        found
    }

    /// Moves past blanks and tabs; how many.
    pub(crate) fn blanks(&mut self) -> usize {
        self.skip_while(|byte| byte == b' ' || byte == b'\t')
    }

    fn skip_while(&mut self, mut wanted: impl FnMut(u8) -> bool) -> usize {
        let count = self.bytes().iter().take_while(|byte| byte.is_ascii() && wanted(**byte)).count();
        self.at += count;
        count
    }

    /// The next `min` to `max` digits as a number; `max` is at most 9. Fewer digits: `None` and no step.
    pub(crate) fn digits(&mut self, min: usize, max: usize) -> Option<u32> {
        let bytes = self.bytes();
        let mut number = 0;
        let mut count = 0;
        while count < max {
            match bytes.get(count) {
                Some(digit @ b'0'..=b'9') => number = number * 10 + u32::from(digit - b'0'),
                _ => break,
            }
            count += 1;
        }
        if count < min {
            return None;
        }
        self.at += count;
        Some(number)
    }

    /// Two digits as a number, as in a time.
    pub(crate) fn two(&mut self) -> Option<u8> {
        match self.bytes() {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => {
                self.at += 2;
                Some((tens - b'0') * 10 + (ones - b'0'))
            }
            _ => None,
        }
    }

    /// A whole number of up to 18 digits.
    pub(crate) fn integer(&mut self) -> Option<i64> {
        let mut number = 0_i64;
        let count = self.skip_while(|byte| byte.is_ascii_digit());
        let digits = self.text.as_bytes().get(self.at - count..self.at)?;
        if digits.is_empty() || digits.len() > 18 {
            self.at -= count;
            return None;
        }
        for digit in digits {
            number = number * 10 + i64::from(digit - b'0');
        }
        Some(number)
    }

    /// The text before the next `byte` (ASCII), and moves past both.
    pub(crate) fn until(&mut self, byte: u8) -> Option<&'a str> {
        let rest = self.rest();
        let end = memchr(byte, rest.as_bytes())?;
        self.at += end + 1;
        rest.get(..end)
    }

    /// The text up to a blank, a tab or the end; empty if one comes next.
    pub(crate) fn word(&mut self) -> &'a str {
        self.take_until(|byte| byte == b' ' || byte == b'\t')
    }

    /// The text before the first byte (ASCII) that `stop` names, or all of it.
    pub(crate) fn take_until(&mut self, mut stop: impl FnMut(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let end = bytes.iter().position(|byte| byte.is_ascii() && stop(*byte)).unwrap_or(bytes.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// The text between brackets, which may be nested, if an opening one comes next.
    pub(crate) fn group(&mut self, open: u8, close: u8) -> Option<&'a str> {
        /// A header's bracket is short; a longer one is not worth the search.
        const MAX_GROUP_BYTES: usize = 512;
        let rest = self.rest();
        let bytes = rest.as_bytes();
        if bytes.first() != Some(&open) {
            return None;
        }
        let mut depth = 0_usize;
        for (at, byte) in bytes.iter().enumerate().take(MAX_GROUP_BYTES) {
            if *byte == open {
                depth += 1;
            } else if *byte == close {
                depth -= 1;
                if depth == 0 {
                    self.at += at + 1;
                    return rest.get(1..at);
                }
            }
        }
        None
    }

    /// The text between double quotes, a quote after a backslash taken for text, if a quote comes next.
    pub(crate) fn quoted(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        if bytes.first() != Some(&b'"') {
            return None;
        }
        let mut at = 1;
        loop {
            at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes[at] == b'"' {
                self.at += at + 1;
                return rest.get(1..at);
            }
            at += 2;
        }
    }
}
