//! Looks at a journal on disk and says what state it is in, without changing a byte.
//!
//! Let *durable* be the highest offset that anything intact names as durable: the checkpoint, the first
//! offset of any file (a file is begun when everything before it is durable), the head of any entry, in any
//! place. The first thing in the order of offsets that is not as it must be decides: below *durable* it is
//! corruption, otherwise it is the torn rest of a commit that was never acknowledged. Write-back is
//! unordered, so intact entries behind a torn one prove nothing else. The start of a file is durable before
//! the file has its name, so damage to it is always corruption.

use std::io;
use std::path::{Path, PathBuf};

use super::checkpoint::{self, CheckpointFile, Found};
use super::files::{self, Listing};
use super::prologue::Header;
use super::scan::{Depth, Scanned};
use super::{Damage, OpenError};
use crate::disk::Disk;
use crate::offset::Offset;

/// The state of a journal on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of it is as it was written.
    Clean,
    /// The last commit is incomplete: cut the file to `at` bytes. None of it was acknowledged.
    TornTail {
        /// The last file.
        file: PathBuf,
        /// The length that the file is to have.
        at: u64,
        /// Why it ends there.
        reason: &'static str,
    },
    /// Durable data is damaged; in the order of offsets, never empty.
    Corrupt(Vec<Damage>),
}

/// A journal as it is on disk.
#[derive(Debug)]
pub(super) struct Inspection {
    pub(super) verdict: Verdict,
    /// `None` when there is no journal, or nothing of it tells.
    pub(super) stream_id: Option<u64>,
    pub(super) checkpoint: Option<CheckpointFile>,
    pub(super) head: Offset,
    /// Known to be durable before this process looked.
    pub(super) durable: Offset,
    pub(super) files: Vec<Scanned>,
    /// Files wholly below the head, and files that were never finished.
    pub(super) leftovers: Vec<PathBuf>,
}

/// Names the path in an error.
pub(super) fn io_at(path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Io { path, source }
}

/// Looks at the journal in `dir`.
pub(super) fn inspect(disk: &dyn Disk, dir: &Path, depth: Depth) -> Result<Inspection, OpenError> {
    let mut listing = Listing::read(disk, dir).map_err(io_at(dir))?;
    let (checkpoint, damages) = read_checkpoint(disk, dir, &listing)?;
    let stream_id = match &checkpoint {
        Some(checkpoint) => Some(checkpoint.stream_id()),
        None => stream_id_of(disk, dir, &listing)?,
    };
    let first = listing.files.first().copied().unwrap_or_default();
    let known = checkpoint.as_ref().map(CheckpointFile::get);
    let head = known.map_or(first, |known| known.head);
    // A file is wholly below the head when the next one starts at or below it.
    let reached = listing.files.partition_point(|&first| first <= head);
    let trimmed = listing.files.drain(..reached.saturating_sub(1));
    let mut leftovers: Vec<PathBuf> = trimmed.map(|first| files::path(dir, first)).collect();
    leftovers.append(&mut listing.unfinished);
    let mut files = Vec::with_capacity(listing.files.len());
    for &first in &listing.files {
        files.push(Scanned::read(disk, dir, stream_id.unwrap_or_default(), first, depth)?);
    }
    let named = files.iter().map(|file| file.durable);
    let durable = named.fold(known.map_or(head, |known| known.tail.max(head)), Offset::max);
    if let Some(last) = files.last_mut() {
        last.verify_behind(disk, durable)?;
    }
    let verdict = judge(dir, head, durable, &files, damages);
    Ok(Inspection { verdict, stream_id, checkpoint, head, durable, files, leftovers })
}

/// The checkpoint, and what is wrong with it.
fn read_checkpoint(
    disk: &dyn Disk,
    dir: &Path,
    listing: &Listing,
) -> Result<(Option<CheckpointFile>, Vec<Damage>), OpenError> {
    let file = checkpoint::path(dir);
    let reason = match CheckpointFile::read(disk, dir).map_err(io_at(&file))? {
        Found::Valid(checkpoint) => return Ok((Some(checkpoint), Vec::new())),
        Found::Version(found) => {
            return Err(OpenError::Version { file, found, known: checkpoint::VERSION });
        }
        Found::Absent if listing.files.is_empty() => return Ok((None, Vec::new())),
        Found::Absent => "the file is missing",
        Found::Damaged => "no slot is intact",
    };
    let at = Offset::ZERO;
    Ok((None, vec![Damage { file, at: 0, from: at, to: at, reason }]))
}

/// The stream's id by the first file that tells.
fn stream_id_of(disk: &dyn Disk, dir: &Path, listing: &Listing) -> Result<Option<u64>, OpenError> {
    for &first in &listing.files {
        let path = files::path(dir, first);
        let header = disk.open(&path).and_then(|file| Header::read(&*file));
        if let Ok(header) = header.map_err(io_at(&path))? {
            return Ok(Some(header.stream_id));
        }
    }
    Ok(None)
}

/// Says what the files amount to.
fn judge(dir: &Path, head: Offset, durable: Offset, files: &[Scanned], mut damages: Vec<Damage>) -> Verdict {
    let mut torn = None;
    // What must come next: the first file may start anywhere up to the head.
    let mut due = files.first().map_or(head, |file| file.index.first_offset.min(head));
    let mut place = (files::path(dir, due), 0);
    for (nth, file) in files.iter().enumerate() {
        let index = &file.index;
        if index.first_offset != due {
            damages.push(missing(place, due, index.first_offset));
        }
        let following = files.get(nth + 1).map(|next| next.index.first_offset);
        due = index.next_offset;
        place = (index.path.clone(), index.end);
        let Some(invalid) = file.invalid else {
            continue;
        };
        if following.is_none() && file.may_be_torn(durable) {
            torn = Some((index.path.clone(), index.end, invalid.reason));
            continue;
        }
        let end = following.unwrap_or(durable).max(invalid.offset);
        damages.push(Damage {
            file: index.path.clone(),
            at: invalid.at,
            from: invalid.offset,
            to: invalid.resumes.unwrap_or(end),
            reason: invalid.reason,
        });
        // What lies between the damage and the next file belongs to it.
        due = end;
    }
    if due < durable || (files.is_empty() && durable > Offset::ZERO) {
        damages.push(missing(place, due, durable));
    }
    match torn {
        _ if !damages.is_empty() => Verdict::Corrupt(damages),
        Some((file, at, reason)) => Verdict::TornTail { file, at, reason },
        None => Verdict::Clean,
    }
}

/// Records that no file has, or that two files have.
fn missing((file, at): (PathBuf, u64), due: Offset, found: Offset) -> Damage {
    let reason = if due > found {
        "the next file has records of the same offsets"
    } else {
        "durable records that were due here are missing: a file was cut short or removed"
    };
    Damage { file, at, from: due.min(found), to: due.max(found), reason }
}
