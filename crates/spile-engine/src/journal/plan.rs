//! Which blocks a read goes through next: looked up under the lock, read without it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::GapRange;
use super::index::{FileIndex, Place, State};
use super::reader::ReadError;
use crate::block::BlockInfo;
use crate::disk::DiskFile;
use crate::frame::Summary;
use crate::offset::Offset;

/// How many blocks are looked up at a time.
const MAX_SPANS: usize = 256;

/// Which way a read goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Back,
}

/// A block: a run of entries that lie together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) begin: Place,
    pub(super) end: Place,
    /// Bounds over its frames.
    pub(super) summary: Summary,
}

impl Span {
    pub(super) fn offsets(&self) -> GapRange {
        GapRange { from: self.begin.offset, to: self.end.offset }
    }
}

/// Blocks of one file, in the direction of reading; at least one.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) file: PathBuf,
    pub(super) file_first_offset: Offset,
    /// The file, if it is the one being written to.
    pub(super) open: Option<Arc<dyn DiskFile>>,
    pub(super) spans: Vec<Span>,
    /// Reading forward: where to stop. Reading back: where to stop going back.
    pub(super) limit: Offset,
}

impl Plan {
    /// The blocks from the one with `from` on; `None` at `up_to` and at the tail.
    pub(super) fn forward(state: &State, from: Offset, up_to: Offset) -> Result<Option<Self>, ReadError> {
        if from < state.head {
            return Err(ReadError::Trimmed { head: state.head });
        }
        let up_to = up_to.min(state.tail);
        if from >= up_to {
            return Ok(None);
        }
        let limit = match state.gaps.iter().find(|gap| gap.to > from) {
            Some(gap) if gap.from <= from => return Err(gap.into()),
            Some(gap) => up_to.min(gap.from),
            None => up_to,
        };
        let (file, block) = locate(state, from);
        let spans = (block..file.blocks.len()).map(|nth| span(file, nth));
        let spans = spans.take(MAX_SPANS).take_while(|span| span.begin.offset < limit).collect();
        Ok(Some(Self::of(file, spans, limit)))
    }

    /// The blocks from the one with the record before `before` on, going back; `None` at the head.
    pub(super) fn back(state: &State, before: Offset) -> Result<Option<Self>, ReadError> {
        if before < state.head {
            return Err(ReadError::Trimmed { head: state.head });
        }
        let before = before.min(state.tail);
        if before == state.head {
            return Ok(None);
        }
        let last = Offset(before.0 - 1);
        let limit = match state.gaps.iter().rfind(|gap| gap.from < before) {
            Some(gap) if gap.to >= before => return Err(gap.into()),
            Some(gap) => state.head.max(gap.to),
            None => state.head,
        };
        let (file, block) = locate(state, last);
        let spans = (0..=block).rev().map(|nth| span(file, nth));
        let spans = spans.take(MAX_SPANS).take_while(|span| span.end.offset > limit).collect();
        Ok(Some(Self::of(file, spans, limit)))
    }

    fn of(file: &FileIndex, spans: Vec<Span>, limit: Offset) -> Self {
        Self {
            file: file.path.clone(),
            file_first_offset: file.first_offset,
            open: file.open.clone(),
            spans,
            limit,
        }
    }

    pub(super) fn io_error(&self, error: &io::Error) -> ReadError {
        ReadError::Io(format!("cannot read {}: {error}", self.file.display()).into())
    }

    pub(super) fn damage(&self, at: u64, GapRange { from, to }: GapRange, reason: &'static str) -> ReadError {
        let file = self.file.display().to_string().into();
        ReadError::Corrupt { file, at, from, to, reason }
    }
}

impl From<&GapRange> for ReadError {
    fn from(&GapRange { from, to }: &GapRange) -> Self {
        Self::Gap { from, to }
    }
}

/// The blocks with records between two offsets, ascending.
pub(super) fn blocks(state: &State, from: Offset, to: Offset) -> Vec<BlockInfo> {
    let behind = state.files.partition_point(|file| file.next_offset <= from);
    let files = state.files.range(behind..).take_while(|file| file.first_offset < to);
    let spans = files.flat_map(|file| (0..file.blocks.len()).map(move |nth| span(file, nth)));
    let wanted = spans.filter(|span| span.end.offset > from && span.begin.offset < to);
    let known = |span: Span| BlockInfo {
        from: span.begin.offset,
        to: span.end.offset,
        summary: span.summary,
        counts: None,
        divisible: false,
    };
    wanted.map(known).collect()
}

/// The file and block of a retained record.
fn locate(state: &State, offset: Offset) -> (&FileIndex, usize) {
    let file = state.file_of(offset);
    let found = file.and_then(|file| Some((file, file.block_of(offset)?)));
    found.expect("files are dense between head and tail")
}

fn span(file: &FileIndex, nth: usize) -> Span {
    let block = &file.blocks[nth];
    Span {
        begin: block.place(),
        end: file.blocks.get(nth + 1).map_or(file.end(), |next| next.place()),
        summary: block.summary,
    }
}
