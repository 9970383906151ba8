//! Response messages, put together from bytes that are encoded already.
//!
//! Messages with records are written field by field around the frames' own bytes, so that delivering a record is a copy. Tests decode
//! them with the generated types.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};
use spile_engine::cursor::GapCause;
use spile_engine::frame::{Picked, Rows};
use spile_engine::stream::Surroundings;
use spile_engine::{Offset, ResourceDef};
use spile_proto::v1::{self, explore_response::Answer};

use crate::grpc;

/// Field numbers of what is written by hand.
mod field {
    // Of `spile.v1.ExploreResponse`.
    pub(super) const REQUEST: u32 = 1;
    pub(super) const TAIL: u32 = 3;
    pub(super) const CONTEXT: u32 = 4;
    // Of `spile.v1.ContextResponse`.
    pub(super) const CONTEXT_BATCH: u32 = 1;
    pub(super) const CONTEXT_GAPS: u32 = 2;
    // Of `spile.v1.TailResponse`.
    pub(super) const CURSOR: u32 = 1;
    pub(super) const BATCH: u32 = 2;
    // Of `spile.v1.RecordBatch`.
    pub(super) const RESOURCES: u32 = 2;
    pub(super) const FIRST_OFFSET: u32 = 3;
    pub(super) const OFFSET_DELTAS: u32 = 4;
    pub(super) const OFFSETS: u32 = 5;
}

/// How many resources a call remembers as defined. Beyond, it starts anew and defines them again.
const MAX_DEFINED: usize = 16_384;

/// Which resources a call has defined to its reader.
#[derive(Debug, Default)]
pub(super) struct Defined(HashSet<u64>);

impl Defined {
    /// The definitions of those resources that it has not defined yet.
    fn new_among<'a>(&mut self, resources: impl Iterator<Item = &'a Arc<ResourceDef>>) -> Vec<&'a Bytes> {
        resources
            .filter(|resource| self.first_time(resource.hash()))
            .map(|resource| resource.encoded())
            .collect()
    }

    /// Whether this is the first time.
    fn first_time(&mut self, hash: u64) -> bool {
        if self.0.len() >= MAX_DEFINED {
            self.0.clear();
        }
        self.0.insert(hash)
    }
}

/// What a `TailResponse` is sent as.
#[derive(Clone, Copy, Debug)]
pub(super) enum Envelope {
    /// Itself.
    None,
    /// The answer to the request of this number, in an `ExploreResponse`.
    Explore(u64),
}

/// A `TailResponse` with a batch, with its gRPC prefix. `picks` is not empty, and in offset order; they span at most 2^32 offsets.
pub(super) fn batch(envelope: Envelope, cursor: &str, picks: &[Picked], defined: &mut Defined) -> Bytes {
    let first_offset = picks.first().map_or(0, |pick| pick.first_offset().0);
    let mut offsets = Vec::new();
    put_varint(&mut offsets, field::FIRST_OFFSET, first_offset);
    let deltas = offset_deltas(picks, first_offset);
    if !deltas.is_empty() {
        put_bytes(&mut offsets, field::OFFSET_DELTAS, &deltas);
    }
    let batch = Batch {
        resources: defined.new_among(picks.iter().flat_map(Picked::resources)),
        offsets,
        records: picks.iter().map(|pick| &**pick.records()).collect(),
    };
    tail_response(envelope, cursor, &batch)
}

/// The same for records in another order, each with its whole offset. `all` is not empty.
pub(super) fn batch_of_rows(envelope: Envelope, cursor: &str, all: &[Rows], defined: &mut Defined) -> Bytes {
    tail_response(envelope, cursor, &Batch::of_rows(all, defined))
}

/// An `ExploreResponse` with a context, with its gRPC prefix.
pub(super) fn explored_context(request: u64, found: &Surroundings) -> Bytes {
    let mut defined = Defined::default();
    let batch = Batch::of_rows(std::slice::from_ref(&found.rows), &mut defined);
    let gaps: Vec<Vec<u8>> = found.gaps.iter().map(|gap| self::gap(*gap).encode_to_vec()).collect();
    let batch_len = batch.len();
    let gaps_len: usize = gaps.iter().map(|gap| bytes_field_len(field::CONTEXT_GAPS, gap.len())).sum();
    let context_len = bytes_field_len(field::CONTEXT_BATCH, batch_len) + gaps_len;
    let message_len =
        varint_field_len(field::REQUEST, request) + bytes_field_len(field::CONTEXT, context_len);

    let mut out = grpc::start_message(message_len);
    put_varint(&mut out, field::REQUEST, request);
    start_bytes(&mut out, field::CONTEXT, context_len);
    start_bytes(&mut out, field::CONTEXT_BATCH, batch_len);
    batch.put(&mut out);
    gaps.iter().for_each(|gap| put_bytes(&mut out, field::CONTEXT_GAPS, gap));
    debug_assert_eq!(out.len(), grpc::PREFIX_BYTES + message_len, "lengths were computed right");
    out.into()
}

/// A `RecordBatch` of parts that are encoded already.
struct Batch<'a> {
    /// Those that are defined here.
    resources: Vec<&'a Bytes>,
    /// The fields that say the offsets.
    offsets: Vec<u8>,
    /// The fields of the records.
    records: Vec<&'a [u8]>,
}

impl<'a> Batch<'a> {
    /// Records in any order, each with its whole offset.
    fn of_rows(all: &'a [Rows], defined: &mut Defined) -> Self {
        let mut listed = Vec::new();
        all.iter().flat_map(Rows::offsets).for_each(|offset| encode_varint(offset.0, &mut listed));
        let mut offsets = Vec::with_capacity(bytes_field_len(field::OFFSETS, listed.len()));
        if !listed.is_empty() {
            put_bytes(&mut offsets, field::OFFSETS, &listed);
        }
        Self {
            resources: defined.new_among(all.iter().flat_map(Rows::resources)),
            offsets,
            records: all.iter().map(Rows::records).collect(),
        }
    }

    fn len(&self) -> usize {
        let resources = self.resources.iter().map(|r| bytes_field_len(field::RESOURCES, r.len()));
        let records = self.records.iter().map(|records| records.len());
        resources.sum::<usize>() + self.offsets.len() + records.sum::<usize>()
    }

    fn put(&self, out: &mut Vec<u8>) {
        self.resources.iter().for_each(|resource| put_bytes(out, field::RESOURCES, resource));
        out.extend_from_slice(&self.offsets);
        self.records.iter().for_each(|records| out.extend_from_slice(records));
    }
}

fn tail_response(envelope: Envelope, cursor: &str, batch: &Batch<'_>) -> Bytes {
    let batch_len = batch.len();
    let tail_len = bytes_field_len(field::CURSOR, cursor.len()) + bytes_field_len(field::BATCH, batch_len);
    let message_len = match envelope {
        Envelope::None => tail_len,
        Envelope::Explore(request) => {
            varint_field_len(field::REQUEST, request) + bytes_field_len(field::TAIL, tail_len)
        }
    };

    let mut out = grpc::start_message(message_len);
    if let Envelope::Explore(request) = envelope {
        put_varint(&mut out, field::REQUEST, request);
        start_bytes(&mut out, field::TAIL, tail_len);
    }
    put_bytes(&mut out, field::CURSOR, cursor.as_bytes());
    start_bytes(&mut out, field::BATCH, batch_len);
    batch.put(&mut out);
    debug_assert_eq!(out.len(), grpc::PREFIX_BYTES + message_len, "lengths were computed right");
    out.into()
}

/// Any other `TailResponse`, with its gRPC prefix.
pub(super) fn control(envelope: Envelope, cursor: String, payload: v1::tail_response::Payload) -> Bytes {
    let tail = v1::TailResponse { cursor, payload: Some(payload) };
    match envelope {
        Envelope::None => grpc::message(&tail),
        Envelope::Explore(request) => explored(request, Answer::Tail(tail)),
    }
}

/// An `ExploreResponse` without records, with its gRPC prefix.
pub(super) fn explored(request: u64, answer: Answer) -> Bytes {
    grpc::message(&v1::ExploreResponse { request, answer: Some(answer) })
}

/// A gap of the wire.
pub(super) fn gap((from, to, cause): (Offset, Offset, GapCause)) -> v1::Gap {
    v1::Gap { from: from.0, to: to.0, cause: gap_cause(cause).into() }
}

/// The gap cause of the wire.
pub(super) fn gap_cause(cause: GapCause) -> v1::GapCause {
    match cause {
        GapCause::Retention => v1::GapCause::Retention,
        GapCause::Lagged => v1::GapCause::Lagged,
        GapCause::Quarantined => v1::GapCause::Quarantined,
    }
}

/// The packed deltas from `first_offset`; none when the records are contiguous.
fn offset_deltas(picks: &[Picked], first_offset: u64) -> Vec<u8> {
    let mut next = first_offset;
    let contiguous = picks.iter().all(|pick| {
        let follows = pick.first_offset().0 == next && pick.is_contiguous();
        next = pick.next_offset().0;
        follows
    });
    let mut deltas = Vec::new();
    if contiguous {
        return deltas;
    }
    for offset in picks.iter().flat_map(Picked::offsets) {
        encode_varint(offset.0 - first_offset, &mut deltas);
    }
    deltas
}

fn put_varint(out: &mut Vec<u8>, number: u32, value: u64) {
    encode_key(number, WireType::Varint, out);
    encode_varint(value, out);
}

/// The beginning of a field of bytes, of which `len` follow.
fn start_bytes(out: &mut Vec<u8>, number: u32, len: usize) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(len as u64, out);
}

fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    start_bytes(out, number, bytes.len());
    out.extend_from_slice(bytes);
}

fn varint_field_len(number: u32, value: u64) -> usize {
    key_len(number) + encoded_len_varint(value)
}

fn bytes_field_len(number: u32, len: usize) -> usize {
    key_len(number) + encoded_len_varint(len as u64) + len
}
