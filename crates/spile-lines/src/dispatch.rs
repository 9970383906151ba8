//! Chooses the formats to try for a line by its first bytes, so that a line is read once, not once per format.

use std::borrow::Cow;

use memchr::memchr;

use crate::escape::without_ansi;
use crate::formats::{
    access, apache, bars, blue_gene, hadoop, json, klog, logcat, logfmt, plain, ruby, syslog, timestamped,
};
use crate::parsed::{Format, ParsedLine};
use crate::time::Context;
use crate::trace;

/// Reads a line of text. `is_cut` says that its end is missing.
pub(crate) fn read_text<'a>(text: &'a str, is_cut: bool, context: &Context) -> ParsedLine<'a> {
    if let Some(plain) = coloured(text) {
        let mut parsed = read_text(&plain, is_cut, context).into_owned();
        if parsed.body == plain {
            parsed.body = Cow::Borrowed(text);
        }
        return parsed;
    }
    let mut parsed = by_first_byte(text, is_cut, context).unwrap_or_else(|| last_resort(text, context));
    if parsed.trace_id.is_none() && !matches!(parsed.format, Format::Json | Format::Logfmt) {
        trace::find_in_text(text, &mut parsed);
    }
    parsed
}

/// The line without colours, if its header has any. (Colours further on are nobody's trouble.)
fn coloured(text: &str) -> Option<String> {
    const MAX_HEADER_BYTES: usize = 128;
    let header = &text.as_bytes()[..text.len().min(MAX_HEADER_BYTES)];
    memchr(0x1B, header)?;
    without_ansi(text)
}

fn by_first_byte<'a>(text: &'a str, is_cut: bool, context: &Context) -> Option<ParsedLine<'a>> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'{' => json::read(text, is_cut, context),
        b' ' | b'\t' => {
            let inner = text.trim_ascii_start();
            let json = if inner.starts_with('{') { json::read(inner, is_cut, context) } else { None };
            // An indented line is the continuation of another.
            json.or_else(|| Some(ParsedLine::plain(text)))
        }
        b'<' => syslog::read_framed(text, context),
        b'[' => match bytes.get(1)? {
            b'M' | b'T' | b'W' | b'F' | b'S' => apache::read(text, context),
            _ => None,
        }
        .or_else(|| timestamped::read_bracketed(text, context)),
        b'0'..=b'9' => by_digits(text, context),
        b'A'..=b'Z' => by_capital(text, context),
        b'-' => blue_gene::read(text, context),
        _ => None,
    }
}

/// A line that begins with a digit: the place of the first mark tells dates apart.
fn by_digits<'a>(text: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let bytes = text.as_bytes();
    match bytes.iter().position(|byte| !byte.is_ascii_digit())? {
        4 if matches!(bytes[4], b'-' | b'/' | b'.') => timestamped::read(text, context),
        2 if bytes[2] == b'-' => {
            logcat::read(text, context).or_else(|| timestamped::read_named_month(text, context))
        }
        2 if bytes[2] == b':' => timestamped::read_clock(text, context),
        1 | 2 => timestamped::read_named_month(text, context),
        6 if bytes[6] == b' ' => hadoop::read(text, context),
        8 if bytes[8] == b'-' => bars::read(text, context),
        _ => None,
    }
}

/// A line that begins with a capital letter: syslog's month, klog, Ruby's logger, logcat without a time.
fn by_capital<'a>(text: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    match text.as_bytes() {
        [_, b'0'..=b'9', ..] => klog::read(text, context),
        [_, b',', b' ', b'[', ..] => ruby::read(text, context),
        [_, b'/', ..] => logcat::read_brief(text),
        [_, _, _, b' ', ..] => syslog::read_file_line(text, context),
        _ => None,
    }
}

/// Formats that their first byte does not tell.
fn last_resort<'a>(text: &'a str, context: &Context) -> ParsedLine<'a> {
    let bytes = text.as_bytes();
    let word = &bytes[..memchr(b' ', bytes).unwrap_or(bytes.len())];
    let is_pair = memchr(b'=', word).is_some();
    let after = bytes.get(word.len() + 1).copied().unwrap_or_default();
    None.or_else(|| if is_pair { logfmt::read(text, context) } else { None })
        .or_else(|| access::read(text, context))
        .or_else(|| if after.is_ascii_digit() { timestamped::read_after_word(text, context) } else { None })
        .or_else(|| if after.is_ascii_digit() { blue_gene::read(text, context) } else { None })
        .unwrap_or_else(|| plain::read(text))
}
