//! What a journal promises.

#![allow(clippy::unwrap_used)]

mod beside;
mod crash;
mod damage;
mod fault;
mod model;
mod producers;
mod read;
mod repair;
mod retain;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use spile_proto::v1::LogRecord;

use super::*;
use crate::disk::faulty::FaultyDisk;
use crate::disk::{Disk, OsDisk};
use crate::frame::{Frame, FrameDraft, Summary};
use crate::offset::Offset;

const STREAM: u64 = 0x5711_e001_d00d_f00d;
const OPTIONS: JournalOptions =
    JournalOptions { file_bytes: 64 * 1024 * 1024, new_stream_id: STREAM, repair: false };

/// Where journals lie on a disk in memory.
fn dir() -> &'static Path {
    Path::new("/journal")
}

/// Opens a journal on a disk in memory.
fn open(disk: &FaultyDisk, options: JournalOptions) -> Result<(Journal, Recovered), OpenError> {
    Journal::open(Arc::new(disk.clone()), dir(), options)
}

/// A journal on the real file system, gone at the end of the test.
struct OnDisk {
    _temp: tempfile::TempDir,
    dir: PathBuf,
}

impl OnDisk {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        Self { dir: temp.path().join("journal"), _temp: temp }
    }

    fn open(&self, options: JournalOptions) -> (Journal, Recovered) {
        let disk: Arc<dyn Disk> = Arc::new(OsDisk);
        Journal::open(disk, &self.dir, options).unwrap()
    }

    fn file_names(&self) -> Vec<String> {
        let mut names = OsDisk.list(&self.dir).unwrap();
        names.sort();
        names
    }
}

/// A frame of records with these bodies; severities and times follow from the position.
fn frame(bodies: &[String]) -> PendingFrame {
    let mut draft = FrameDraft::default();
    for (n, body) in bodies.iter().enumerate() {
        let record = LogRecord {
            time_unix_nano: 1_000 + n as u64,
            severity_number: (n % 25) as i32,
            body: body.clone(),
            ..LogRecord::default()
        };
        draft.push(&record, None, 1).unwrap();
    }
    PendingFrame { draft, marks: Vec::new(), continues: false }
}

fn bodies(first: u64, count: u64) -> Vec<String> {
    (first..first + count).map(|n| format!("record {n}")).collect()
}

/// Commits one frame of records that are called by their offsets.
fn commit(journal: &mut Journal, count: u64) -> Committed {
    journal.commit(&[frame(&bodies(journal.tail().0, count))], 5).unwrap()
}

fn all(_: &Summary) -> bool {
    true
}

fn bodies_of(frames: &[Arc<Frame>]) -> Vec<String> {
    let body = |frame: &Arc<Frame>, at| String::from_utf8(frame.body(at).to_vec()).unwrap();
    frames.iter().flat_map(|frame| (0..frame.len()).map(move |at| body(frame, at))).collect()
}

/// Everything between head and tail, gaps and damage aside, as offset and body.
fn contents(reader: &JournalReader) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    let mut next = reader.head();
    while next < reader.tail() {
        next = match reader.read(next, reader.tail(), 1, &all) {
            Ok(run) => {
                assert!(run.next > next, "a read makes progress");
                for frame in &run.frames {
                    let bodies = bodies_of(std::slice::from_ref(frame));
                    let offsets = frame.first_offset().0..;
                    found.extend(offsets.zip(bodies).filter(|(offset, _)| *offset >= next.0));
                }
                run.next
            }
            Err(ReadError::Gap { from, to } | ReadError::Corrupt { from, to, .. }) => {
                assert!(from <= next && next < to, "{from} <= {next} < {to}");
                to
            }
            Err(error) => panic!("{error}"),
        };
    }
    found
}

/// What `contents` gives when nothing is missing.
fn dense(first: u64, count: u64) -> Vec<(u64, String)> {
    (first..).zip(bodies(first, count)).collect()
}
