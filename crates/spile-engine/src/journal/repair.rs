//! Repair: keeps a copy of what is damaged, and puts gaps in place of the records that are lost.
//!
//! Every file is replaced in one step by one that is whole, so a crash leaves the journal as it was or
//! further repaired; the next repair does the rest. Takes the memory of one file, twice.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::body;
use super::checkpoint::{self, Checkpoint, CheckpointFile};
use super::files::{self, publish};
use super::index::Place;
use super::layout::{EntryHead, HEAD_BYTES, seed};
use super::open::replay;
use super::producers::Producers;
use super::prologue::{self, Header};
use super::recover::{Inspection, Verdict, inspect, io_at};
use super::scan::{Depth, Scanned};
use super::walk::Window;
use super::{Damage, OpenError};
use crate::disk::{Disk, DiskFile, read_up_to};
use crate::offset::Offset;

/// Where copies of damaged files go.
const QUARANTINE: &str = "quarantine";

/// A repair under way.
struct Repair<'a> {
    disk: &'a dyn Disk,
    dir: &'a Path,
    stream_id: u64,
    /// Records below it are filled in with gaps if they are lost.
    durable: Offset,
}

/// Repairs the journal in `dir` if it is corrupt, and says what was damaged. Reads everything.
/// `new_stream_id` is used only if nothing tells the id.
pub(super) fn repair(disk: &dyn Disk, dir: &Path, new_stream_id: u64) -> Result<Vec<Damage>, OpenError> {
    let inspection = inspect(disk, dir, Depth::Bodies)?;
    let Verdict::Corrupt(damages) = &inspection.verdict else { return Ok(Vec::new()) };
    let repair = Repair {
        disk,
        dir,
        stream_id: inspection.stream_id.unwrap_or(new_stream_id),
        durable: inspection.durable,
    };
    repair.files(&inspection)?;
    if inspection.checkpoint.is_none() {
        repair.checkpoint(inspection.head)?;
    }
    Ok(damages.clone())
}

impl Repair<'_> {
    fn files(&self, inspection: &Inspection) -> Result<(), OpenError> {
        let files = &inspection.files;
        let begin = files.first().map_or(self.durable, |file| file.index.first_offset);
        if begin > inspection.head || files.is_empty() {
            self.put_gap_file(inspection.head, begin, &Producers::default())?;
        }
        let mut producers = Producers::default();
        for (nth, file) in files.iter().enumerate() {
            let following = files.get(nth + 1).map(|next| next.index.first_offset);
            let end = following.unwrap_or(self.durable);
            let torn = following.is_none() && file.may_be_torn(end);
            let overlaps = following.is_some_and(|following| following < file.index.next_offset);
            let rewritten = overlaps || (file.invalid.is_some() && !torn);
            if rewritten {
                self.rewrite(file, following, &producers)?;
            }
            producers = self.producers_behind(file)?;
            if !rewritten && file.index.next_offset < end {
                self.put_gap_file(file.index.next_offset, end, &producers)?;
            }
        }
        Ok(())
    }

    /// Replaces a file by what is intact in it, with gaps between. `before` is the producer table at its
    /// start, should its own be damaged.
    fn rewrite(
        &self,
        damaged: &Scanned,
        following: Option<Offset>,
        before: &Producers,
    ) -> Result<(), OpenError> {
        let path = &damaged.index.path;
        self.quarantine(path)?;
        let first = damaged.index.first_offset;
        let file = self.disk.open(path).map_err(io_at(path))?;
        let own = Header::read_producers(&*file).map_err(io_at(path))?.map(|(_, producers)| producers);
        let producers = own.as_ref().filter(|_| damaged.sound_start).unwrap_or(before);
        let mut content = prologue::encode(self.stream_id, first, producers);
        let begin = Place { at: damaged.index.start, offset: first };
        self.salvage(&*file, begin, following, &mut content).map_err(io_at(path))?;
        self.put(path, &content)
    }

    /// Appends to `content` the intact entries of a file from `begin` on, and gaps for the records between
    /// them that were durable. All records before the file that follows were.
    fn salvage(
        &self,
        file: &dyn DiskFile,
        begin: Place,
        following: Option<Offset>,
        content: &mut Vec<u8>,
    ) -> io::Result<()> {
        let durable = following.unwrap_or(self.durable);
        let last = following.unwrap_or(Offset(u64::MAX));
        let seed = seed(self.stream_id, begin.offset);
        let mut window = Window::new(file)?;
        let Place { mut at, offset: mut due } = begin;
        while let Some((found, head)) = window.find_head(seed, at)? {
            at = found + 1;
            let in_order = due <= head.first_offset && head.next_offset() <= last;
            let entry = if in_order { entry(&mut window, seed, found, &head)? } else { None };
            let Some(entry) = entry else { continue };
            if due < head.first_offset {
                if due >= durable {
                    break;
                }
                put_gap(seed, due, head.first_offset, content);
            }
            content.extend_from_slice(&entry);
            due = head.next_offset();
            at = found + head.entry_len() as u64;
        }
        if due < durable {
            put_gap(seed, due, durable, content);
        }
        Ok(())
    }

    /// Makes a file that says that its records are lost.
    fn put_gap_file(&self, from: Offset, to: Offset, producers: &Producers) -> Result<(), OpenError> {
        let mut content = prologue::encode(self.stream_id, from, producers);
        if from < to {
            put_gap(seed(self.stream_id, from), from, to, &mut content);
        }
        self.put(&files::path(self.dir, from), &content)
    }

    /// The producer table at the end of a file that was looked at, and perhaps rewritten since.
    fn producers_behind(&self, file: &Scanned) -> Result<Producers, OpenError> {
        let path = &file.index.path;
        let open = self.disk.open(path).map_err(io_at(path))?;
        let found = replay(&*open, self.stream_id, file.index.first_offset);
        Ok(found.map_err(io_at(path))?.unwrap_or_default())
    }

    fn checkpoint(&self, head: Offset) -> Result<(), OpenError> {
        let path = checkpoint::path(self.dir);
        match self.quarantine(&path) {
            Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            done => done?,
        }
        let known = Checkpoint { head, tail: self.durable };
        let made = CheckpointFile::create(self.disk, self.dir, self.stream_id, known);
        made.map(|_| ()).map_err(|error| io_at(&path)(error.into()))
    }

    /// Keeps a copy, unless there is the same one already.
    fn quarantine(&self, path: &Path) -> Result<(), OpenError> {
        let bytes = self.read_all(path)?;
        let dir = self.dir.join(QUARANTINE);
        self.disk.create_dir_all(&dir).map_err(io_at(&dir))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for nth in 0.. {
            let copy = dir.join(format!("{name}.{nth}"));
            match self.read_all(&copy) {
                Ok(found) if found == bytes => return Ok(()),
                Ok(_) => {}
                Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                    return self.put(&copy, &bytes);
                }
                Err(error) => return Err(error),
            }
        }
        unreachable!("some number is free")
    }

    fn read_all(&self, path: &Path) -> Result<Vec<u8>, OpenError> {
        let read = |file: Arc<dyn DiskFile>| read_up_to(&*file, 0, file.len()? as usize);
        self.disk.open(path).and_then(read).map_err(io_at(path))
    }

    fn put(&self, path: &Path, bytes: &[u8]) -> Result<(), OpenError> {
        let made = publish(self.disk, path, bytes);
        made.map(|_| ()).map_err(|error| io_at(path)(error.into()))
    }
}

/// The bytes of an entry, if its body is intact; without its marks if they are not.
fn entry(window: &mut Window<'_>, seed: u32, at: u64, head: &EntryHead) -> io::Result<Option<Vec<u8>>> {
    let bytes = window.bytes(at, head.entry_len())?;
    let Some((marks, body)) =
        bytes.get(HEAD_BYTES..).and_then(|rest| rest.split_at_checked(head.marks_len as usize))
    else {
        return Ok(None);
    };
    if !body::is_intact(head, seed, body) {
        return Ok(None);
    }
    if crc32c::crc32c_append(seed, marks) == head.marks_crc {
        return Ok(Some(bytes.to_vec()));
    }
    let mut entry = Vec::with_capacity(HEAD_BYTES + body.len());
    EntryHead { marks_len: 0, marks_crc: seed, ..head.clone() }.encode(seed, &mut entry);
    entry.extend_from_slice(body);
    Ok(Some(entry))
}

fn put_gap(seed: u32, from: Offset, to: Offset, content: &mut Vec<u8>) {
    EntryHead::gap(from, to, seed).encode(seed, content);
}
