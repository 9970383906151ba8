//! One followed file: opened, known again, and read bit by bit. Everything here blocks on the disk, and is bounded in bytes.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use spile_engine::{AppendError, Stream};

use super::head::{Fingerprint, HEAD_BYTES, NotText, not_text};
use super::key::FileKey;
use super::registry::Known;
use super::scan::FileState;
use crate::ingest::decoder::{Batch, LineDecoder, Moment};
use crate::ingest::origin;
use crate::ingest::pipeline::AppendPipeline;
use crate::ingest::place::Place;

/// How many of the bytes read last are looked at again before the next are taken for their continuation.
const GUARD_BYTES: usize = 64;

/// A file that is followed, by whatever name.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) key: FileKey,
    /// Its name now, as far as is known.
    pub(super) path: PathBuf,
    /// The name under which it was found first, and where that led if it was a link.
    names: Vec<PathBuf>,
    open: Option<File>,
    /// It was followed before it was truncated; so it is text, whatever it begins with.
    is_text: bool,
    pub(super) reading: Option<Reading>,
}

/// What belongs to one life of a file: from its first byte until it is truncated.
#[derive(Debug)]
pub(super) struct Reading {
    fingerprint: Fingerprint,
    pub(super) pipeline: AppendPipeline,
    decoder: LineDecoder,
    /// The last bytes read.
    guard: Vec<u8>,
    /// Nothing but zero bytes came so far: a hole, left by a writer that went on where it was before the file was truncated.
    in_hole: bool,
}

/// What a file turned out to be.
#[derive(Debug)]
pub(super) enum Identity {
    /// It has too few bytes yet to be told from others: its first line has no end.
    TooShort,
    /// It is none to follow.
    NotText(NotText),
    /// It was followed before, and is durable up to the place.
    Known(Known, Place),
    /// It is a new one.
    New(Fingerprint),
}

/// What one look at a file brought.
#[derive(Debug)]
pub(super) enum Look {
    /// Its next bytes, up to the bound.
    Read(Read),
    /// It was truncated: what is in it now is new. The batches are the last of what it was.
    Truncated(Vec<Batch>),
}

/// Bytes read, as records.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) batches: Vec<Batch>,
    pub(super) bytes: usize,
    pub(super) lines: u64,
    /// There may be more.
    pub(super) more: bool,
    /// What it looked like.
    pub(super) state: FileState,
    /// It has no name any more.
    pub(super) is_deleted: bool,
}

impl Followed {
    pub(super) fn new(key: FileKey, path: PathBuf, target: Option<PathBuf>) -> Self {
        let names = [Some(path.clone()), target].into_iter().flatten().collect();
        Self { key, path, names, open: None, is_text: false, reading: None }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Closes it; it is opened again when it is looked at.
    pub(super) fn close(&mut self) {
        self.open = None;
    }

    /// Whether a line or a piece of one was read that is not sent.
    pub(super) fn has_unfinished(&self) -> bool {
        self.reading.as_ref().is_some_and(|reading| reading.decoder.has_unfinished())
    }

    /// What is durable of it for certain.
    pub(super) fn durable(&self) -> Option<(Place, Fingerprint)> {
        let reading = self.reading.as_ref()?;
        Some((reading.pipeline.stored().place, reading.fingerprint))
    }

    /// Forgets how far it was read; it is to be identified again.
    pub(super) fn forget(&mut self) {
        self.reading = None;
    }

    /// Forgets what it was before it was truncated.
    pub(super) fn begin_anew(&mut self) {
        self.reading = None;
        self.is_text = true;
    }

    /// Starts reading as `known`, from `place` on.
    pub(super) fn begin(&mut self, known: &Known, place: Place, pipeline: AppendPipeline) {
        if self.names.first() != Some(&known.path) {
            self.names.insert(0, known.path.clone());
        }
        let names: Vec<&Path> = self.names.iter().map(PathBuf::as_path).collect();
        self.reading = Some(Reading {
            fingerprint: known.fingerprint,
            pipeline,
            decoder: LineDecoder::new(origin::of_paths(&names), place),
            guard: Vec::new(),
            in_hole: self.is_text && place == Place::default(),
        });
    }

    /// Finds out which file it is. `candidates` are those that it may be. With `finish`, its first line needs no end.
    pub(super) fn identify(
        &mut self,
        candidates: Vec<Known>,
        stream: &Stream,
        finish: bool,
    ) -> io::Result<(Identity, FileState)> {
        let is_text = self.is_text;
        let file = self.opened()?;
        let state = FileState::of(&file.metadata()?);
        let head = read_at(file, 0, HEAD_BYTES)?;
        let is_enough = finish || head.len() >= HEAD_BYTES || head.contains(&b'\n');
        let Some(fingerprint) = Fingerprint::of(&head).filter(|_| is_enough) else {
            return Ok((Identity::TooShort, state));
        };
        let identity = match candidates.into_iter().find(|known| known.fingerprint.fits(&head)) {
            Some(known) => {
                let last = Place::of_sequence(stream.last_sequence(&known.id).unwrap_or(0));
                let place = last.max(known.place);
                // A file that is shorter than what was read of it was truncated while nobody looked.
                if place.start <= state.bytes {
                    Identity::Known(known, place)
                } else {
                    Identity::New(fingerprint)
                }
            }
            None => match not_text(&head) {
                Some(why) if !is_text => Identity::NotText(why),
                _ => Identity::New(fingerprint),
            },
        };
        Ok((identity, state))
    }

    /// Reads on, at most `max_bytes`. With `finish`, a line without an end is taken for whole if there is nothing behind it.
    pub(super) fn look(
        &mut self,
        max_bytes: usize,
        received_unix_nano: u64,
        finish: bool,
    ) -> io::Result<Look> {
        self.opened()?;
        let Self { open: Some(file), reading: Some(reading), .. } = self else {
            return Err(io::Error::other("a file is read that was not identified"));
        };
        let metadata = file.metadata()?;
        let state = FileState::of(&metadata);
        let moment = moment(received_unix_nano, state);
        let Some(new) = reading.continuation(file, state.bytes, max_bytes)? else {
            let mut batches = Vec::new();
            reading.decoder.finish(moment, &mut batches);
            return Ok(Look::Truncated(batches));
        };
        let lines = reading.decoder.counts().records;
        let mut batches = Vec::new();
        reading.take_in(&new, moment, &mut batches);
        let more = reading.decoder.position() < state.bytes;
        if finish && !more {
            reading.decoder.finish(moment, &mut batches);
        }
        batches.extend(reading.decoder.take());
        if reading.fingerprint.can_grow() && !new.is_empty() {
            reading.fingerprint =
                Fingerprint::of(&read_at(file, 0, HEAD_BYTES)?).unwrap_or(reading.fingerprint);
        }
        let lines = reading.decoder.counts().records - lines;
        Ok(Look::Read(Read {
            batches,
            bytes: new.len(),
            lines,
            more,
            state,
            is_deleted: metadata.nlink() == 0,
        }))
    }

    /// The open file. If the path leads to another file by now, this one is looked for beside it: rotation renames within a folder.
    fn opened(&mut self) -> io::Result<&File> {
        if self.open.is_none() {
            self.open = Some(self.find()?);
        }
        self.open.as_ref().ok_or_else(|| io::Error::other("the file was not kept open"))
    }

    fn find(&mut self) -> io::Result<File> {
        match open(&self.path, self.key) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => return opened,
        }
        let folder = self.path.parent().ok_or(io::ErrorKind::NotFound)?;
        let renamed = self.key.find_in(folder).ok_or(io::ErrorKind::NotFound)?;
        let file = open(&renamed, self.key)?;
        self.path = renamed;
        Ok(file)
    }
}

impl Reading {
    /// The bytes behind those read before, of a file with `file_bytes`. `None` if it is not the file any more that those were read from: it
    /// is shorter, or they are not in it; then it was truncated, and may have grown past them again.
    fn continuation(
        &mut self,
        file: &File,
        file_bytes: u64,
        max_bytes: usize,
    ) -> io::Result<Option<Vec<u8>>> {
        let position = self.decoder.position();
        let Some(unread) = file_bytes.checked_sub(position) else { return Ok(None) };
        if self.guard.is_empty() && position > 0 {
            // It was identified just before.
            let guard = position.min(GUARD_BYTES as u64);
            self.guard = read_at(file, position - guard, guard as usize)?;
        }
        let guard = self.guard.len();
        let wanted = usize::try_from(unread).unwrap_or(usize::MAX).min(max_bytes);
        let mut bytes = read_at(file, position - guard as u64, guard + wanted)?;
        if !bytes.starts_with(&self.guard) {
            return Ok(None);
        }
        bytes.drain(..guard);
        Ok(Some(bytes))
    }

    fn take_in(&mut self, bytes: &[u8], moment: Moment, batches: &mut Vec<Batch>) {
        let mut rest = bytes;
        if self.in_hole {
            let zeros = rest.iter().take_while(|byte| **byte == 0).count();
            self.decoder.skip(zeros as u64);
            rest = &rest[zeros..];
            self.in_hole = rest.is_empty();
        }
        self.decoder.decode(rest, moment, batches);
        let keep = self.guard.len().min(GUARD_BYTES.saturating_sub(bytes.len()));
        self.guard.drain(..self.guard.len() - keep);
        self.guard.extend_from_slice(&bytes[bytes.len().saturating_sub(GUARD_BYTES)..]);
    }

    /// Sends batches; returns when they have joined the stream's line.
    pub(super) async fn send(&mut self, batches: Vec<Batch>) -> Result<(), AppendError> {
        for batch in batches {
            self.pipeline.send(batch).await?;
        }
        Ok(())
    }
}

/// The file's lines were written by the time that it was modified last.
fn moment(received_unix_nano: u64, state: FileState) -> Moment {
    let modified = u64::try_from(state.modified_unix_nano).unwrap_or(0);
    let written_unix_nano = if modified == 0 { received_unix_nano } else { modified.min(received_unix_nano) };
    Moment { received_unix_nano, written_unix_nano }
}

/// Opens the file if the path leads to it. Never waits, not even for a pipe that has taken the file's name.
fn open(path: &Path, key: FileKey) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() && FileKey::of(&metadata) == key {
        Ok(file)
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Up to `max` bytes at a position; fewer only at the end.
fn read_at(file: &File, position: u64, max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; max];
    let mut filled = 0;
    while filled < max {
        match file.read_at(&mut bytes[filled..], position + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
