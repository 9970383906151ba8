//! What is kept in memory of the files: enough to find an offset, and to pass over what a filter cannot
//! match.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::layout::{EntryHead, Kind};
use super::{BLOCK_BYTES, GapRange};
use crate::disk::DiskFile;
use crate::frame::Summary;
use crate::offset::Offset;

/// A place between two entries of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: u64,
    pub(super) offset: Offset,
}

/// A run of entries that lie together in a file: the first ends at or behind `BLOCK_BYTES`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) first_offset: Offset,
    pub(super) position: u64,
    /// Bounds over the block's frames.
    pub(super) summary: Summary,
}

impl Block {
    pub(super) fn place(&self) -> Place {
        Place { at: self.position, offset: self.first_offset }
    }
}

/// What is known of one file.
#[derive(Clone, Debug)]
pub(super) struct FileIndex {
    pub(super) path: PathBuf,
    pub(super) first_offset: Offset,
    /// Behind the last record.
    pub(super) next_offset: Offset,
    /// Where the entries start.
    pub(super) start: u64,
    /// Where the entries end.
    pub(super) end: u64,
    pub(super) blocks: Vec<Block>,
    /// Bounds over all frames.
    pub(super) summary: Summary,
    /// Earliest and latest time of append, Unix nanoseconds; `None` without frames.
    pub(super) appended: Option<(u64, u64)>,
    /// Kept open while the file is written to; other files are opened to read.
    pub(super) open: Option<Arc<dyn DiskFile>>,
}

impl FileIndex {
    pub(super) fn new(path: PathBuf, first_offset: Offset, start: u64) -> Self {
        Self {
            path,
            first_offset,
            next_offset: first_offset,
            start,
            end: start,
            blocks: Vec::new(),
            summary: Summary::default(),
            appended: None,
            open: None,
        }
    }

    /// Takes in the entry that lies at the end.
    pub(super) fn push(&mut self, head: &EntryHead) {
        let begin_block = self.blocks.last().is_none_or(|block| self.end - block.position >= BLOCK_BYTES);
        if begin_block {
            self.blocks.push(Block {
                first_offset: head.first_offset,
                position: self.end,
                summary: Summary::default(),
            });
        }
        let block = self.blocks.last_mut().expect("one was pushed if there was none");
        block.summary.merge(&head.summary);
        self.summary.merge(&head.summary);
        if head.kind == Kind::Frame {
            let appended = head.append_unix_nano;
            let (oldest, newest) = self.appended.unwrap_or((appended, appended));
            self.appended = Some((oldest.min(appended), newest.max(appended)));
        }
        self.next_offset = head.next_offset();
        self.end += head.entry_len() as u64;
    }

    /// Bytes of all entries.
    pub(super) fn entry_bytes(&self) -> u64 {
        self.end - self.start
    }

    /// Where the next entry goes.
    pub(super) fn end(&self) -> Place {
        Place { at: self.end, offset: self.next_offset }
    }

    /// Forgets the entries from `place` on. Bounds stay as wide as they were.
    pub(super) fn cut(&mut self, place: Place) {
        self.blocks.retain(|block| block.position < place.at);
        self.end = place.at;
        self.next_offset = place.offset;
    }

    /// The last block that starts at or before `offset`.
    pub(super) fn block_of(&self, offset: Offset) -> Option<usize> {
        self.blocks.partition_point(|block| block.first_offset <= offset).checked_sub(1)
    }
}

/// What the writer and its readers share.
#[derive(Debug)]
pub(super) struct State {
    pub(super) head: Offset,
    /// Behind the last durable record.
    pub(super) tail: Offset,
    /// Ascending, never empty; the last one is written to.
    pub(super) files: VecDeque<FileIndex>,
    /// Ascending.
    pub(super) gaps: Vec<GapRange>,
}

impl State {
    /// The last file that starts at or before `offset`.
    pub(super) fn file_of(&self, offset: Offset) -> Option<&FileIndex> {
        let behind = self.files.partition_point(|file| file.first_offset <= offset);
        self.files.get(behind.checked_sub(1)?)
    }

    /// Bytes of all files.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.end).sum()
    }

    /// The file that is written to.
    pub(super) fn active(&self) -> &FileIndex {
        self.files.back().expect("a journal always has a file to write to")
    }

    pub(super) fn active_mut(&mut self) -> &mut FileIndex {
        self.files.back_mut().expect("a journal always has a file to write to")
    }
}

/// Notes a gap behind the ones that are known.
pub(super) fn note_gap(gaps: &mut Vec<GapRange>, head: &EntryHead) {
    if head.kind != Kind::Gap {
        return;
    }
    match gaps.last_mut() {
        Some(last) if last.to == head.first_offset => last.to = head.next_offset(),
        _ => gaps.push(GapRange { from: head.first_offset, to: head.next_offset() }),
    }
}

/// The shared state behind its lock, which is held for short look-ups and updates only, never during disk
/// access.
#[derive(Debug)]
pub(super) struct Shared(RwLock<State>);

impl Shared {
    pub(super) fn new(state: State) -> Self {
        Self(RwLock::new(state))
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        // Updates do not panic half-way; a state behind a poisoned lock is whole.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
