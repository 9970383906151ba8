//! Lines of no known syntax, and those of which only the level is known.

use std::borrow::Cow;

use crate::level;
use crate::parsed::{Format, ParsedLine};

/// The line as it is, with its level if it begins with one or has a `level=` field. Python's `LEVEL:logger:text` gives the logger too.
pub(crate) fn read(line: &str) -> ParsedLine<'_> {
    let mut parsed = ParsedLine::plain(line);
    if let Some((number, word, mut after)) = level::leading(line) {
        parsed.format = Format::Leveled;
        parsed.set_severity(number, word);
        if line.starts_with(word) && after.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            let logger = after.take_until(|byte| matches!(byte, b':' | b' '));
            if after.peek() == Some(b':') {
                parsed.scope_name = Cow::Borrowed(logger);
            }
        }
    } else if let Some((number, word)) = level::field(line) {
        parsed.format = Format::Leveled;
        parsed.set_severity(number, word);
    }
    parsed
}
