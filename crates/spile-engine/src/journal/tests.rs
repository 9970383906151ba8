//! What a journal promises, on the real file system.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::disk::{Disk, OsDisk};
use crate::frame::{Frame, FrameDraft, Summary};

use spile_proto::v1::LogRecord;

const STREAM: u64 = 0x5711_e001;

struct Fixture {
    temp: TempDir,
    options: JournalOptions,
}

impl Fixture {
    fn new() -> Self {
        Self {
            temp: tempfile::tempdir().unwrap(),
            options: JournalOptions { file_bytes: 1 << 20, new_stream_id: STREAM, repair: false },
        }
    }

    fn dir(&self) -> PathBuf {
        self.temp.path().join("journal")
    }

    fn open(&self) -> (Journal, Recovered) {
        let disk: Arc<dyn Disk> = Arc::new(OsDisk);
        Journal::open(disk, &self.dir(), self.options).unwrap()
    }
}

fn draft(first: u64, count: u64) -> FrameDraft {
    let mut draft = FrameDraft::default();
    for n in first..first + count {
        let record = LogRecord {
            time_unix_nano: 1_000 + n,
            severity_number: (n % 25) as i32,
            body: format!("record {n}"),
            ..LogRecord::default()
        };
        draft.push(&record, None, 1).unwrap();
    }
    draft
}

fn commit(journal: &mut Journal, count: u64) -> Committed {
    let draft = draft(journal.tail().0, count);
    let frame = PendingFrame { draft, marks: Vec::new(), continues: false };
    journal.commit(&[frame], 5).unwrap()
}

fn all(_: &Summary) -> bool {
    true
}

fn bodies(frames: &[Arc<Frame>]) -> Vec<String> {
    let of = |frame: &Arc<Frame>| {
        (0..frame.len()).map(|at| String::from_utf8(frame.body(at).to_vec()).unwrap()).collect::<Vec<_>>()
    };
    frames.iter().flat_map(of).collect()
}

#[test]
fn what_was_committed_is_read_back_also_after_opening_again() {
    let fixture = Fixture::new();
    let (mut journal, recovered) = fixture.open();
    assert_eq!(recovered.verdict, Verdict::Clean);
    for count in [1, 3, 2] {
        commit(&mut journal, count);
    }
    let expected: Vec<String> = (0..6).map(|n| format!("record {n}")).collect();
    let run = journal.reader().read(Offset(0), Offset(6), usize::MAX, &all).unwrap();
    assert_eq!(bodies(&run.frames), expected);
    drop(journal);
    let (journal, recovered) = fixture.open();
    assert_eq!((recovered.verdict, recovered.tail), (Verdict::Clean, Offset(6)));
    let run = journal.reader().read(Offset(0), Offset(6), usize::MAX, &all).unwrap();
    assert_eq!(bodies(&run.frames), expected);
    assert_eq!(run.next, Offset(6));
    let back = journal.reader().read_back(Offset(6), 1, &all).unwrap();
    assert_eq!(bodies(&back.frames), ["record 4", "record 5"]);
    assert_eq!(back.next, Offset(4));
}
