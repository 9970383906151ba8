//! Appends: what waits for the writer, and how one commit takes all of it.

use std::sync::Arc;

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::frame::FrameDraft;
use crate::offset::Offset;

/// What every waiting append is charged beyond its bytes: bounds their number, too.
pub(crate) const OVERHEAD_BYTES: usize = 512;

/// Who sends a batch, and which of theirs it is: makes a repeated append harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerSequence {
    /// The producer, at most 128 bytes.
    pub producer: Arc<str>,
    /// Increases with each batch of this producer.
    pub sequence: u64,
    /// The batch that must be the producer's last one, 0 for none; else this one is refused. `None`: any. A sender that has several on their
    /// way names the one before: should that fail, those behind it must not be stored, as they would pass for its successors.
    pub after: Option<u64>,
}

/// Records to be appended together: all of them become visible, or none.
#[derive(Debug)]
pub struct Append {
    /// The records, in order.
    pub drafts: Vec<FrameDraft>,
    /// The producer; `None`: a repeated append is stored again.
    pub producer: Option<ProducerSequence>,
    /// When it was received, Unix nanoseconds; what retention by age goes by.
    pub received_unix_nano: u64,
}

impl Append {
    /// The encoded bytes of its records.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        self.drafts.iter().map(FrameDraft::encoded_bytes).sum()
    }

    /// How many records it has.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.drafts.iter().map(|draft| draft.len() as u64).sum()
    }
}

/// The records are durable and visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack {
    /// The offset of the first of them; 0 for a duplicate that is older than its producer's last batch.
    pub first_offset: Offset,
    /// How many they are.
    pub records: u64,
    /// The offset behind the last of them, or the tail for an old duplicate.
    pub next_offset: Offset,
    /// They had been stored before, by the same producer under this sequence or a later one.
    pub duplicate: bool,
}

/// Why an append was refused. Nothing of it is stored, unless the variant says so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AppendError {
    /// The disk is full or refuses to write. The stream goes on: try again later.
    #[error("the journal could not be written: {0}")]
    NotWritten(Arc<str>),
    /// A sync failed: what is on the disk is unknown, so the stream takes no more appends until the server is restarted. The
    /// records of this append may turn out to be stored.
    #[error("the stream takes no appends since its journal failed: {0}")]
    Poisoned(Arc<str>),
    /// The batch is not the successor of the producer's last one: the one before failed, or another sender writes under the same id.
    #[error("the producer's last batch is {last}, and this one follows {after}")]
    OutOfTurn {
        /// The producer's last batch; 0 for none.
        last: u64,
        /// The one that it was to be.
        after: u64,
    },
    /// The stream is deleted.
    #[error("the stream is deleted")]
    Deleted,
    /// The engine is closing.
    #[error("the engine is closing")]
    Closed,
}

/// An append that waits for the writer.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) append: Append,
    pub(crate) reply: oneshot::Sender<Result<Ack, AppendError>>,
    /// Holds its share of the waiting bytes.
    pub(crate) _permit: OwnedSemaphorePermit,
}

/// The appends that wait, and whether a writer is on its way to them.
#[derive(Debug, Default)]
pub(crate) struct WaitingLine {
    line: std::collections::VecDeque<Waiting>,
    writer_active: bool,
    closed: bool,
}

impl WaitingLine {
    /// Joins the line. Returns whether the caller must send a writer; `Err` when the line is closed.
    pub(crate) fn join(&mut self, waiting: Waiting) -> Result<bool, AppendError> {
        if self.closed {
            return Err(AppendError::Closed);
        }
        self.line.push_back(waiting);
        Ok(!std::mem::replace(&mut self.writer_active, true))
    }

    /// What one commit takes: from the front, up to `bytes`, at least one. `None`: nothing waits, and the writer may go.
    pub(crate) fn take(&mut self, bytes: usize) -> Option<Vec<Waiting>> {
        let mut taken = Vec::new();
        let mut room = bytes;
        while let Some(next) = self.line.front() {
            let size = next.append.encoded_bytes();
            if !taken.is_empty() && size > room {
                break;
            }
            room = room.saturating_sub(size);
            taken.extend(self.line.pop_front());
        }
        if taken.is_empty() {
            self.writer_active = false;
            return None;
        }
        Some(taken)
    }

    /// Lets nobody join any more. Who waits is still served.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }
}
