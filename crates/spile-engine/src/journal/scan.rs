//! Takes one file in from the disk: its index, its gaps, and the first thing that is wrong with it.

use std::io;
use std::path::Path;

use super::body;
use super::files;
use super::index::{FileIndex, Place, note_gap};
use super::layout::seed;
use super::prologue::{Header, HeaderError, VERSION};
use super::recover::io_at;
use super::walk::{Step, Walk, Window};
use super::{GapRange, OpenError};
use crate::disk::{Disk, DiskFile};
use crate::offset::Offset;

const BODY_DAMAGED: &str = "the entry's body does not have its checksum";

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Heads, and those bodies that are not known to be durable.
    Heads,
    /// Everything.
    Bodies,
}

/// One file as it is on disk.
#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) index: FileIndex,
    pub(super) gaps: Vec<GapRange>,
    /// Whether the file's start is intact.
    pub(super) sound_start: bool,
    /// The first thing that is wrong.
    pub(super) invalid: Option<Invalid>,
    /// The highest offset that anything in it names as durable.
    pub(super) durable: Offset,
    /// Where the last batch ends that is whole.
    whole: Place,
    seed: u32,
}

/// What is wrong in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Invalid {
    pub(super) at: u64,
    /// The offset that is due there.
    pub(super) offset: Offset,
    pub(super) reason: &'static str,
    /// The offset of the first intact entry behind it.
    pub(super) resumes: Option<Offset>,
}

impl Scanned {
    /// Reads the file that starts at `first` of the stream `stream_id`.
    pub(super) fn read(
        disk: &dyn Disk,
        dir: &Path,
        stream_id: u64,
        first: Offset,
        depth: Depth,
    ) -> Result<Self, OpenError> {
        let path = files::path(dir, first);
        let file = disk.open(&path).map_err(io_at(&path))?;
        let header = match Header::read(&*file).map_err(io_at(&path))? {
            Err(HeaderError::Version(found)) => {
                return Err(OpenError::Version { file: path, found, known: VERSION });
            }
            Err(HeaderError::Damaged(reason)) => Err(reason),
            Ok(header) if header.stream_id != stream_id => Err("the file belongs to another stream"),
            Ok(header) if header.first_offset != first => Err("the file was renamed"),
            Ok(header) => Ok(header),
        };
        let start = header.as_ref().map_or(0, Header::entries_at);
        let mut scanned = Self {
            index: FileIndex::new(path.clone(), first, start),
            gaps: Vec::new(),
            sound_start: false,
            invalid: None,
            // The file was begun when everything before it was durable.
            durable: first,
            whole: Place { at: start, offset: first },
            seed: seed(stream_id, first),
        };
        scanned.read_content(&*file, header, depth).map_err(io_at(&path))?;
        Ok(scanned)
    }

    fn read_content(
        &mut self,
        file: &dyn DiskFile,
        header: Result<Header, &'static str>,
        depth: Depth,
    ) -> io::Result<()> {
        let mut walk = Walk::new(Window::new(file)?, self.seed, self.whole);
        let invalid = match header {
            Err(reason) => Some((0, reason)),
            Ok(header) if header.read_table(file)?.is_none() => {
                Some((0, "the file's producer table is damaged"))
            }
            Ok(_) => {
                self.sound_start = true;
                self.take_in(&mut walk, depth)?
            }
        };
        if let Some((at, reason)) = invalid {
            self.end_at(at, self.index.next_offset, reason);
            self.look_behind(&mut walk.window, at)?;
        }
        Ok(())
    }

    /// Takes in entries up to the first that is not as it must be; says where that is and why.
    fn take_in(&mut self, walk: &mut Walk<'_>, depth: Depth) -> io::Result<Option<(u64, &'static str)>> {
        loop {
            let (at, head) = match walk.step()? {
                Step::Entry { at, head, .. } => (at, head),
                Step::Invalid { at, reason } => return Ok(Some((at, reason))),
                Step::End if self.whole.at < self.index.end => {
                    return Ok(Some((self.index.end, "the last batch is incomplete")));
                }
                Step::End => return Ok(None),
            };
            if depth == Depth::Bodies && !body::is_intact(&head, self.seed, walk.body(at, &head)?) {
                return Ok(Some((at, BODY_DAMAGED)));
            }
            self.durable = self.durable.max(head.durable);
            self.index.push(&head);
            note_gap(&mut self.gaps, &head);
            if !head.continues {
                self.whole = self.index.end();
            }
        }
    }

    /// Notes what is wrong. A batch is there whole or not at all, so the file ends behind the last whole one.
    fn end_at(&mut self, at: u64, offset: Offset, reason: &'static str) {
        self.index.cut(self.whole);
        self.invalid = Some(Invalid { at, offset, reason, resumes: None });
    }

    /// Looks for what else the file has: it may prove that more was durable.
    fn look_behind(&mut self, window: &mut Window<'_>, mut at: u64) -> io::Result<()> {
        while let Some((found, head)) = window.find_head(self.seed, at)? {
            self.durable = self.durable.max(head.durable);
            if let Some(invalid) = &mut self.invalid
                && head.first_offset > invalid.offset
            {
                invalid.resumes.get_or_insert(head.first_offset);
            }
            at = found + head.head_len() as u64;
        }
        Ok(())
    }

    /// Whether what is wrong can be the rest of a commit that was never acknowledged, if this is the last
    /// file.
    pub(super) fn may_be_torn(&self, durable: Offset) -> bool {
        self.sound_start && self.invalid.is_some_and(|invalid| invalid.offset >= durable)
    }

    /// Verifies the bodies that are not known to be durable. The first damaged one ends the file.
    pub(super) fn verify_behind(&mut self, disk: &dyn Disk, durable: Offset) -> Result<(), OpenError> {
        let Some(block) = self.index.block_of(durable) else { return Ok(()) };
        let begin = self.index.blocks[block].place();
        let path = self.index.path.clone();
        let file = disk.open(&path).map_err(io_at(&path))?;
        self.verify(&*file, begin, durable).map_err(io_at(&path))
    }

    fn verify(&mut self, file: &dyn DiskFile, begin: Place, durable: Offset) -> io::Result<()> {
        let mut walk = Walk::new(Window::new(file)?, self.seed, begin);
        let mut whole = begin;
        while walk.place() != self.index.end() {
            let Step::Entry { at, head, .. } = walk.step()? else {
                // It was walked a moment ago, and nobody else writes to it.
                return Err(io::Error::other("the file changed while it was read"));
            };
            let in_doubt = head.next_offset() > durable;
            if in_doubt && !body::is_intact(&head, self.seed, walk.body(at, &head)?) {
                self.whole = whole;
                self.end_at(at, head.first_offset, BODY_DAMAGED);
                return Ok(());
            }
            if !head.continues {
                whole = walk.place();
            }
        }
        Ok(())
    }
}
