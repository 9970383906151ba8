//! Appends: one write and one sync for all frames of a commit.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::CommitError;
use super::checkpoint::{Checkpoint, CheckpointFile};
use super::entries::{Entries, PendingFrame};
use super::files::{self, PublishError};
use super::index::{FileIndex, Place, Shared};
use super::layout::{EntryHead, seed};
use super::producers::{ProducerState, Producers};
use super::prologue;
use super::reader::JournalReader;
use crate::disk::{Disk, DiskFile};
use crate::offset::Offset;

/// What a commit did: the records are durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The offset of the first frame's first record; the others follow it densely.
    pub first_offset: Offset,
    /// The new tail.
    pub tail: Offset,
    /// Bytes written.
    pub stored_bytes: u64,
}

/// The one writer of a journal.
#[derive(Debug)]
pub struct Journal {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) dir: PathBuf,
    file_bytes: u64,
    active: Arc<dyn DiskFile>,
    pub(super) checkpoint: CheckpointFile,
    producers: Producers,
    pub(super) shared: Arc<Shared>,
    poisoned: Option<Arc<str>>,
    /// Files below the head that are still to be removed.
    pub(super) doomed: Vec<PathBuf>,
}

impl Journal {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        dir: &Path,
        file_bytes: u64,
        active: Arc<dyn DiskFile>,
        checkpoint: CheckpointFile,
        producers: Producers,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            disk,
            dir: dir.to_owned(),
            file_bytes,
            active,
            checkpoint,
            producers,
            shared,
            poisoned: None,
            doomed: Vec::new(),
        }
    }

    /// The first unwritten offset; everything before it is durable.
    #[must_use]
    pub fn tail(&self) -> Offset {
        self.shared.read().tail
    }

    /// The stream's id.
    #[must_use]
    pub fn stream_id(&self) -> u64 {
        self.checkpoint.stream_id()
    }

    /// The last durable batch of a producer, if it is remembered.
    #[must_use]
    pub fn last_batch(&self, producer: &str) -> Option<ProducerState> {
        self.producers.get(producer).copied()
    }

    /// Why the journal takes no more appends, if it does not.
    #[must_use]
    pub fn poisoned(&self) -> Option<&Arc<str>> {
        self.poisoned.as_ref()
    }

    /// A reader of this journal.
    #[must_use]
    pub fn reader(&self) -> JournalReader {
        JournalReader::new(Arc::clone(&self.disk), self.stream_id(), Arc::clone(&self.shared))
    }

    /// Appends frames and returns when they are durable; all of them or none. `now_unix_nano` is the time of
    /// append that retention goes by.
    ///
    /// A frame beyond the bounds (`MAX_BATCH_BYTES`, `MAX_MARKS_BYTES`, `MAX_PRODUCER_NAME_BYTES`) makes it
    /// fail as `NotWritten` with `InvalidInput`: whoever fills frames keeps to them.
    pub fn commit(&mut self, frames: &[PendingFrame], now_unix_nano: u64) -> Result<Committed, CommitError> {
        self.check_poison()?;
        self.roll_if_full()?;
        let (file, end) = self.end();
        let seed = seed(self.stream_id(), file);
        let entries = Entries::of(frames, end.offset, seed, now_unix_nano)?;
        let stored_bytes = entries.bytes.len() as u64;
        if stored_bytes > 0 {
            if let Err(error) = self.active.write_all_at(&entries.bytes, end.at) {
                return Err(self.cut_back(end.at, error));
            }
            if let Err(error) = self.active.sync_data() {
                return Err(self.poison("sync of the journal failed", &error));
            }
            self.publish(frames, &entries.heads);
        }
        Ok(Committed { first_offset: end.offset, tail: self.tail(), stored_bytes })
    }

    /// Says in the checkpoint that everything up to the tail is durable, so that later damage to the last
    /// commit is told apart from a torn one. For a clean shutdown, and for a stream that has been idle for a
    /// while; does nothing if it is said.
    pub fn mark(&mut self) -> io::Result<()> {
        let (head, tail) = {
            let state = self.shared.read();
            (state.head, state.tail)
        };
        self.checkpoint.write_both(Checkpoint { head, tail })
    }

    /// The file that is written to, and where in it.
    fn end(&self) -> (Offset, Place) {
        let state = self.shared.read();
        (state.active().first_offset, state.active().end())
    }

    fn check_poison(&self) -> Result<(), CommitError> {
        match &self.poisoned {
            Some(reason) => Err(CommitError::Poisoned(Arc::clone(reason))),
            None => Ok(()),
        }
    }

    /// Makes durable frames known to readers and to the producer table.
    fn publish(&mut self, frames: &[PendingFrame], heads: &[EntryHead]) {
        for (frame, head) in frames.iter().zip(heads) {
            for mark in &frame.marks {
                self.producers.apply(head.first_offset, mark);
            }
        }
        let mut state = self.shared.write();
        for head in heads {
            state.active_mut().push(head);
        }
        state.tail = state.active().next_offset;
    }

    /// After a failed write: the file as it was before, durably, or nothing is known.
    fn cut_back(&mut self, end: u64, error: io::Error) -> CommitError {
        match self.active.truncate(end).and_then(|()| self.active.sync_data()) {
            Ok(()) => CommitError::NotWritten(error),
            Err(second) => {
                let context = format!("write of the journal failed ({error}), then so did cutting it back");
                self.poison(&context, &second)
            }
        }
    }

    fn poison(&mut self, context: &str, error: &io::Error) -> CommitError {
        let reason: Arc<str> = format!("{context}: {error}").into();
        self.poisoned = Some(Arc::clone(&reason));
        CommitError::Poisoned(reason)
    }

    fn roll_if_full(&mut self) -> Result<(), CommitError> {
        if self.shared.read().active().entry_bytes() >= self.file_bytes {
            self.roll()?;
        }
        Ok(())
    }

    /// Begins a new file at the tail, unless the one written to is empty.
    pub(super) fn roll(&mut self) -> Result<(), CommitError> {
        self.check_poison()?;
        let (file, Place { offset: tail, .. }) = self.end();
        if file == tail {
            return Ok(());
        }
        let path = files::path(&self.dir, tail);
        let prologue = prologue::encode(self.stream_id(), tail, &self.producers);
        let file = match files::publish(&*self.disk, &path, &prologue) {
            Ok(file) => file,
            Err(PublishError::NotPublished(error)) => return Err(CommitError::NotWritten(error)),
            Err(PublishError::Unknown(error)) => {
                return Err(self.poison("a new journal file may or may not be there", &error));
            }
        };
        let mut index = FileIndex::new(path, tail, prologue.len() as u64);
        index.open = Some(Arc::clone(&file));
        let mut state = self.shared.write();
        state.active_mut().open = None;
        state.files.push_back(index);
        self.active = file;
        Ok(())
    }
}
