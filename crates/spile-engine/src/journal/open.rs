//! Opens a journal: looks at it, cuts off what was never acknowledged, makes the rest durable, and goes on.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::checkpoint::{self, Checkpoint, CheckpointFile};
use super::files::{self, publish};
use super::index::{Place, Shared, State};
use super::layout::seed;
use super::producers::{Producers, decode_marks};
use super::prologue::{self, Header};
use super::recover::{Inspection, Verdict, inspect, io_at};
use super::repair::repair;
use super::scan::{Depth, Scanned};
use super::walk::{Step, Walk, Window};
use super::writer::Journal;
use super::{Damage, GapRange, OpenError};
use crate::disk::{Disk, DiskFile, read_up_to};
use crate::offset::Offset;

/// How much is written again at a time: 1 MiB.
const SETTLE_BYTES: u64 = 1024 * 1024;

/// How a journal is opened.
#[derive(Clone, Copy, Debug)]
pub struct JournalOptions {
    /// When a file has this many bytes of entries the next commit begins a new one.
    pub file_bytes: u64,
    /// The stream's id, should the journal have to be made. It is the seed of the checksums, too: best
    /// random, so that no log text can pass for entries.
    pub new_stream_id: u64,
    /// Repairs a corrupt journal instead of refusing it, and reads all of it to do so.
    pub repair: bool,
}

/// What was found when a journal was opened.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// The state of the journal, after the repair if there was one: `Clean` or `TornTail`.
    pub verdict: Verdict,
    /// What was damaged and is repaired.
    pub repaired: Vec<Damage>,
    /// The first retained offset.
    pub head: Offset,
    /// The first unwritten offset.
    pub tail: Offset,
    /// What this and earlier repairs gave up.
    pub gaps: Vec<GapRange>,
}

impl Journal {
    /// Says what state the journal in `dir` is in, and changes nothing. A directory that is not there is an
    /// empty journal.
    pub fn inspect(disk: &dyn Disk, dir: &Path) -> Result<Verdict, OpenError> {
        Ok(inspect(disk, dir, Depth::Heads)?.verdict)
    }

    /// Opens the journal in `dir`, making it if there is none. The caller holds the lock of the directory or
    /// of one above it: two writers would destroy each other's records.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: JournalOptions,
    ) -> Result<(Self, Recovered), OpenError> {
        let mut repaired = Vec::new();
        if options.repair {
            repaired = repair(&*disk, dir, options.new_stream_id)?;
        }
        let mut inspection = inspect(&*disk, dir, Depth::Heads)?;
        if let Verdict::Corrupt(damages) = inspection.verdict {
            return Err(OpenError::Corrupt(damages));
        }
        if inspection.files.is_empty() {
            make(&*disk, dir, inspection.stream_id.unwrap_or(options.new_stream_id))?;
            inspection = inspect(&*disk, dir, Depth::Heads)?;
        }
        let (journal, mut recovered) = Self::go_on(disk, dir, options, inspection)?;
        recovered.repaired = repaired;
        Ok((journal, recovered))
    }

    fn go_on(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: JournalOptions,
        inspection: Inspection,
    ) -> Result<(Self, Recovered), OpenError> {
        // A name that is there may come from a process that ended before it could sync.
        disk.sync_dir(dir).map_err(io_at(dir))?;
        let Inspection { verdict, checkpoint, head, durable, files, leftovers, .. } = inspection;
        let mut checkpoint = checkpoint.expect("a journal without a checkpoint is corrupt");
        let last = files.last().expect("open makes a file if there is none");
        let tail = last.index.next_offset;
        let path = last.index.path.clone();
        let active = disk.open(&path).map_err(io_at(&path))?;
        settle(&*active, last, durable).map_err(io_at(&path))?;
        let now = Checkpoint { head, tail };
        if checkpoint.get() != now {
            checkpoint.write(now).map_err(io_at(&checkpoint::path(dir)))?;
        }
        for leftover in leftovers {
            // The head is durable before a file below it goes.
            checkpoint.settle().map_err(io_at(&checkpoint::path(dir)))?;
            disk.remove(&leftover).map_err(io_at(&leftover))?;
        }
        let producers = replay(&*active, checkpoint.stream_id(), last.index.first_offset);
        let producers = producers.map_err(io_at(&path))?.unwrap_or_default();
        let gaps: Vec<GapRange> = files.iter().flat_map(|file| file.gaps.iter().copied()).collect();
        let mut state = State {
            head,
            tail,
            files: files.into_iter().map(|file| file.index).collect(),
            gaps: gaps.clone(),
        };
        state.active_mut().open = Some(Arc::clone(&active));
        let shared = Arc::new(Shared::new(state));
        let recovered = Recovered { verdict, repaired: Vec::new(), head, tail, gaps };
        let journal = Self::new(disk, dir, options.file_bytes, active, checkpoint, producers, shared);
        Ok((journal, recovered))
    }
}

/// Makes an empty journal. A crash half-way leaves a checkpoint that says so.
fn make(disk: &dyn Disk, dir: &Path, stream_id: u64) -> Result<(), OpenError> {
    disk.create_dir_all(dir).map_err(io_at(dir))?;
    let path = checkpoint::path(dir);
    let made = CheckpointFile::create(disk, dir, stream_id, Checkpoint::default());
    made.map_err(|error| io_at(&path)(error.into()))?;
    let path = files::path(dir, Offset::ZERO);
    let content = prologue::encode(stream_id, Offset::ZERO, &Producers::default());
    publish(disk, &path, &content).map_err(|error| io_at(&path)(error.into()))?;
    Ok(())
}

/// Makes the last file's entries durable, and nothing else.
///
/// What is not known to be durable is written again: should its write-back have failed before the last
/// process ended, the system takes the bytes that it still shows for clean, and a sync alone would not write
/// them.
fn settle(file: &dyn DiskFile, last: &Scanned, durable: Offset) -> io::Result<()> {
    let end = last.index.end();
    let torn = file.len()? > end.at;
    if torn {
        file.truncate(end.at)?;
    }
    if !torn && end.offset <= durable {
        return Ok(());
    }
    let block = last.index.block_of(durable).map(|block| last.index.blocks[block]);
    let mut at = block.map_or(end.at, |block| block.position);
    while at < end.at {
        let bytes = read_up_to(file, at, (end.at - at).min(SETTLE_BYTES) as usize)?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.write_all_at(&bytes, at)?;
        at += bytes.len() as u64;
    }
    file.sync_data()
}

/// The producer table behind a file: as it was when the file was begun, and every mark since. `None` when the
/// file's start is damaged.
pub(super) fn replay(file: &dyn DiskFile, stream_id: u64, first: Offset) -> io::Result<Option<Producers>> {
    let Some((header, mut producers)) = Header::read_producers(file)? else { return Ok(None) };
    let begin = Place { at: header.entries_at(), offset: first };
    let mut walk = Walk::new(Window::new(file)?, seed(stream_id, first), begin);
    while let Step::Entry { head, marks, .. } = walk.step()? {
        for mark in decode_marks(marks).unwrap_or_default() {
            producers.apply(head.first_offset, &mark);
        }
    }
    Ok(Some(producers))
}
