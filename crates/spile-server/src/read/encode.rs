//! Response messages, put together from bytes that are encoded already.
//!
//! `TailResponse` and `RecordBatch` are written field by field around the frames' own bytes, so that delivering a record is a
//! copy. A test decodes them with the generated types.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};
use spile_engine::ResourceDef;
use spile_engine::cursor::GapCause;
use spile_engine::frame::{Picked, Rows};
use spile_proto::v1;

use crate::grpc;

/// Field numbers of `spile.v1.TailResponse` and `spile.v1.RecordBatch`, as far as they are written by hand.
mod field {
    pub(super) const CURSOR: u32 = 1;
    pub(super) const BATCH: u32 = 2;
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

/// A `TailResponse` with a batch, with its gRPC prefix. `picks` is not empty, and in offset order; they span at most 2^32 offsets.
pub(super) fn batch(cursor: &str, picks: &[Picked], defined: &mut Defined) -> Bytes {
    let resources = defined.new_among(picks.iter().flat_map(Picked::resources));
    let first_offset = picks.first().map_or(0, |pick| pick.first_offset().0);
    let mut head = Vec::new();
    encode_key(field::FIRST_OFFSET, WireType::Varint, &mut head);
    encode_varint(first_offset, &mut head);
    let deltas = offset_deltas(picks, first_offset);
    if !deltas.is_empty() {
        put_bytes(&mut head, field::OFFSET_DELTAS, &deltas);
    }
    message(cursor, &resources, &head, picks.iter().map(|pick| &**pick.records()))
}

/// The same for records in another order, each with its whole offset. `all` is not empty.
pub(super) fn batch_of_rows(cursor: &str, all: &[Rows], defined: &mut Defined) -> Bytes {
    let resources = defined.new_among(all.iter().flat_map(Rows::resources));
    let mut offsets = Vec::new();
    all.iter().flat_map(Rows::offsets).for_each(|offset| encode_varint(offset.0, &mut offsets));
    let mut head = Vec::with_capacity(bytes_field_len(field::OFFSETS, offsets.len()));
    put_bytes(&mut head, field::OFFSETS, &offsets);
    message(cursor, &resources, &head, all.iter().map(Rows::records))
}

/// A `TailResponse` around resources, the fields that say the offsets, and the fields of the records.
fn message<'a>(
    cursor: &str,
    resources: &[&Bytes],
    offsets: &[u8],
    records: impl Iterator<Item = &'a [u8]> + Clone,
) -> Bytes {
    let batch_len = resources.iter().map(|r| bytes_field_len(field::RESOURCES, r.len())).sum::<usize>()
        + offsets.len()
        + records.clone().map(<[u8]>::len).sum::<usize>();
    let message_len = bytes_field_len(field::CURSOR, cursor.len()) + bytes_field_len(field::BATCH, batch_len);

    let mut out = grpc::start_message(message_len);
    put_bytes(&mut out, field::CURSOR, cursor.as_bytes());
    encode_key(field::BATCH, WireType::LengthDelimited, &mut out);
    encode_varint(batch_len as u64, &mut out);
    for resource in resources {
        put_bytes(&mut out, field::RESOURCES, resource);
    }
    out.extend_from_slice(offsets);
    records.for_each(|records| out.extend_from_slice(records));
    debug_assert_eq!(out.len(), grpc::PREFIX_BYTES + message_len, "lengths were computed right");
    out.into()
}

/// Any other `TailResponse`, with its gRPC prefix.
pub(super) fn control(cursor: String, payload: v1::tail_response::Payload) -> Bytes {
    grpc::message(&v1::TailResponse { cursor, payload: Some(payload) })
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

fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn bytes_field_len(number: u32, len: usize) -> usize {
    key_len(number) + encoded_len_varint(len as u64) + len
}
