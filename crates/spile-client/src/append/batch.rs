//! A batch on its way: encoded once, when its records are taken, and sent as it is however often it must be.

use std::collections::HashSet;

use prost::bytes::{BufMut, Bytes, BytesMut};
use prost::{Message, encode_length_delimiter, length_delimiter_len};
use spile_proto::v1::AppendRequest;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::ack::{Outcome, PendingAck};
use crate::record::NewRecord;

/// The keys of `RecordBatch.records`, `RecordBatch.resources` and `AppendRequest.batch`: fields 1, 2 and 4, with a length.
const RECORDS_KEY: u8 = 1 << 3 | 2;
const RESOURCES_KEY: u8 = 2 << 3 | 2;
const BATCH_KEY: u8 = 4 << 3 | 2;

/// The most bytes that a record takes in a batch, its resource included.
pub(super) fn encoded_len(record: &NewRecord) -> usize {
    let field = |len: usize| 1 + length_delimiter_len(len) + len;
    let (record, resource) = record.parts();
    // A record with a resource names it: nine bytes, and perhaps one more in the record's length.
    let resource_len = resource.map_or(0, |resource| field(resource.encoded_len()) + 10);
    field(record.encoded_len()) + resource_len
}

/// A batch that still takes records.
#[derive(Debug)]
pub(super) struct OpenBatch {
    /// The fields of a `RecordBatch`.
    encoded: BytesMut,
    resources: HashSet<u64>,
    records: u64,
    opened: Instant,
    permit: Option<OwnedSemaphorePermit>,
    outcome: watch::Sender<Outcome>,
}

impl OpenBatch {
    pub(super) fn new() -> Self {
        Self {
            encoded: BytesMut::new(),
            resources: HashSet::new(),
            records: 0,
            opened: Instant::now(),
            permit: None,
            outcome: watch::Sender::new(None),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.encoded.len()
    }

    pub(super) fn records(&self) -> u64 {
        self.records
    }

    pub(super) fn opened(&self) -> Instant {
        self.opened
    }

    /// Adds a record; the bytes that it was let in with are held until the batch is done.
    pub(super) fn push(&mut self, record: NewRecord, permit: Option<OwnedSemaphorePermit>) -> PendingAck {
        let (mut record, resource) = record.into_parts();
        // A hash without its resource would name nothing.
        record.resource_hash = 0;
        if let Some(resource) = resource {
            record.resource_hash = resource.hash;
            if self.resources.insert(resource.hash) {
                put(&mut self.encoded, RESOURCES_KEY, &*resource);
            }
        }
        put(&mut self.encoded, RECORDS_KEY, &record);
        match (&mut self.permit, permit) {
            (Some(held), Some(more)) => held.merge(more),
            (held @ None, more) => *held = more,
            (Some(_), None) => {}
        }
        let index = self.records;
        self.records += 1;
        self.pending(index)
    }

    /// The wait for the record at `index`.
    pub(super) fn pending(&self, index: u64) -> PendingAck {
        PendingAck { batch: self.outcome.subscribe(), index }
    }

    pub(super) fn seal(self, sequence: u64) -> Batch {
        Batch {
            encoded: self.encoded.freeze(),
            records: self.records,
            sequence,
            outcome: self.outcome,
            _permit: self.permit,
        }
    }
}

/// A batch that is complete and has its number.
#[derive(Debug)]
pub(super) struct Batch {
    encoded: Bytes,
    pub(super) records: u64,
    pub(super) sequence: u64,
    outcome: watch::Sender<Outcome>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Batch {
    /// The bytes of the `AppendRequest`.
    pub(super) fn request(&self, stream: &str, producer_id: &str) -> Request {
        let head = AppendRequest {
            stream: stream.to_owned(),
            producer_id: producer_id.to_owned(),
            sequence: self.sequence,
            batch: None,
        };
        let mut bytes = BytesMut::with_capacity(head.encoded_len() + 11);
        head.encode(&mut bytes).expect("a BytesMut grows");
        bytes.put_u8(BATCH_KEY);
        encode_length_delimiter(self.encoded.len(), &mut bytes).expect("a BytesMut grows");
        Request { head: bytes.freeze(), batch: self.encoded.clone() }
    }

    /// Tells everyone who waits what became of it.
    pub(super) fn resolve(self, outcome: Outcome) {
        self.outcome.send_replace(outcome);
    }
}

/// An encoded `AppendRequest`: what goes before the batch, and the batch, shared with the one that is kept.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) head: Bytes,
    pub(super) batch: Bytes,
}

fn put(buffer: &mut BytesMut, key: u8, message: &impl Message) {
    buffer.put_u8(key);
    message.encode_length_delimited(buffer).expect("a BytesMut grows");
}

#[cfg(test)]
mod tests;
