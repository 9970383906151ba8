//! The article's `LogEntry` form of a frame: made once, shared among its readers.

use std::ops::Range;

use bytes::Bytes;

use super::Frame;
use crate::wire::{put_bytes, put_varint};

/// The most bytes that the form adds to a body: gRPC prefix 5, keys 2, body length 4, timestamp 10.
const MAX_OVERHEAD: usize = 21;

/// The gRPC prefix of a message: a compressed flag and a big-endian length.
/// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>
const GRPC_PREFIX: usize = 5;

/// One gRPC message per record, `example.LogEntry`, prefixes included: ready to be sent.
#[derive(Debug)]
pub struct EntryForm {
    bytes: Bytes,
    /// Where each message starts.
    starts: Box<[u32]>,
}

impl EntryForm {
    pub(super) fn of(frame: &Frame) -> Self {
        let expected = frame.summary().body_bytes as usize + frame.len() * MAX_OVERHEAD;
        let mut bytes = Vec::with_capacity(expected);
        let mut starts = Vec::with_capacity(frame.len());
        for at in 0..frame.len() {
            let start = bytes.len();
            starts.push(start as u32);
            bytes.extend_from_slice(&[0; GRPC_PREFIX]);
            put_entry(&mut bytes, frame.body(at), frame.time_unix_nano(at));
            let length = (bytes.len() - start - GRPC_PREFIX) as u32;
            bytes[start + 1..start + GRPC_PREFIX].copy_from_slice(&length.to_be_bytes());
        }
        Self { bytes: bytes.into(), starts: starts.into() }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.bytes.len() + self.starts.len() * size_of::<u32>()
    }

    /// The messages of a run of records.
    #[must_use]
    pub fn run(&self, run: Range<usize>) -> Bytes {
        self.bytes.slice(self.start(run.start)..self.start(run.end))
    }

    /// The message of one record.
    #[must_use]
    pub fn one(&self, at: usize) -> &[u8] {
        &self.bytes[self.start(at)..self.start(at + 1)]
    }

    fn start(&self, at: usize) -> usize {
        self.starts.get(at).map_or(self.bytes.len(), |&at| at as usize)
    }
}

fn put_entry(out: &mut Vec<u8>, body: &[u8], time_unix_nano: u64) {
    if !body.is_empty() {
        put_bytes(out, 1, body);
    }
    if time_unix_nano != 0 {
        out.push(2 << 3);
        // int64: nanoseconds since 1970 stay positive until the year 2262.
        put_varint(out, time_unix_nano);
    }
}
