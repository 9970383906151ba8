//! One line in, one record's fields out: takes wrappers off, makes the bytes text, and asks the formats that a line's first bytes allow.

use std::borrow::Cow;

use memchr::memchr;

use crate::cri::CriLine;
use crate::dispatch::read_text;
use crate::escape::text_of;
use crate::fields::{self, Field};
use crate::formats::{docker, json};
use crate::names;
use crate::parsed::{BodyKind, ParsedLine, Wrapper};
use crate::split::{Line, cut_mark, without_mark};
use crate::time::{Context, Stamp, UtcOffset};

/// The default bound of the escaped form of a line that is not text: 128 KiB.
///
/// A line that is text but for a few bytes never comes near it; one of nothing but broken bytes is cut after 32 KiB.
pub const DEFAULT_MAX_ESCAPED_BYTES: usize = 128 * 1024;

/// Reads lines. It has options but no state: what it says of a line depends on that line and `now` alone.
///
/// ```
/// use spile_lines::{Format, LineParser};
///
/// let parser = LineParser::new();
/// let now = 1_700_000_000_000_000_000;
/// let line = parser.parse("2023-11-14 22:13:19,123 WARN [main] org.example.Pool: nearly full", now);
/// assert_eq!(line.format, Format::Timestamped);
/// assert_eq!(line.time_unix_nano, Some(1_699_999_999_123_000_000));
/// assert_eq!((line.severity_number, line.severity_text.as_ref()), (13, "WARN"));
/// assert_eq!(line.scope_name, "org.example.Pool");
///
/// let line = parser.parse(r#"{"level":"error","ts":1699999999.5,"msg":"failed","attempt":3}"#, now);
/// assert_eq!((line.severity_number, line.body.as_ref()), (17, "failed"));
/// assert_eq!(line.attribute("attempt").and_then(|value| value.as_i64()), Some(3));
/// ```
#[derive(Debug, Clone)]
pub struct LineParser {
    default_offset: UtcOffset,
    max_escaped_bytes: usize,
}

impl Default for LineParser {
    fn default() -> Self {
        Self::new()
    }
}

impl LineParser {
    /// A parser that takes times without a zone for UTC.
    #[must_use]
    pub fn new() -> Self {
        Self { default_offset: UtcOffset::UTC, max_escaped_bytes: DEFAULT_MAX_ESCAPED_BYTES }
    }

    /// The zone of times that have none.
    #[must_use]
    pub fn with_default_offset(mut self, offset: UtcOffset) -> Self {
        self.default_offset = offset;
        self
    }

    /// The bound of the escaped form of a line that is not text, in bytes; see [`DEFAULT_MAX_ESCAPED_BYTES`].
    #[must_use]
    pub fn with_max_escaped_bytes(mut self, max: usize) -> Self {
        self.max_escaped_bytes = max;
        self
    }

    /// Reads a line, which has no terminator. `now`, in nanoseconds since 1970, completes times without a year or date; it is not
    /// the time of a line that has none.
    #[must_use]
    pub fn parse<'a, T: AsRef<[u8]> + ?Sized>(&self, line: &'a T, now_unix_nano: u64) -> ParsedLine<'a> {
        self.parse_line(&Line::whole(line.as_ref()), now_unix_nano)
    }

    /// Reads a line of a [`LineSplitter`](crate::LineSplitter). If it was cut, the attribute `spile.cut_bytes` says by how much.
    #[must_use]
    pub fn parse_line<'a>(&self, line: &Line<'a>, now_unix_nano: u64) -> ParsedLine<'a> {
        if let Some(cri) = CriLine::read(line) {
            return self.parse_cri(&cri);
        }
        let context = self.context(now_unix_nano);
        if line.bytes.starts_with(docker::PREFIX)
            && let Ok(text) = std::str::from_utf8(line.bytes)
            && let Some(entry) = docker::read(text)
        {
            return self.parse_docker(entry, &context);
        }
        self.read(line.bytes, line.cut, &context)
    }

    /// Reads a line of a [`CriAssembler`](crate::CriAssembler). The runtime's time completes what the line's own time leaves out.
    #[must_use]
    pub fn parse_cri<'a>(&self, line: &CriLine<'a>) -> ParsedLine<'a> {
        let stamp = Stamp { nanos: line.time_unix_nano, zone_assumed: false };
        let parsed = self.read(line.text, line.cut, &self.context(stamp.nanos));
        wrapped(parsed, Wrapper::Cri, stamp, line.stream.as_str(), line.is_partial)
    }

    /// Reads fields that come as values, a table's row for instance.
    #[must_use]
    pub fn read_fields<'a>(
        &self,
        fields: impl IntoIterator<Item = Field<'a>>,
        now_unix_nano: u64,
    ) -> ParsedLine<'a> {
        fields::read(fields, &self.context(now_unix_nano))
    }

    fn parse_docker<'a>(&self, entry: docker::Entry<'a>, context: &Context) -> ParsedLine<'a> {
        let inner = Context { now: entry.stamp.nanos, ..*context };
        let (stamp, stream, is_partial) = (entry.stamp, entry.stream, entry.is_partial);
        let mut parsed = match entry.text {
            Cow::Borrowed(text) => self.read(text.as_bytes(), 0, &inner),
            Cow::Owned(text) => self.read(text.as_bytes(), 0, &inner).into_owned(),
        };
        parsed.attributes.extend(entry.attributes);
        wrapped(parsed, Wrapper::DockerJson, stamp, stream, is_partial)
    }

    fn context(&self, now: u64) -> Context {
        Context { now, offset: self.default_offset }
    }

    /// Reads a line without a wrapper. `cut` bytes were left out of it, and it ends in the mark that says so.
    fn read<'a>(&self, bytes: &'a [u8], cut: u64, context: &Context) -> ParsedLine<'a> {
        let is_cut = cut > 0;
        let (mut parsed, cut) = match std::str::from_utf8(bytes) {
            Ok(text) if memchr(0, bytes).is_none() => {
                (read_text(text.strip_prefix('\u{feff}').unwrap_or(text), is_cut, context), cut)
            }
            _ => self.read_escaped(bytes, cut, context),
        };
        if cut > 0 {
            parsed.add(names::SPILE_CUT_BYTES, cut);
        }
        parsed
    }

    /// Reads a line that is not text: all formats work on its escaped form, but JSON, whose own escapes that would break.
    fn read_escaped(&self, bytes: &[u8], cut: u64, context: &Context) -> (ParsedLine<'static>, u64) {
        let kept = without_mark(bytes, cut);
        let escaped = text_of(kept, self.max_escaped_bytes);
        let cut = cut + escaped.cut as u64;
        let mut text = escaped.text.into_owned();
        if cut > 0 {
            text.push_str(&cut_mark(cut));
        }
        let json = if text.starts_with('{') {
            json::read(&String::from_utf8_lossy(kept), cut > 0, context).map(ParsedLine::into_owned)
        } else {
            None
        };
        let mut parsed = match json {
            Some(parsed) => ParsedLine { body: Cow::Owned(text), ..parsed },
            None => read_text(&text, cut > 0, context).into_owned(),
        };
        parsed.body_kind = BodyKind::Escaped;
        (parsed, cut)
    }
}

/// The line with what its wrapper knows. The wrapper's time is exact: it stands unless the line has an exact one of its own.
fn wrapped<'a>(
    mut parsed: ParsedLine<'a>,
    wrapper: Wrapper,
    stamp: Stamp,
    stream: &'static str,
    is_partial: bool,
) -> ParsedLine<'a> {
    parsed.wrapper = Some(wrapper);
    if parsed.time_unix_nano.is_none() || parsed.zone_assumed {
        parsed.time_unix_nano = Some(stamp.nanos);
        parsed.zone_assumed = false;
    }
    parsed.add(names::LOG_IOSTREAM, stream);
    if is_partial {
        parsed.add(names::SPILE_PARTIAL, true);
    }
    parsed
}

#[cfg(test)]
mod tests;
