//! The protobuf form, `logproto.PushRequest`, read where it lies.
//!
//! <https://github.com/grafana/loki/blob/main/pkg/push/push.proto>

use std::borrow::Cow;

use spile_columns::wire::{Fields, WireError, WireValue};
use spile_lines::LineParser;
use tonic::Status;

use super::entry::{self, Entry};
use super::labels::{Labels, MAX_PAIRS};
use super::push::Push;
use crate::status::{ErrorReason, error};

/// `PushRequest.streams`.
const STREAMS: u32 = 1;
/// `StreamAdapter.labels`, text.
const LABELS: u32 = 1;
/// `StreamAdapter.entries`.
const ENTRIES: u32 = 2;
/// `EntryAdapter.timestamp`, a `google.protobuf.Timestamp`.
const TIMESTAMP: u32 = 1;
/// `EntryAdapter.line`, text.
const LINE: u32 = 2;
/// `EntryAdapter.structuredMetadata`, `LabelPairAdapter`s.
const METADATA: u32 = 3;

/// Reads a request into `push`.
pub(super) fn read(request: &[u8], push: &mut Push) -> Result<(), Status> {
    for stream in messages(request, STREAMS) {
        read_stream(stream?, push)?;
    }
    Ok(())
}

fn read_stream(stream: &[u8], push: &mut Push) -> Result<(), Status> {
    let mut labels: &[u8] = &[];
    for field in Fields::new(stream) {
        if let (LABELS, WireValue::Bytes(text)) =
            field.map(|field| (field.number, field.value)).map_err(malformed)?
        {
            labels = text;
        }
    }
    push.begin_stream();
    let labels = std::str::from_utf8(labels).map_err(|_| wrong("labels", "are not UTF-8"))?;
    let labels: Labels<'_> = match labels {
        "" => Vec::new(),
        labels => super::labels::parse(labels).map_err(|why| wrong("labels", &why))?,
    };
    let origin = push.origin(&labels).map_err(|_| push.failed())?;
    let parser = LineParser::new();
    let mut encoded = Vec::new();
    for entry in messages(stream, ENTRIES) {
        encoded.clear();
        entry::encode(read_entry(entry?)?, &origin, &parser, &mut encoded);
        push.record(&encoded, &origin).map_err(|_| push.failed())?;
    }
    Ok(())
}

fn read_entry(entry: &[u8]) -> Result<Entry<'_>, Status> {
    let mut read = Entry::default();
    for field in Fields::new(entry) {
        let field = field.map_err(malformed)?;
        match (field.number, field.value) {
            (TIMESTAMP, WireValue::Bytes(time)) => read.time_unix_nano = read_time(time)?,
            (LINE, WireValue::Bytes(line)) => read.line = String::from_utf8_lossy(line),
            (METADATA, WireValue::Bytes(_)) if read.metadata.len() == MAX_PAIRS => {
                return Err(wrong(
                    "entries",
                    &format!("have structured metadata of more than {MAX_PAIRS} names"),
                ));
            }
            (METADATA, WireValue::Bytes(pair)) => read.metadata.push(read_pair(pair)?),
            (TIMESTAMP..=METADATA, _) => return Err(wrong("entries", "have a field of another type")),
            _ => {}
        }
    }
    Ok(read)
}

/// A `google.protobuf.Timestamp` as Unix nanoseconds; 0 for one before 1970.
fn read_time(time: &[u8]) -> Result<u64, Status> {
    let (mut seconds, mut nanos) = (0u64, 0u64);
    for field in Fields::new(time) {
        let field = field.map_err(malformed)?;
        match (field.number, field.value) {
            (1, WireValue::Varint(number)) => seconds = u64::try_from(number as i64).unwrap_or(0),
            (2, WireValue::Varint(number)) => nanos = number.min(999_999_999),
            _ => {}
        }
    }
    Ok(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

fn read_pair(pair: &[u8]) -> Result<(Cow<'_, str>, Cow<'_, str>), Status> {
    let mut texts = (Cow::Borrowed(""), Cow::Borrowed(""));
    for field in Fields::new(pair) {
        let field = field.map_err(malformed)?;
        match (field.number, field.value) {
            (1, WireValue::Bytes(name)) => texts.0 = String::from_utf8_lossy(name),
            (2, WireValue::Bytes(text)) => texts.1 = String::from_utf8_lossy(text),
            _ => {}
        }
    }
    Ok(texts)
}

/// The messages of a repeated field.
fn messages(bytes: &[u8], number: u32) -> impl Iterator<Item = Result<&[u8], Status>> {
    Fields::new(bytes).filter_map(move |field| match field {
        Err(why) => Some(Err(malformed(why))),
        Ok(field) if field.number != number => None,
        Ok(field) => Some(match field.value {
            WireValue::Bytes(bytes) => Ok(bytes),
            _ => Err(wrong("streams", "have a field of another type")),
        }),
    })
}

fn malformed(why: WireError) -> Status {
    error(ErrorReason::InvalidMessage).message(format!("not a push request: {why}")).into()
}

fn wrong(field: &str, why: &str) -> Status {
    error(ErrorReason::InvalidField).field(field, why).into()
}
