//! Frames on their way into a file: checked, compressed, and laid out as entries.

use std::io;

use super::body;
use super::layout::{EntryHead, Kind};
use super::producers::{ProducerMark, encode_marks};
use super::{CommitError, MAX_BATCH_BYTES, MAX_MARKS_BYTES, MAX_PRODUCER_NAME_BYTES};
use crate::frame::FrameDraft;
use crate::offset::Offset;

/// A frame to be committed.
#[derive(Clone, Debug)]
pub struct PendingFrame {
    /// Its records, at least one.
    pub draft: FrameDraft,
    /// The batches that end in it.
    pub marks: Vec<ProducerMark>,
    /// The next frame of the same commit holds more of the batch that this one ends with. After a crash a
    /// batch is there wholly or not at all. Never set on a commit's last frame.
    pub continues: bool,
}

/// What a commit writes.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) heads: Vec<EntryHead>,
    pub(super) bytes: Vec<u8>,
    seed: u32,
    /// The first offset of the commit: everything before it is durable.
    durable: Offset,
    next: Offset,
    append_unix_nano: u64,
}

impl Entries {
    /// Lays out the frames of a commit that starts at `first`.
    pub(super) fn of(
        frames: &[PendingFrame],
        first: Offset,
        seed: u32,
        append_unix_nano: u64,
    ) -> Result<Self, CommitError> {
        let (heads, bytes) = (Vec::with_capacity(frames.len()), Vec::new());
        let mut entries = Self { heads, bytes, seed, durable: first, next: first, append_unix_nano };
        for (nth, frame) in frames.iter().enumerate() {
            let last = nth + 1 == frames.len();
            check(frame, last).and_then(|()| entries.put(frame)).map_err(|reason| {
                let error = format!("frame {nth} of the commit is refused: {reason}");
                CommitError::NotWritten(io::Error::new(io::ErrorKind::InvalidInput, error))
            })?;
        }
        Ok(entries)
    }

    fn put(&mut self, frame: &PendingFrame) -> Result<(), &'static str> {
        let batch = frame.draft.encode();
        if batch.len() > MAX_BATCH_BYTES {
            return Err("its resources and records have more than 1 MiB");
        }
        let marks = encode_marks(&frame.marks);
        if marks.len() > MAX_MARKS_BYTES {
            return Err("the batches that end in it have more than 8 MiB of producer marks");
        }
        let (codec, stored) = body::store(&batch);
        let head = EntryHead {
            kind: Kind::Frame,
            codec,
            continues: frame.continues,
            marks_crc: crc32c::crc32c_append(self.seed, &marks),
            body_crc: crc32c::crc32c_append(self.seed, &stored),
            marks_len: marks.len() as u32,
            stored_len: stored.len() as u32,
            raw_len: batch.len() as u32,
            first_offset: self.next,
            count: frame.draft.len() as u64,
            summary: *frame.draft.summary(),
            durable: self.durable,
            append_unix_nano: self.append_unix_nano,
        };
        head.encode(self.seed, &mut self.bytes);
        self.bytes.extend_from_slice(&marks);
        self.bytes.extend_from_slice(&stored);
        self.next = head.next_offset();
        self.heads.push(head);
        Ok(())
    }
}

/// Refuses what could not be read back.
fn check(frame: &PendingFrame, last: bool) -> Result<(), &'static str> {
    if frame.draft.is_empty() {
        return Err("it has no record");
    }
    if frame.continues && last {
        return Err("its batch is not complete in this commit");
    }
    for mark in &frame.marks {
        if mark.producer.is_empty() || mark.producer.len() > MAX_PRODUCER_NAME_BYTES {
            return Err("a producer's name must have 1 to 128 bytes");
        }
        if mark.end as usize > frame.draft.len() {
            return Err("a producer's batch ends behind it");
        }
    }
    Ok(())
}
