//! Walks the entries of a file from the disk, head by head, through a small window.

use std::io;
use std::ops::Range;

use super::index::Place;
use super::layout::{ENTRY_MAGIC, EntryHead, HEAD_BYTES};
use crate::disk::DiskFile;

/// Bytes read at a time while entries are small and follow each other.
const READ_AHEAD_BYTES: usize = 32 * 1024;

/// Bytes read behind an entry that was passed over: a head, and marks if they are few.
const READ_HEAD_BYTES: usize = 1024;

/// A view of a file's bytes that reads ahead a little.
#[derive(Debug)]
pub(super) struct Window<'a> {
    file: &'a dyn DiskFile,
    len: u64,
    buffer: Vec<u8>,
    /// Where the buffer starts in the file.
    start: u64,
    read_ahead: usize,
}

impl<'a> Window<'a> {
    pub(super) fn new(file: &'a dyn DiskFile) -> io::Result<Self> {
        Ok(Self { file, len: file.len()?, buffer: Vec::new(), start: 0, read_ahead: READ_AHEAD_BYTES })
    }

    /// A view of a part of a file that is read at once.
    pub(super) fn of_span(file: &'a dyn DiskFile, span: Range<u64>) -> Self {
        Self {
            file,
            len: span.end,
            buffer: Vec::new(),
            start: span.start,
            read_ahead: (span.end - span.start) as usize,
        }
    }

    /// The file's length when the window was opened.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The bytes at a position: `length` of them, or as many as there are.
    pub(super) fn bytes(&mut self, at: u64, length: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
        let length = length.min(left);
        let held = self.start..self.start + self.buffer.len() as u64;
        if !(held.start <= at && at + length as u64 <= held.end) {
            // A long jump says that entries are large: what follows will be passed over, too.
            let jumped = at > held.end + READ_AHEAD_BYTES as u64;
            let ahead = if jumped { READ_HEAD_BYTES } else { self.read_ahead };
            self.buffer.resize(length.max(ahead.min(left)), 0);
            let read = self.file.read_at(&mut self.buffer, at)?;
            self.buffer.truncate(read);
            self.start = at;
        }
        let from = (at - self.start) as usize;
        let to = (from + length).min(self.buffer.len());
        Ok(&self.buffer[from..to])
    }

    /// Reads the head at a position, whatever its offsets. The outer error is the disk's.
    pub(super) fn head(&mut self, seed: u32, at: u64) -> io::Result<Result<EntryHead, &'static str>> {
        Ok(EntryHead::decode(seed, self.bytes(at, HEAD_BYTES)?))
    }

    /// The first intact head at or behind a position, and where it is.
    pub(super) fn find_head(&mut self, seed: u32, mut at: u64) -> io::Result<Option<(u64, EntryHead)>> {
        while at + HEAD_BYTES as u64 <= self.len {
            let bytes = self.bytes(at, READ_AHEAD_BYTES)?;
            let Some(found) = memchr::memmem::find(bytes, &ENTRY_MAGIC) else {
                at += bytes.len().saturating_sub(ENTRY_MAGIC.len() - 1).max(1) as u64;
                continue;
            };
            at += found as u64;
            if let Ok(head) = self.head(seed, at)? {
                return Ok(Some((at, head)));
            }
            at += 1;
        }
        Ok(None)
    }
}

/// One step of a walk.
#[derive(Debug)]
pub(super) enum Step<'w> {
    /// An entry with an intact head and marks that follows the one before; its body lies within the file but
    /// was not looked at.
    Entry { at: u64, head: EntryHead, marks: &'w [u8] },
    /// The file ends behind a whole entry.
    End,
    /// What lies here is not the entry that is due.
    Invalid { at: u64, reason: &'static str },
}

/// Goes from entry to entry.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) window: Window<'a>,
    seed: u32,
    /// Where the next entry is due, and the offset that it must have.
    due: Place,
}

impl<'a> Walk<'a> {
    pub(super) fn new(window: Window<'a>, seed: u32, due: Place) -> Self {
        Self { window, seed, due }
    }

    /// Where the walk has come to.
    pub(super) fn place(&self) -> Place {
        self.due
    }

    /// The next entry. The error is the disk's, never the content's.
    pub(super) fn step(&mut self) -> io::Result<Step<'_>> {
        let (at, len) = (self.due.at, self.window.len());
        if at == len {
            return Ok(Step::End);
        }
        let head = match self.window.head(self.seed, at)? {
            Ok(head) => head,
            Err(reason) => return Ok(Step::Invalid { at, reason }),
        };
        if head.first_offset != self.due.offset {
            let reason = "the entry has another offset than the one that is due";
            return Ok(Step::Invalid { at, reason });
        }
        let end = at + head.entry_len() as u64;
        if end > len {
            let reason = "the entry is cut short";
            return Ok(Step::Invalid { at, reason });
        }
        let marks = self.window.bytes(at + HEAD_BYTES as u64, head.marks_len as usize)?;
        if crc32c::crc32c_append(self.seed, marks) != head.marks_crc {
            let reason = "the entry's marks are damaged";
            return Ok(Step::Invalid { at, reason });
        }
        self.due = Place { at: end, offset: head.next_offset() };
        Ok(Step::Entry { at, head, marks })
    }

    /// Goes on behind something invalid: at the next intact entry before `end`, or there.
    pub(super) fn resume(&mut self, end: Place) -> io::Result<()> {
        let mut at = self.due.at + 1;
        while let Some((found, head)) = self.window.find_head(self.seed, at)? {
            let behind = self.due.offset < head.first_offset && head.first_offset < end.offset;
            if behind && found < end.at {
                self.due = Place { at: found, offset: head.first_offset };
                return Ok(());
            }
            at = found + 1;
        }
        self.due = end;
        Ok(())
    }

    /// The stored body of an entry that was stepped over.
    pub(super) fn body(&mut self, at: u64, head: &EntryHead) -> io::Result<&[u8]> {
        self.window.bytes(at + head.head_len() as u64, head.stored_len as usize)
    }
}
