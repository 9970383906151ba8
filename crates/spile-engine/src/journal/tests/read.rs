//! Reading back.

use super::*;

fn severe(summary: &Summary) -> bool {
    summary.max_severity() >= 17
}

/// A frame of `count` records with one severity.
fn frame_of(severity: i32, first: u64, count: u64, padding: usize) -> PendingFrame {
    let mut draft = FrameDraft::default();
    for n in first..first + count {
        let body = format!("record {n} {}", noise(n, padding));
        let record = LogRecord { severity_number: severity, body, ..LogRecord::default() };
        draft.push(&record, None, 1).unwrap();
    }
    PendingFrame { draft, marks: Vec::new(), continues: false }
}

/// Text that does not compress.
fn noise(seed: u64, length: usize) -> String {
    let mut state = seed + 1;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + (state >> 33) as u8 % 90)
    };
    (0..length).map(|_| letter()).collect()
}

#[test]
fn what_was_committed_is_read_back_also_after_opening_again() {
    let place = OnDisk::new();
    let (mut journal, recovered) = place.open(OPTIONS);
    assert_eq!((recovered.verdict, recovered.tail), (Verdict::Clean, Offset(0)));
    for count in [1, 3, 2] {
        let before = journal.tail();
        let committed = commit(&mut journal, count);
        assert_eq!((committed.first_offset, committed.tail), (before, before.plus(count)));
    }
    assert_eq!(contents(&journal.reader()), dense(0, 6));
    drop(journal);
    let (journal, recovered) = place.open(OPTIONS);
    assert_eq!((recovered.verdict, recovered.head, recovered.tail), (Verdict::Clean, Offset(0), Offset(6)));
    assert_eq!(contents(&journal.reader()), dense(0, 6));
    assert_eq!(journal.stream_id(), STREAM);
}

#[test]
fn a_commit_of_nothing_changes_nothing() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    let log = disk.log().len();
    assert_eq!(journal.commit(&[], 5).unwrap().tail, Offset(0));
    assert_eq!(disk.log().len(), log);
}

#[test]
fn a_commit_is_one_write_and_one_sync() {
    use crate::disk::faulty::Operation::{Sync, Write};
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    let log = disk.log().len();
    let frames: Vec<_> = (0..5).map(|n| frame(&bodies(n, 1))).collect();
    journal.commit(&frames, 5).unwrap();
    assert_eq!(disk.log()[log..], [Write, Sync]);
}

#[test]
fn reading_starts_and_stops_where_it_is_told() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    for _ in 0..10 {
        commit(&mut journal, 3);
    }
    let reader = journal.reader();
    let run = reader.read(Offset(4), Offset(11), usize::MAX, &all).unwrap();
    // Frames are whole: 3..6, 6..9, 9..12.
    assert_eq!(bodies_of(&run.frames), bodies(3, 9));
    assert_eq!(run.next, Offset(12));
    let run = reader.read(Offset(4), Offset(30), 1, &all).unwrap();
    assert_eq!((bodies_of(&run.frames), run.next), (bodies(3, 3), Offset(6)));
    for at in [30, 31, u64::MAX] {
        let run = reader.read(Offset(at), Offset(u64::MAX), usize::MAX, &all).unwrap();
        assert_eq!((run.frames.len(), run.next), (0, Offset(at)));
    }
}

#[test]
fn reading_back_gives_the_last_frames_in_ascending_order() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, JournalOptions { file_bytes: 700, ..OPTIONS }).unwrap();
    for _ in 0..20 {
        commit(&mut journal, 3);
    }
    let reader = journal.reader();
    let run = reader.read_back(Offset(60), 1, &all).unwrap();
    assert_eq!((bodies_of(&run.frames), run.next), (bodies(57, 3), Offset(57)));
    let run = reader.read_back(Offset(20), usize::MAX, &all).unwrap();
    assert_eq!((bodies_of(&run.frames), run.next), (bodies(0, 21), Offset(0)));
    let run = reader.read_back(Offset(u64::MAX), 1, &all).unwrap();
    assert_eq!(run.next, Offset(57));
    let run = reader.read_back(Offset(0), usize::MAX, &all).unwrap();
    assert_eq!((run.frames.len(), run.next), (0, Offset(0)));
}

#[test]
fn what_a_filter_refuses_is_passed_over_unread() {
    let place = OnDisk::new();
    let (mut journal, _) = place.open(JournalOptions { file_bytes: 300_000, ..OPTIONS });
    let mut severe_frames = Vec::new();
    for n in 0..200 {
        let severity = if n % 50 == 49 { 17 } else { 9 };
        let tail = journal.tail();
        if severity == 17 {
            severe_frames.push(tail);
        }
        journal.commit(&[frame_of(severity, tail.0, 20, 1_000)], 5).unwrap();
    }
    for round in 0..2 {
        let reader = journal.reader();
        let mut next = Offset(0);
        let mut found = Vec::new();
        while next < reader.tail() {
            let run = reader.read(next, reader.tail(), 1, &severe).unwrap();
            found.extend(run.frames.iter().map(|frame| frame.first_offset()));
            assert!(run.next > next);
            next = run.next;
        }
        assert_eq!(found, severe_frames);
        let mut before = reader.tail();
        let mut found = Vec::new();
        while before > reader.head() {
            let run = reader.read_back(before, 1, &severe).unwrap();
            found.extend(run.frames.iter().map(|frame| frame.first_offset()));
            assert!(run.next < before);
            before = run.next;
        }
        found.reverse();
        assert_eq!(found, severe_frames);
        if round == 0 {
            drop(journal);
            journal = place.open(JournalOptions { file_bytes: 300_000, ..OPTIONS }).0;
        }
    }
}

#[test]
fn a_filter_that_refuses_everything_reads_nothing() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, JournalOptions { file_bytes: 700, ..OPTIONS }).unwrap();
    for _ in 0..20 {
        commit(&mut journal, 3);
    }
    let reader = journal.reader();
    let reads = disk.reads();
    let run = reader.read(Offset(0), Offset(60), usize::MAX, &|_| false).unwrap();
    assert_eq!((run.frames.len(), run.next), (0, Offset(60)));
    let run = reader.read_back(Offset(60), usize::MAX, &|_| false).unwrap();
    assert_eq!((run.frames.len(), run.next), (0, Offset(0)));
    assert_eq!(disk.reads(), reads);
}

#[test]
fn one_call_reads_a_bounded_part_of_the_files() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    // 24 MiB in blocks that a filter must read, as each has one severe frame among others.
    while disk.used() < 24 << 20 {
        let tail = journal.tail().0;
        let mut frames: Vec<_> = (0..10).map(|n| frame_of(9, tail + n, 1, 2_000)).collect();
        frames.push(frame_of(17, tail + 10, 1, 0));
        journal.commit(&frames, 5).unwrap();
    }
    let reader = journal.reader();
    let wanted = std::cell::Cell::new(0);
    let none_but_counted = |summary: &Summary| {
        wanted.set(wanted.get() + 1);
        summary.severities & (1 << 9) != 0 && severe(summary)
    };
    let run = reader.read(Offset(0), reader.tail(), usize::MAX, &none_but_counted).unwrap();
    assert!(run.frames.is_empty());
    let share = run.next.0 as f64 / reader.tail().0 as f64;
    assert!((0.3..0.4).contains(&share), "8 of 24 MiB, but it was {share}");
}

#[test]
fn an_empty_journal_reads_as_empty() {
    let disk = FaultyDisk::default();
    let (journal, _) = open(&disk, OPTIONS).unwrap();
    let reader = journal.reader();
    assert_eq!((reader.head(), reader.tail()), (Offset(0), Offset(0)));
    assert_eq!(reader.summary().times_unix_nano(), None);
    assert!(reader.read(Offset(0), Offset(9), 9, &all).unwrap().frames.is_empty());
    assert!(reader.read_back(Offset(9), 9, &all).unwrap().frames.is_empty());
}

#[test]
fn times_are_those_of_the_records() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    commit(&mut journal, 3);
    commit(&mut journal, 5);
    assert_eq!(journal.reader().summary().times_unix_nano(), Some((1_000, 1_004)));
    drop(journal);
    let (journal, _) = open(&disk, OPTIONS).unwrap();
    assert_eq!(journal.reader().summary().times_unix_nano(), Some((1_000, 1_004)));
}

#[test]
fn a_failed_read_is_not_taken_for_damage() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    commit(&mut journal, 3);
    let reader = journal.reader();
    disk.fail_read(0, crate::disk::faulty::EIO);
    let error = reader.read(Offset(0), Offset(3), 9, &all).unwrap_err();
    assert!(matches!(error, ReadError::Io(_)), "{error}");
    assert_eq!(contents(&reader), dense(0, 3));
}
