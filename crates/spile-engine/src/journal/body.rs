//! An entry's body: a `RecordBatch`, compressed where that helps.

use std::borrow::Cow;

use bytes::Bytes;

use super::layout::{Codec, EntryHead};

/// A batch as it is to be stored.
pub(super) fn store(batch: &[u8]) -> (Codec, Cow<'_, [u8]>) {
    let compressed = lz4_flex::block::compress(batch);
    if compressed.len() < batch.len() {
        (Codec::Lz4, compressed.into())
    } else {
        (Codec::Plain, batch.into())
    }
}

/// Whether a stored body has the checksum that its head names.
pub(super) fn is_intact(head: &EntryHead, seed: u32, stored: &[u8]) -> bool {
    stored.len() == head.stored_len as usize && crc32c::crc32c_append(seed, stored) == head.body_crc
}

/// Checks a stored body and gives back the batch. Takes as much memory as the head says, which is bounded.
pub(super) fn load(head: &EntryHead, seed: u32, stored: &[u8]) -> Result<Bytes, &'static str> {
    if !is_intact(head, seed, stored) {
        return Err("the entry's body does not have its checksum");
    }
    let raw_len = head.raw_len as usize;
    match head.codec {
        Codec::Plain if stored.len() == raw_len => Ok(Bytes::copy_from_slice(stored)),
        Codec::Plain => Err("the entry's body has the wrong length"),
        Codec::Lz4 => {
            let mut batch = vec![0; raw_len];
            match lz4_flex::block::decompress_into(stored, &mut batch) {
                Ok(length) if length == raw_len => Ok(batch.into()),
                _ => Err("the entry's body does not decompress to its length"),
            }
        }
    }
}
