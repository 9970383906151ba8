//! The checkpoint: which offset is the head, and up to which one records are known to be durable.
//!
//! It lies in a file of its own, so that a journal whose end was cut off does not look like a shorter
//! journal. The file has two slots that are overwritten in turn, each only when the other one is durable, so
//! one is always whole. Overwriting needs no free space: a full disk does not stop retention.
//!
//! ```text
//! slot, at 0 and at 4096
//!   0    8  magic "spilechk"
//!   8    4  version, 1
//!  12    4  zero
//!  16    8  stream id
//!  24    8  generation: the slot with the higher one counts
//!  32    8  head
//!  40    8  tail: records below it are durable
//!  48    4  crc32c of bytes 0 to 48
//! ```

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{PublishError, publish};
use super::layout::Numbers;
use crate::disk::{Disk, DiskFile, read_up_to};
use crate::offset::Offset;

const MAGIC: [u8; 8] = *b"spilechk";
/// The version of the layout.
pub(super) const VERSION: u32 = 1;
const SLOT_BYTES: usize = 52;
/// Slots lie in different sectors.
const SLOT_SPACING: u64 = 4096;

/// Where the checkpoint of a journal lies.
pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join("checkpoint")
}

/// What the checkpoint says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) head: Offset,
    pub(super) tail: Offset,
}

/// The checkpoint as it was found.
#[derive(Debug)]
pub(super) enum Found {
    Absent,
    /// No slot is whole, which no crash explains.
    Damaged,
    /// It is intact, but of another version of the layout.
    Version(u32),
    Valid(CheckpointFile),
}

/// The open file, and what it says.
#[derive(Debug)]
pub(super) struct CheckpointFile {
    file: Arc<dyn DiskFile>,
    stream_id: u64,
    generation: u64,
    current: Checkpoint,
    /// Whether the slot that counts is known to be durable.
    settled: bool,
    /// Whether both slots say the same.
    doubled: bool,
}

impl CheckpointFile {
    pub(super) fn read(disk: &dyn Disk, dir: &Path) -> io::Result<Found> {
        let file = match disk.open(&path(dir)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Absent),
            file => file?,
        };
        let slot = |at| Ok::<_, io::Error>(decode(&read_up_to(&*file, at, SLOT_BYTES)?));
        let (even, odd) = (slot(0)?, slot(SLOT_SPACING)?);
        let doubled = even.map(|slot| slot.checkpoint()) == odd.map(|slot| slot.checkpoint());
        let Some(slot) = even.max(odd) else {
            return Ok(Found::Damaged);
        };
        if slot.version != VERSION {
            return Ok(Found::Version(slot.version));
        }
        Ok(Found::Valid(Self {
            file,
            stream_id: slot.stream_id,
            generation: slot.generation,
            current: slot.checkpoint(),
            settled: false,
            doubled,
        }))
    }

    /// Makes the file, or replaces it.
    pub(super) fn create(
        disk: &dyn Disk,
        dir: &Path,
        stream_id: u64,
        current: Checkpoint,
    ) -> Result<Self, PublishError> {
        let mut bytes = encode(stream_id, 0, current);
        bytes.resize(SLOT_SPACING as usize, 0);
        bytes.extend_from_slice(&encode(stream_id, 1, current));
        bytes.resize(2 * SLOT_SPACING as usize, 0);
        let file = publish(disk, &path(dir), &bytes)?;
        Ok(Self { file, stream_id, generation: 1, current, settled: true, doubled: true })
    }

    pub(super) fn stream_id(&self) -> u64 {
        self.stream_id
    }

    pub(super) fn get(&self) -> Checkpoint {
        self.current
    }

    /// Makes `next` durable. After an error the one before still counts, and the same slot is written the next time.
    pub(super) fn write(&mut self, next: Checkpoint) -> io::Result<()> {
        // The other slot is overwritten: the one that counts must be durable first.
        self.settle()?;
        let generation = self.generation + 1;
        self.put(generation, next)?;
        self.generation = generation;
        self.doubled = self.current == next;
        self.current = next;
        Ok(())
    }

    /// Makes `next` durable in both slots: damage to one of them then takes nothing away.
    pub(super) fn write_both(&mut self, next: Checkpoint) -> io::Result<()> {
        while self.current != next || !self.doubled {
            self.write(next)?;
        }
        Ok(())
    }

    /// Makes what was read durable: it may be what a failed sync left in the system's memory only.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        if !self.settled {
            self.put(self.generation, self.current)?;
            self.settled = true;
        }
        Ok(())
    }

    fn put(&self, generation: u64, checkpoint: Checkpoint) -> io::Result<()> {
        let at = generation % 2 * SLOT_SPACING;
        self.file.write_all_at(&encode(self.stream_id, generation, checkpoint), at)?;
        self.file.sync_data()
    }
}

/// A slot's content, the deciding field first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    generation: u64,
    version: u32,
    stream_id: u64,
    head: u64,
    tail: u64,
}

impl Slot {
    fn checkpoint(&self) -> Checkpoint {
        Checkpoint { head: Offset(self.head), tail: Offset(self.tail) }
    }
}

fn encode(stream_id: u64, generation: u64, checkpoint: Checkpoint) -> Vec<u8> {
    let mut slot = Vec::with_capacity(SLOT_BYTES);
    slot.extend_from_slice(&MAGIC);
    slot.extend_from_slice(&VERSION.to_le_bytes());
    slot.extend_from_slice(&[0; 4]);
    for number in [stream_id, generation, checkpoint.head.0, checkpoint.tail.0] {
        slot.extend_from_slice(&number.to_le_bytes());
    }
    slot.extend_from_slice(&crc32c::crc32c(&slot).to_le_bytes());
    slot
}

fn decode(bytes: &[u8]) -> Option<Slot> {
    let (slot, crc) = bytes.split_at_checked(SLOT_BYTES - 4)?;
    if crc.len() < 4 || slot[..8] != MAGIC || Numbers(crc).u32() != crc32c::crc32c(slot) {
        return None;
    }
    let mut numbers = Numbers(&slot[8..]);
    let (version, _zero) = (numbers.u32(), numbers.u32());
    let (stream_id, generation) = (numbers.u64(), numbers.u64());
    Some(Slot { generation, version, stream_id, head: numbers.u64(), tail: numbers.u64() })
}
