//! Finds a level where lines conventionally have one. What counts as a level depends on how unmistakable the place is.

use crate::scan::Scanner;
use crate::severity::{from_letter, severity_from_name};

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Alone between brackets, bars or dashes: any known name counts, and one capital letter.
    Delimited,
    /// The first word after the time: the common names in any case, all others only in capitals.
    First,
    /// Elsewhere among the words of a header: capitals only.
    Later,
}

/// The severity number of a word, if it is a level in that place.
pub(crate) fn level(word: &str, place: Place) -> Option<u8> {
    let bytes = word.as_bytes();
    if let [letter] = bytes {
        return if place == Place::Delimited { from_letter(*letter) } else { None };
    }
    if !(3..=16).contains(&bytes.len()) || !bytes[0].is_ascii_alphabetic() {
        return None;
    }
    let is_capitals = !bytes.iter().any(u8::is_ascii_lowercase);
    let counts = match place {
        Place::Delimited => true,
        Place::First => is_capitals || is_common(word),
        Place::Later => is_capitals,
    };
    // `http`, `default` and the like are no levels in a header, but Loguru's `| SUCCESS |` is one.
    let is_loguru = place == Place::Delimited && word == "SUCCESS";
    if !counts || is_ambiguous(word) && !is_loguru {
        return None;
    }
    severity_from_name(word).filter(|number| *number > 0)
}

fn is_common(word: &str) -> bool {
    const COMMON: [&str; 12] = [
        "trace",
        "debug",
        "info",
        "information",
        "notice",
        "warn",
        "warning",
        "err",
        "error",
        "crit",
        "critical",
        "fatal",
    ];
    COMMON.iter().any(|common| word.eq_ignore_ascii_case(common))
}

fn is_ambiguous(word: &str) -> bool {
    const AMBIGUOUS: [&str; 6] = ["http", "success", "failure", "default", "config", "assert"];
    AMBIGUOUS.iter().any(|ambiguous| word.eq_ignore_ascii_case(ambiguous))
}

/// A level that begins a line, as compilers, shells, Python and many small programs write it:
///
/// - `ERROR: text`, `error: text`, `Warning: text`: any known name with a colon;
/// - `[ERROR] text`, `[error] text`, `<error> text`: between brackets, alone or with a colon after it;
/// - `ERROR text`: in capitals, followed by a blank or a tab.
///
/// Gives the number, the word, and a scanner after it (and after its colon or bracket).
pub(crate) fn leading<'a>(text: &'a str) -> Option<(u8, &'a str, Scanner<'a>)> {
    let mut scanner = Scanner::new(text);
    let close = match scanner.eat_any(b"[<") {
        Some(b'[') => Some(b']'),
        Some(_) => Some(b'>'),
        None => None,
    };
    let word = scanner.take_until(|byte| !(byte.is_ascii_alphanumeric() || byte == b' ' && close.is_some()));
    let name = word.trim_ascii();
    let after = scanner.peek();
    let place = if close.is_some() || after == Some(b':') { Place::Delimited } else { Place::Later };
    if name.len() < 2 {
        return None;
    }
    let number = level(name, place)?;
    match close {
        Some(close) => {
            if !scanner.eat(close) {
                return None;
            }
            scanner.eat(b':');
        }
        None if after == Some(b':') => scanner.skip(1),
        None if matches!(after, Some(b' ' | b'\t')) => {}
        None => return None,
    }
    Some((number, name, scanner))
}

/// The value of a `level=`, `lvl=` or `severity=` field among the first words of a text: as unmistakable as a level gets.
pub(crate) fn field(text: &str) -> Option<(u8, &str)> {
    const MAX_SEARCHED_BYTES: usize = 256;
    let bytes = &text.as_bytes()[..text.len().min(MAX_SEARCHED_BYTES)];
    for equals in memchr::memchr_iter(b'=', bytes) {
        let before = &bytes[..equals];
        let Some(key) = [&b"level"[..], b"lvl", b"severity"].into_iter().find(|key| before.ends_with(key))
        else {
            continue;
        };
        let start = equals - key.len();
        if start > 0 && !matches!(bytes[start - 1], b' ' | b'\t' | b',' | b'[' | b'(' | b'{') {
            continue;
        }
        let mut scanner = Scanner::new(text.get(equals + 1..)?);
        scanner.eat(b'"');
        let word = scanner.take_until(|byte| !byte.is_ascii_alphanumeric());
        if let Some(number) = severity_from_name(word).filter(|number| *number > 0) {
            return Some((number, word));
        }
    }
    None
}

#[cfg(test)]
mod tests;
