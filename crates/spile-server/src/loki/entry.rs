//! One entry of a stream to a record: its line stays whole, and what it says of level and trace is read out of it.

use std::borrow::Cow;

use prost::Message;
use spile_lines::{LineParser, severity_from_name};
use spile_proto::v1::LogRecord;

use super::labels::Origin;
use super::names;
use crate::ingest::convert::text_attribute;

/// An entry as it came.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) time_unix_nano: u64,
    pub(super) line: Cow<'a, str>,
    /// Structured metadata.
    pub(super) metadata: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// Appends the encoded record of an entry.
pub(super) fn encode(entry: Entry<'_>, origin: &Origin, parser: &LineParser, out: &mut Vec<u8>) {
    let Entry { time_unix_nano, line, metadata } = entry;
    let parsed = parser.parse(line.as_bytes(), time_unix_nano);
    let mut record = LogRecord {
        time_unix_nano,
        severity_number: parsed.severity_number.into(),
        severity_text: parsed.severity_text.into_owned(),
        trace_id: parsed.trace_id.map(Vec::from).unwrap_or_default(),
        span_id: parsed.span_id.map(Vec::from).unwrap_or_default(),
        flags: parsed.trace_flags.into(),
        ..LogRecord::default()
    };
    let mut level = origin.level.as_deref().map(Cow::Borrowed);
    for (name, text) in metadata {
        if names::is_level(&name) {
            level = Some(text.clone());
        }
        match (name.as_ref(), id_of(&text)) {
            ("trace_id" | "traceID" | "traceId", Some(id)) if id.len() == 16 => record.trace_id = id,
            ("span_id" | "spanID" | "spanId", Some(id)) if id.len() == 8 => record.span_id = id,
            _ => record.attributes.push(text_attribute(&name, text)),
        }
    }
    // What is said about a line beside it was often guessed from it, and then it has nothing that the line has not.
    let said = level.as_deref().and_then(|level| Some((severity_from_name(level)?, level)));
    if let Some((number, text)) = said.filter(|(number, _)| *number > 0) {
        record.severity_number = number.into();
        record.severity_text = text.to_owned();
    }
    record.body = line.into_owned();
    record.encode(out).expect("a Vec grows as needed");
}

/// The bytes of an id in hexadecimal.
fn id_of(text: &str) -> Option<Vec<u8>> {
    if !matches!(text.len(), 16 | 32) {
        return None;
    }
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks_exact(2);
    let id: Vec<u8> =
        pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect::<Option<_>>()?;
    id.iter().any(|&byte| byte != 0).then_some(id)
}
