//! The bytes of a manifest.

use std::sync::Arc;

use object_store::path::Path;
use prost::Message;

use super::Manifest;
use crate::block::SeverityCounts;
use crate::frame::Summary;
use crate::journal::GapRange;
use crate::limits::Retention;
use crate::offset::Offset;
use crate::segment::SegmentMeta;

const MAGIC: &[u8; 8] = b"spileman";

/// The version of the message.
const VERSION: u32 = 1;

#[derive(Clone, PartialEq, Eq, Message)]
struct ManifestMessage {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(uint64, tag = "2")]
    number: u64,
    #[prost(fixed64, tag = "3")]
    stream_id: u64,
    #[prost(uint64, tag = "4")]
    head: u64,
    #[prost(uint64, tag = "5")]
    sealed_to: u64,
    #[prost(message, repeated, tag = "6")]
    segments: Vec<SegmentMessage>,
    #[prost(message, repeated, tag = "7")]
    gaps: Vec<GapMessage>,
    #[prost(message, optional, tag = "8")]
    retention: Option<RetentionMessage>,
    /// Tells this commit from another one of the same number.
    #[prost(fixed64, tag = "9")]
    commit: u64,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct SegmentMessage {
    #[prost(string, tag = "1")]
    path: String,
    #[prost(uint64, tag = "2")]
    bytes: u64,
    #[prost(fixed32, tag = "3")]
    crc: u32,
    #[prost(uint64, tag = "4")]
    tail_at: u64,
    #[prost(fixed32, tag = "5")]
    tail_crc: u32,
    #[prost(uint64, tag = "6")]
    first_offset: u64,
    #[prost(uint64, tag = "7")]
    next_offset: u64,
    #[prost(fixed64, tag = "8")]
    min_time_unix_nano: u64,
    #[prost(fixed64, tag = "9")]
    max_time_unix_nano: u64,
    #[prost(uint64, tag = "10")]
    body_bytes: u64,
    /// By severity number.
    #[prost(uint64, repeated, tag = "11")]
    severities: Vec<u64>,
    #[prost(uint64, tag = "12")]
    raw_bytes: u64,
    #[prost(fixed64, tag = "13")]
    appended_unix_nano: u64,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct GapMessage {
    #[prost(uint64, tag = "1")]
    from: u64,
    #[prost(uint64, tag = "2")]
    to: u64,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct RetentionMessage {
    #[prost(uint64, optional, tag = "1")]
    bytes: Option<u64>,
    #[prost(uint64, optional, tag = "2")]
    age_nanos: Option<u64>,
}

/// The object of a manifest.
pub(super) fn encode(manifest: &Manifest, commit: u64) -> Vec<u8> {
    let Manifest { number, stream_id, head, sealed_to, segments, gaps, retention } = manifest;
    let message = ManifestMessage {
        version: VERSION,
        number: *number,
        stream_id: *stream_id,
        head: head.0,
        sealed_to: sealed_to.0,
        segments: segments.iter().map(|segment| segment_message(segment)).collect(),
        gaps: gaps.iter().map(|gap| GapMessage { from: gap.from.0, to: gap.to.0 }).collect(),
        retention: retention.map(|Retention { bytes, age_nanos }| RetentionMessage { bytes, age_nanos }),
        commit,
    };
    let message = message.encode_to_vec();
    let mut object = Vec::with_capacity(message.len() + 12);
    object.extend_from_slice(MAGIC);
    object.extend_from_slice(&crc32c::crc32c(&message).to_le_bytes());
    object.extend_from_slice(&message);
    object
}

/// Reads an object. The error says what is wrong with it.
pub(super) fn decode(object: &[u8]) -> Result<Manifest, &'static str> {
    let rest = object.strip_prefix(MAGIC).ok_or("it does not start as a manifest does")?;
    let (crc, message) = rest.split_first_chunk::<4>().ok_or("it is cut short")?;
    if crc32c::crc32c(message) != u32::from_le_bytes(*crc) {
        return Err("its checksum is wrong");
    }
    let message = ManifestMessage::decode(message).map_err(|_| "it is not a manifest's message")?;
    if message.version != VERSION {
        return Err("it has a version that this program does not know");
    }
    let segments = message.segments.into_iter().map(|segment| segment_meta(segment).map(Arc::new));
    let manifest = Manifest {
        number: message.number,
        stream_id: message.stream_id,
        head: Offset(message.head),
        sealed_to: Offset(message.sealed_to),
        segments: segments.collect::<Option<_>>().ok_or("a segment in it is not described in full")?,
        gaps: message
            .gaps
            .iter()
            .map(|gap| GapRange { from: Offset(gap.from), to: Offset(gap.to) })
            .collect(),
        retention: message
            .retention
            .map(|RetentionMessage { bytes, age_nanos }| Retention { bytes, age_nanos }),
    };
    if manifest.is_sound() { Ok(manifest) } else { Err("its segments do not follow each other") }
}

fn segment_message(segment: &SegmentMeta) -> SegmentMessage {
    let SegmentMeta {
        path,
        bytes,
        crc,
        tail_at,
        tail_crc,
        first_offset,
        next_offset,
        records: _,
        summary,
        severities,
        raw_bytes,
        appended_unix_nano,
    } = segment;
    SegmentMessage {
        path: path.to_string(),
        bytes: *bytes,
        crc: *crc,
        tail_at: *tail_at,
        tail_crc: *tail_crc,
        first_offset: first_offset.0,
        next_offset: next_offset.0,
        min_time_unix_nano: summary.min_time_unix_nano,
        max_time_unix_nano: summary.max_time_unix_nano,
        body_bytes: summary.body_bytes,
        severities: severities.to_vec(),
        raw_bytes: *raw_bytes,
        appended_unix_nano: *appended_unix_nano,
    }
}

fn segment_meta(message: SegmentMessage) -> Option<SegmentMeta> {
    let severities: SeverityCounts = message.severities.try_into().ok()?;
    let bits = severities.iter().enumerate().filter(|(_, count)| **count > 0);
    let summary = Summary {
        min_time_unix_nano: message.min_time_unix_nano,
        max_time_unix_nano: message.max_time_unix_nano,
        severities: bits.fold(0, |bits, (number, _)| bits | 1 << number),
        body_bytes: message.body_bytes,
    };
    (message.tail_at <= message.bytes).then_some(())?;
    Some(SegmentMeta {
        path: Path::parse(message.path).ok()?,
        bytes: message.bytes,
        crc: message.crc,
        tail_at: message.tail_at,
        tail_crc: message.tail_crc,
        first_offset: Offset(message.first_offset),
        next_offset: Offset(message.next_offset),
        records: severities.iter().sum(),
        summary,
        severities,
        raw_bytes: message.raw_bytes,
        appended_unix_nano: message.appended_unix_nano,
    })
}
