//! Running streams as text: Server-Sent Events, or a JSON object on each line.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html>, <https://github.com/ndjson/ndjson-spec>

use bytes::Bytes;
use serde_json::{Value, json};
use spile_columns::RecordFields;
use spile_columns::object::{Surroundings, put_record};
use spile_columns::wire::WireError;
use spile_engine::Offset;
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{End, GapCause};
use tonic::{Code, Status};

use super::ends;
use super::message::Message;
use super::reader::Reader;
use crate::status::http;

/// How long an `EventSource` waits before it comes back, milliseconds.
const RETRY_MS: u32 = 1_000;

/// A form of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextForm {
    /// Server-Sent Events: a record is a message, its id is the cursor behind it; everything else has a name.
    Events,
    /// A JSON object on each line: a record, or an object of one of the names that events have.
    Lines {
        /// Whether what is no record is told, too.
        marks: bool,
    },
}

impl TextForm {
    /// What comes first, before anything is known.
    pub(super) fn opening(self) -> Option<Bytes> {
        match self {
            Self::Events => Some(format!("retry: {RETRY_MS}\n\n").into()),
            Self::Lines { .. } => None,
        }
    }

    /// Whether its reader is told that and why a stream has ended.
    pub(super) fn tells_ends(self) -> bool {
        self != Self::Lines { marks: false }
    }

    /// Records, each with a cursor of its own.
    pub(super) fn records(self, message: &Message, reader: &Reader) -> Result<Bytes, WireError> {
        let mut out = Vec::with_capacity(2 * message.bytes());
        message.each(|offset, record, resource| {
            let cursor = reader.cursor_at(reader.place_behind(offset, record.time_unix_nano));
            if self == Self::Events {
                out.extend_from_slice(format!("id: {cursor}\ndata: ").as_bytes());
            }
            put_object(&mut out, offset, Some(&cursor), record, resource)?;
            out.extend_from_slice(self.behind());
            Ok(())
        })?;
        Ok(out.into())
    }

    /// What is told besides records. `None`: this form leaves it out.
    pub(super) fn mark(self, cursor: &str, payload: &Payload) -> Option<Bytes> {
        let (name, value) = match payload {
            Payload::Batch(_) => return None,
            Payload::Gap(gap) => {
                ("gap", json!({ "from": gap.from, "to": gap.to, "cause": cause_name(gap.cause()) }))
            }
            Payload::Progress(at) => {
                ("progress", json!({ "nextOffset": at.next_offset, "tail": at.tail, "scanned": at.scanned }))
            }
            Payload::CaughtUp(at) => ("caughtUp", json!({ "tail": at.tail })),
            Payload::End(end) => return self.end(cursor, end, &Status::ok("")),
        };
        self.named(name, cursor, value)
    }

    /// The last that is told, with the error if one ended the stream.
    pub(super) fn end(self, cursor: &str, end: &End, status: &Status) -> Option<Bytes> {
        let mut value = json!({
            "reason": ends::name(end.reason()),
            "records": end.records,
            "scanned": end.scanned,
            "checksum": format!("{:08x}", end.checksum),
        });
        if status.code() != Code::Ok {
            value["error"] = http::object(status);
        }
        self.named("end", cursor, value)
    }

    fn named(self, name: &str, cursor: &str, value: Value) -> Option<Bytes> {
        match self {
            Self::Events => {
                let mut value = value;
                value["cursor"] = cursor.into();
                Some(format!("id: {cursor}\nevent: {name}\ndata: {value}\n\n").into())
            }
            Self::Lines { marks: true } => {
                let line = json!({ name: value, "cursor": cursor });
                Some(format!("{line}\n").into())
            }
            Self::Lines { marks: false } => None,
        }
    }

    /// What ends a record.
    fn behind(self) -> &'static [u8] {
        match self {
            Self::Events => b"\n\n",
            Self::Lines { .. } => b"\n",
        }
    }
}

/// Appends a record as a JSON object.
pub(super) fn put_object(
    out: &mut Vec<u8>,
    offset: Offset,
    cursor: Option<&str>,
    record: &RecordFields<'_>,
    resource: &[u8],
) -> Result<(), WireError> {
    let severity = severity_name(record.severity_number);
    put_record(out, record, Surroundings { offset: offset.0, cursor, severity, resource })
}

/// The short name of a severity; `-` when the source did not say.
pub(crate) fn severity_name(number: u64) -> &'static str {
    match u8::try_from(number) {
        Ok(number @ 1..=24) => spile_lines::severity_name(number),
        _ => "-",
    }
}

/// The name of a gap's cause.
pub(crate) fn cause_name(cause: GapCause) -> &'static str {
    match cause {
        GapCause::Unspecified => "unspecified",
        GapCause::Retention => "retention",
        GapCause::Lagged => "lagged",
        GapCause::Quarantined => "quarantined",
    }
}
