//! Reads frames back, beside the writer, in bounded steps.
//!
//! A step looks up a run of blocks under the lock, lets go of it, and then reads: blocks that a filter cannot
//! match are passed over unread, so are frames within a block that is read. A file that retention removes
//! meanwhile stays readable for the step that has it open.

use std::io;
use std::sync::Arc;

use thiserror::Error;

use super::GapRange;
use super::index::Shared;
use super::pass::Pass;
use super::plan::{self, Direction, Plan};
use crate::block::BlockInfo;
use crate::disk::{Disk, DiskFile};
use crate::frame::{Frame, Summary};
use crate::offset::Offset;

/// Reads a journal, at any time, from any thread.
#[derive(Clone, Debug)]
pub struct JournalReader {
    disk: Arc<dyn Disk>,
    stream_id: u64,
    shared: Arc<Shared>,
}

/// What a read found.
#[derive(Clone, Debug)]
pub struct ReadRun {
    /// The frames, by ascending offset. The first one may begin before, and the last one end behind, what was
    /// asked for.
    pub frames: Vec<Arc<Frame>>,
    /// Reading forward: every record before it was returned, refused, or lies before `from`. Reading back:
    /// every record at or behind it was returned, refused, or lies at or behind `before`.
    pub next: Offset,
}

/// Why there is nothing to read at an offset.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Retention removed it.
    #[error("offsets before {head} are no longer retained")]
    Trimmed {
        /// The first retained offset.
        head: Offset,
    },
    /// A repair gave it up.
    #[error("offsets {from} to {to} are lost")]
    Gap {
        /// The first lost offset.
        from: Offset,
        /// Where reading can go on.
        to: Offset,
    },
    /// It is damaged on disk. What lies before and behind is readable; a repair records a gap.
    #[error("{file} at byte {at}: {reason} (offsets {from} to {to}); start with --repair to record a gap")]
    Corrupt {
        /// The file.
        file: Arc<str>,
        /// Where in the file, bytes.
        at: u64,
        /// The first offset that cannot be read.
        from: Offset,
        /// Where reading can go on.
        to: Offset,
        /// What is wrong.
        reason: &'static str,
    },
    /// The stream is deleted.
    #[error("the stream is deleted")]
    Deleted,
    /// The disk failed; nothing is said about the content.
    #[error("{0}")]
    Io(Arc<str>),
}

impl JournalReader {
    pub(super) fn new(disk: Arc<dyn Disk>, stream_id: u64, shared: Arc<Shared>) -> Self {
        Self { disk, stream_id, shared }
    }

    /// The first retained offset.
    #[must_use]
    pub fn head(&self) -> Offset {
        self.shared.read().head
    }

    /// The first unwritten offset; everything before it is durable.
    #[must_use]
    pub fn tail(&self) -> Offset {
        self.shared.read().tail
    }

    /// When the newest of the records before `offset` was appended at the latest, Unix nanoseconds; 0 when there are none. A bound: files are
    /// looked at as a whole.
    #[must_use]
    pub fn appended_before(&self, offset: Offset) -> u64 {
        let state = self.shared.read();
        let files = state.files.iter().take_while(|file| file.first_offset < offset);
        files.filter_map(|file| file.appended).map(|(_, newest)| newest).max().unwrap_or(0)
    }

    /// When the oldest of the stored records was appended at the earliest, Unix nanoseconds; `None` when there are none. A bound, too.
    #[must_use]
    pub fn oldest_append(&self) -> Option<u64> {
        let state = self.shared.read();
        let retained = state.files.iter().filter(|file| file.next_offset > state.head);
        retained.filter_map(|file| file.appended).map(|(oldest, _)| oldest).min()
    }

    /// Bytes of all files.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        self.shared.read().stored_bytes()
    }

    /// Bounds over the stored frames; those before the head that share a file with retained ones count.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for file in &self.shared.read().files {
            summary.merge(&file.summary);
        }
        summary
    }

    /// The retained offsets whose records are lost, ascending.
    #[must_use]
    pub fn gaps(&self) -> Vec<GapRange> {
        self.shared.read().gaps.clone()
    }

    /// The blocks with records between two offsets, ascending; about 64 KiB of file each. The first and the last may reach beyond the
    /// range.
    #[must_use]
    pub fn blocks(&self, from: Offset, to: Offset) -> Vec<BlockInfo> {
        plan::blocks(&self.shared.read(), from, to)
    }

    /// Reads forward: the frames that have records in `from..up_to` and that `want` does not refuse by their
    /// summary.
    ///
    /// Ends when the batches of the frames have `max_bytes` or more, when much was passed over, before a gap
    /// or damage (which a call from there reports), and at `up_to` or the tail; a call from there finds no
    /// frame and `next == from`. Blocks on the disk.
    pub fn read(
        &self,
        from: Offset,
        up_to: Offset,
        max_bytes: usize,
        want: &dyn Fn(&Summary) -> bool,
    ) -> Result<ReadRun, ReadError> {
        Pass::new(self, Direction::Forward, from, max_bytes, want).run(up_to)
    }

    /// Reads back from `before`: the last frames that have records before it. Otherwise as `read`; ends at
    /// the head.
    pub fn read_back(
        &self,
        before: Offset,
        max_bytes: usize,
        want: &dyn Fn(&Summary) -> bool,
    ) -> Result<ReadRun, ReadError> {
        Pass::new(self, Direction::Back, before, max_bytes, want).run(Offset::ZERO)
    }

    pub(super) fn stream_id(&self) -> u64 {
        self.stream_id
    }

    /// What to read next.
    pub(super) fn plan(
        &self,
        direction: Direction,
        from: Offset,
        bound: Offset,
    ) -> Result<Option<Plan>, ReadError> {
        let state = self.shared.read();
        match direction {
            Direction::Forward => Plan::forward(&state, from, bound),
            Direction::Back => Plan::back(&state, from),
        }
    }

    /// Opens a plan's file.
    pub(super) fn open(&self, plan: &Plan) -> Result<Arc<dyn DiskFile>, ReadError> {
        if let Some(file) = &plan.open {
            return Ok(Arc::clone(file));
        }
        self.disk.open(&plan.file).map_err(|source| {
            let head = self.head();
            if source.kind() == io::ErrorKind::NotFound && plan.file_first_offset < head {
                return ReadError::Trimmed { head };
            }
            plan.io_error(&source)
        })
    }
}
