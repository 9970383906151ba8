//! Makes text harmless for a terminal: what would move the cursor, change colours, or reorder what is read becomes visible.

use std::borrow::Cow;
use std::fmt::Write;

/// What a line break within a text becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breaks {
    /// A new line that begins with white space, so that no text can look like a record of its own.
    Indent,
    /// As it is.
    Keep,
}

/// The text with line breaks and everything harmful made visible.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c == '\n' || is_harmful(c)) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_visible(&mut visible, character, |out| out.push_str("\\n"));
    }
    Cow::Owned(visible)
}

/// The text with everything harmful made visible, its further lines indented.
pub(crate) fn indented(text: &str) -> String {
    let mut visible = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_visible(&mut visible, character, |out| out.push_str(Breaks::Indent.text()));
    }
    visible
}

/// Appends a text with everything harmful made visible, and line breaks as wanted.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str, breaks: Breaks) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let mut visible = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_visible(&mut visible, character, |out| out.push_str(breaks.text()));
    }
    out.extend_from_slice(visible.as_bytes());
}

/// As [`push_text`], for bytes of which not all are text.
pub(crate) fn push_bytes(out: &mut Vec<u8>, bytes: &[u8], breaks: Breaks) {
    for chunk in bytes.utf8_chunks() {
        push_text(out, chunk.valid(), breaks);
        for byte in chunk.invalid() {
            out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
        }
    }
}

/// Appends a text as it is, but for its line breaks.
pub(crate) fn push_indented(out: &mut Vec<u8>, text: &str) {
    if !text.contains('\n') {
        return out.extend_from_slice(text.as_bytes());
    }
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.extend_from_slice(Breaks::Indent.text().as_bytes());
        }
        out.extend_from_slice(line.as_bytes());
    }
}

/// The JSON text with everything harmful as `\u` escapes. What is not ASCII can only stand within a string there.
pub(crate) fn json(text: String) -> String {
    if text.is_ascii() && !text.contains('\x7f') {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if character != '\n' && is_harmful(character) {
            // All that is harmful is in the basic plane.
            let _infallible = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

impl Breaks {
    fn text(self) -> &'static str {
        match self {
            Self::Indent => "\n    ",
            Self::Keep => "\n",
        }
    }
}

fn push_visible(out: &mut String, character: char, line_break: impl Fn(&mut String)) {
    match character {
        '\n' => line_break(out),
        '\r' => out.push_str("\\r"),
        harmful if !is_harmful(harmful) => out.push(harmful),
        // Writing to a String cannot fail.
        ascii @ '\0'..='\x7f' => drop(write!(out, "\\x{:02x}", u32::from(ascii))),
        other => drop(write!(out, "\\u{{{:x}}}", u32::from(other))),
    }
}

/// Control characters but for tab and line feed, line separators, and what changes the direction of writing.
fn is_harmful(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x08'
            | '\x0b'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests;
