//! Keeps bytes that are not text readable, and restorable to the last bit.
//!
//! Valid UTF-8 without NUL is text and stays as it is. Otherwise the line is *escaped*: each byte that is not part of
//! a valid character, and each NUL, becomes `\xNN` (lower-case hexadecimal), and each literal backslash is doubled; all
//! other characters stay. [`unescape`] gives the bytes back exactly.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// What [`text_of`] made of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    /// The text: the bytes themselves, or their escaped form.
    pub(crate) text: Cow<'a, str>,
    /// Whether `text` is escaped.
    pub(crate) escaped: bool,
    /// How many of the bytes did not fit into the escaped form.
    pub(crate) cut: usize,
}

/// Bytes as text, escaped if need be, the escaped form at most `max_escaped_bytes` long.
pub(crate) fn text_of(bytes: &[u8], max_escaped_bytes: usize) -> Text<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) if memchr(0, bytes).is_none() => Text { text: Cow::Borrowed(text), escaped: false, cut: 0 },
        _ => {
            let (text, taken) = escape_up_to(bytes, max_escaped_bytes);
            Text { text: Cow::Owned(text), escaped: true, cut: bytes.len() - taken }
        }
    }
}

/// The escaped form of any bytes. At most four times as long.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    escape_up_to(bytes, usize::MAX).0
}

/// Escapes as many bytes as fit into `max` bytes of text; says how many those were.
fn escape_up_to(bytes: &[u8], max: usize) -> (String, usize) {
    let mut out = String::with_capacity((bytes.len() + bytes.len() / 8 + 16).min(max));
    let mut taken = 0;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let written = match character {
                '\0' => 4,
                '\\' => 2,
                other => other.len_utf8(),
            };
            if out.len() + written > max {
                return (out, taken);
            }
            match character {
                '\0' => out.push_str("\\x00"),
                '\\' => out.push_str("\\\\"),
                other => out.push(other),
            }
            taken += character.len_utf8();
        }
        for byte in chunk.invalid() {
            if out.len() + 4 > max {
                return (out, taken);
            }
            out.push_str("\\x");
            out.push(hex_digit(byte >> 4));
            out.push(hex_digit(byte & 15));
            taken += 1;
        }
    }
    (out, taken)
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).expect("a nibble is below 16")
}

/// The bytes that [`escape`] was given. Text that is not an escaped form is taken as far as it goes: a backslash that begins
/// neither `\\` nor `\xNN` stands for itself.
#[must_use]
pub fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        match rest {
            [b'\\', tail @ ..] => {
                out.push(b'\\');
                rest = tail;
            }
            [b'x', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(nibble(*high) << 4 | nibble(*low));
                rest = tail;
            }
            _ => out.push(b'\\'),
        }
    }
    out.extend_from_slice(rest);
    out
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10) & 15,
    }
}

/// The text without ANSI escape sequences (colours, cursor moves, links), or `None` if it has none.
pub(crate) fn without_ansi(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    memchr(0x1B, bytes)?;
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(found) = memchr(0x1B, &bytes[from..]) {
        let start = from + found;
        out.push_str(text.get(from..start).unwrap_or_default());
        from = start + ansi_len(&bytes[start..]);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Some(out)
}

/// The length of the escape sequence at the start of `bytes`, which begin with ESC; always ends on a character boundary.
fn ansi_len(bytes: &[u8]) -> usize {
    match bytes.get(1) {
        // Control sequence: parameters and intermediates, then one final byte.
        Some(b'[') => {
            let body = bytes[2..].iter().take_while(|byte| (0x20..=0x3F).contains(*byte)).count();
            let has_final = bytes.get(2 + body).is_some_and(|byte| (0x40..=0x7E).contains(byte));
            2 + body + usize::from(has_final)
        }
        // Operating system command (a link, a title): up to BEL or ESC backslash.
        Some(b']') => match memchr2(0x07, 0x1B, &bytes[2..]) {
            Some(at) if bytes[2 + at] == 0x07 => 2 + at + 1,
            Some(at) if bytes.get(2 + at + 1) == Some(&b'\\') => 2 + at + 2,
            _ => 2,
        },
        // Character sets and the like: intermediates, then one final byte.
        Some(0x20..=0x2F) => {
            let intermediates = bytes[1..].iter().take_while(|byte| (0x20..=0x2F).contains(*byte)).count();
            let has_final = bytes.get(1 + intermediates).is_some_and(|byte| (0x30..=0x7E).contains(byte));
            1 + intermediates + usize::from(has_final)
        }
        Some(0x30..=0x7E) => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
