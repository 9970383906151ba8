//! The bytes of a journal file.
//!
//! All numbers are little-endian. A file is a header, a table of producers, and entries one behind the other:
//!
//! ```text
//! file header, 48 bytes                      entry head, 92 bytes
//!  at  len  field                             at  len  field
//!   0    8  magic "spilejnl"                   0    4  magic "SPJe"
//!   8    4  version, 1                         4    4  crc32c of bytes 8 to 92
//!  12    4  length of the producer table       8    1  kind: 1 frame, 2 gap
//!  16    8  stream id                          9    1  codec of the body: 0 as it is, 1 lz4
//!  24    8  first offset                      10    2  flags: bit 0, the next entry belongs to the same batch
//!  32    4  crc32c of the producer table      12    4  crc32c of the marks
//!  36    8  zero                              16    4  crc32c of the stored body
//!  44    4  crc32c of bytes 0 to 44           20    4  length of the marks
//!                                             24    4  stored length of the body
//! entry                                       28    4  length of the body before compression
//!   head, marks, body                         32    4  severities (bit n: a record of severity n)
//!                                             36    8  first offset
//! mark                                        44    8  count of records
//!   0    1  length of the producer's name     52    8  earliest record time, Unix nanoseconds
//!   1    n  the producer's name               60    8  latest record time, Unix nanoseconds
//! 1+n    8  sequence                          68    8  bytes of all record bodies
//! 9+n    4  end: records of the frame covered 76    8  durable: records below it were on disk before this entry
//! 13+n   4  records of the batch              84    8  time of append, Unix nanoseconds
//! ```
//!
//! The body of a frame is a `RecordBatch` message (resources, then records); a gap has neither marks nor body.
//! The checksums of entries start from a seed made of the stream's id and the file's first offset, so that an
//! entry is valid only in the file it was written to.

use super::{MAX_BATCH_BYTES, MAX_MARKS_BYTES};
use crate::frame::Summary;
use crate::offset::Offset;

pub(super) const ENTRY_MAGIC: [u8; 4] = *b"SPJe";

/// Bytes of an entry's head.
pub(super) const HEAD_BYTES: usize = 92;

const KIND_FRAME: u8 = 1;
const KIND_GAP: u8 = 2;
const CODEC_PLAIN: u8 = 0;
const CODEC_LZ4: u8 = 1;
const FLAG_CONTINUES: u16 = 1;

/// Where the head's checksum covers from.
const COVERED_FROM: usize = 8;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Records.
    Frame,
    /// Offsets whose records were lost; left by a repair.
    Gap,
}

/// How an entry's body is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Plain,
    Lz4,
}

/// The head of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntryHead {
    pub(super) kind: Kind,
    pub(super) codec: Codec,
    /// The next entry holds more of the same batch.
    pub(super) continues: bool,
    pub(super) marks_crc: u32,
    pub(super) body_crc: u32,
    pub(super) marks_len: u32,
    pub(super) stored_len: u32,
    pub(super) raw_len: u32,
    pub(super) first_offset: Offset,
    pub(super) count: u64,
    pub(super) summary: Summary,
    pub(super) durable: Offset,
    pub(super) append_unix_nano: u64,
}

/// Where checksums of entries start.
pub(super) fn seed(stream_id: u64, file_first_offset: Offset) -> u32 {
    let id = crc32c::crc32c(&stream_id.to_le_bytes());
    crc32c::crc32c_append(id, &file_first_offset.0.to_le_bytes())
}

impl EntryHead {
    /// A gap in place of lost records.
    pub(super) fn gap(from: Offset, to: Offset, seed: u32) -> Self {
        Self {
            kind: Kind::Gap,
            codec: Codec::Plain,
            continues: false,
            // Of no bytes, the checksum is where checksums start.
            marks_crc: seed,
            body_crc: seed,
            marks_len: 0,
            stored_len: 0,
            raw_len: 0,
            first_offset: from,
            count: to.since(from),
            summary: Summary::default(),
            durable: from,
            append_unix_nano: 0,
        }
    }

    /// The offset behind the last record.
    pub(super) fn next_offset(&self) -> Offset {
        self.first_offset.plus(self.count)
    }

    /// Bytes of head and marks.
    pub(super) fn head_len(&self) -> usize {
        HEAD_BYTES + self.marks_len as usize
    }

    /// Bytes of the whole entry.
    pub(super) fn entry_len(&self) -> usize {
        self.head_len() + self.stored_len as usize
    }

    /// Appends the head.
    pub(super) fn encode(&self, seed: u32, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&ENTRY_MAGIC);
        out.extend_from_slice(&[0; 4]);
        out.push(match self.kind {
            Kind::Frame => KIND_FRAME,
            Kind::Gap => KIND_GAP,
        });
        out.push(match self.codec {
            Codec::Plain => CODEC_PLAIN,
            Codec::Lz4 => CODEC_LZ4,
        });
        let flags = if self.continues { FLAG_CONTINUES } else { 0 };
        out.extend_from_slice(&flags.to_le_bytes());
        for number in [
            self.marks_crc,
            self.body_crc,
            self.marks_len,
            self.stored_len,
            self.raw_len,
            self.summary.severities,
        ] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for number in [
            self.first_offset.0,
            self.count,
            self.summary.min_time_unix_nano,
            self.summary.max_time_unix_nano,
            self.summary.body_bytes,
            self.durable.0,
            self.append_unix_nano,
        ] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        debug_assert_eq!(out.len() - start, HEAD_BYTES, "the layout above");
        let crc = crc32c::crc32c_append(seed, &out[start + COVERED_FROM..]);
        out[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    }

    /// Reads and checks the head at the start of `bytes`.
    pub(super) fn decode(seed: u32, bytes: &[u8]) -> Result<Self, &'static str> {
        let head = bytes.first_chunk::<HEAD_BYTES>().ok_or("the entry's head is cut short")?;
        if head[..4] != ENTRY_MAGIC {
            return Err("no entry starts here");
        }
        let mut numbers = Numbers(&head[4..]);
        if numbers.u32() != crc32c::crc32c_append(seed, &head[COVERED_FROM..]) {
            return Err("the entry's head is damaged");
        }
        let kind = match numbers.u8() {
            KIND_FRAME => Kind::Frame,
            KIND_GAP => Kind::Gap,
            _ => return Err("the entry is of an unknown kind"),
        };
        let codec = match numbers.u8() {
            CODEC_PLAIN => Codec::Plain,
            CODEC_LZ4 => Codec::Lz4,
            _ => return Err("the entry has an unknown codec"),
        };
        let continues = numbers.u16() & FLAG_CONTINUES != 0;
        let [marks_crc, body_crc] = [numbers.u32(), numbers.u32()];
        let [marks_len, stored_len, raw_len] = [numbers.u32(), numbers.u32(), numbers.u32()];
        let severities = numbers.u32();
        let [first_offset, count] = [numbers.u64(), numbers.u64()];
        let summary = Summary {
            severities,
            min_time_unix_nano: numbers.u64(),
            max_time_unix_nano: numbers.u64(),
            body_bytes: numbers.u64(),
        };
        let [durable, append_unix_nano] = [numbers.u64(), numbers.u64()];
        let (first_offset, durable) = (Offset(first_offset), Offset(durable));
        let head = Self {
            kind,
            codec,
            continues,
            marks_crc,
            body_crc,
            marks_len,
            stored_len,
            raw_len,
            first_offset,
            count,
            summary,
            durable,
            append_unix_nano,
        };
        head.check().map(|()| head)
    }

    /// What holds for every head that was ever written, whatever its checksum says.
    fn check(&self) -> Result<(), &'static str> {
        let lengths = self.raw_len as usize <= MAX_BATCH_BYTES
            && self.stored_len <= self.raw_len
            && self.marks_len as usize <= MAX_MARKS_BYTES;
        let offsets = self.count > 0
            && self.first_offset.0.checked_add(self.count).is_some()
            && self.durable <= self.first_offset;
        let fits_kind = match self.kind {
            Kind::Frame => self.count <= u64::from(u32::MAX),
            Kind::Gap => self.raw_len == 0 && self.marks_len == 0,
        };
        if lengths && offsets && fits_kind { Ok(()) } else { Err("the entry's head contradicts itself") }
    }
}

/// Reads numbers one after the other from bytes that are long enough.
pub(super) struct Numbers<'a>(pub(super) &'a [u8]);

impl Numbers<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (bytes, rest) = self.0.split_first_chunk().expect("the caller checked the length");
        self.0 = rest;
        *bytes
    }

    pub(super) fn u8(&mut self) -> u8 {
        self.take::<1>()[0]
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    pub(super) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }
}
