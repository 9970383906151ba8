//! The table of producers outlives restarts, new files and trims.

use super::*;

fn mark(producer: &str, sequence: u64, end: u32, records: u32) -> ProducerMark {
    ProducerMark { producer: producer.into(), sequence, end, records }
}

fn commit_marked(journal: &mut Journal, records: u64, marks: Vec<ProducerMark>) {
    let frame = PendingFrame { marks, ..frame(&bodies(journal.tail().0, records)) };
    journal.commit(&[frame], 5).unwrap();
}

fn state(sequence: u64, first_offset: u64, records: u32) -> Option<ProducerState> {
    Some(ProducerState { sequence, first_offset: Offset(first_offset), records })
}

#[test]
fn the_last_batch_of_each_producer_is_remembered() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    commit_marked(&mut journal, 5, vec![mark("a", 1, 2, 2), mark("b", 7, 5, 3)]);
    commit_marked(&mut journal, 4, vec![mark("a", 2, 4, 4)]);
    for _ in 0..2 {
        assert_eq!(journal.last_batch("a"), state(2, 5, 4));
        assert_eq!(journal.last_batch("b"), state(7, 2, 3));
        assert_eq!(journal.last_batch("c"), None);
        journal = open(&disk, OPTIONS).unwrap().0;
    }
}

#[test]
fn a_batch_over_several_frames_starts_in_the_first() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    commit(&mut journal, 3);
    let frames = [
        PendingFrame { continues: true, ..frame(&bodies(3, 4)) },
        PendingFrame { marks: vec![mark("a", 1, 2, 6)], ..frame(&bodies(7, 2)) },
    ];
    journal.commit(&frames, 5).unwrap();
    assert_eq!(journal.last_batch("a"), state(1, 3, 6));
}

#[test]
fn trimming_old_files_forgets_no_producer() {
    let disk = FaultyDisk::default();
    let options = JournalOptions { file_bytes: 300, ..OPTIONS };
    let (mut journal, _) = open(&disk, options).unwrap();
    commit_marked(&mut journal, 5, vec![mark("a", 3, 5, 5)]);
    for _ in 0..20 {
        commit(&mut journal, 3);
    }
    journal.trim(journal.tail()).unwrap();
    journal.mark().unwrap();
    drop(journal);
    let (journal, recovered) = open(&disk, options).unwrap();
    assert_eq!((recovered.head, recovered.tail), (Offset(65), Offset(65)));
    assert_eq!(journal.last_batch("a"), state(3, 0, 5));
    assert!(disk.paths().len() <= 3, "{:?}", disk.paths());
}

#[test]
fn a_batch_that_was_torn_is_not_remembered() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    commit_marked(&mut journal, 5, vec![mark("a", 1, 5, 5)]);
    commit_marked(&mut journal, 5, vec![mark("a", 2, 5, 5)]);
    drop(journal);
    let path = dir().join("00000000000000000000.spj");
    let content = disk.read_file(&path).unwrap();
    disk.write_file(&path, &content[..content.len() - 1]);
    let (journal, recovered) = open(&disk, OPTIONS).unwrap();
    assert_eq!(recovered.tail, Offset(5));
    assert_eq!(journal.last_batch("a"), state(1, 0, 5));
}

#[test]
fn when_there_are_too_many_the_one_with_the_oldest_batch_is_forgotten() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    let name = |n: usize| format!("producer {n}");
    for first in (0..MAX_PRODUCERS + 2).step_by(1_000) {
        let last = (first + 1_000).min(MAX_PRODUCERS + 2);
        let marks = (first..last).enumerate().map(|(at, n)| mark(&name(n), 1, at as u32 + 1, 1));
        commit_marked(&mut journal, (last - first) as u64, marks.collect());
        // The first one stays among the latest.
        commit_marked(&mut journal, 1, vec![mark(&name(0), 1 + last as u64, 1, 1)]);
    }
    for _ in 0..2 {
        assert!(journal.last_batch(&name(0)).is_some());
        assert_eq!(journal.last_batch(&name(1)), None);
        assert_eq!(journal.last_batch(&name(2)), None);
        assert!(journal.last_batch(&name(3)).is_some());
        assert!(journal.last_batch(&name(MAX_PRODUCERS + 1)).is_some());
        journal = open(&disk, OPTIONS).unwrap().0;
    }
}

#[test]
fn what_could_not_be_read_back_is_refused() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    let long = "x".repeat(129);
    let many = |count: u32| (0..count).map(|n| mark(&format!("{n:0>128}"), 1, 1, 1)).collect::<Vec<_>>();
    let whole = frame(&bodies(0, 1));
    let refused = [
        PendingFrame { draft: FrameDraft::default(), ..whole.clone() },
        PendingFrame { continues: true, ..whole.clone() },
        PendingFrame { marks: vec![mark("", 1, 1, 1)], ..whole.clone() },
        PendingFrame { marks: vec![mark(&long, 1, 1, 1)], ..whole.clone() },
        PendingFrame { marks: vec![mark("a", 1, 2, 1)], ..whole.clone() },
        PendingFrame { marks: many(58_000), ..whole.clone() },
    ];
    for frame in refused {
        let error = journal.commit(&[whole.clone(), frame], 5).unwrap_err();
        let CommitError::NotWritten(error) = error else { panic!("{error}") };
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with("frame 1 of the commit is refused"), "{error}");
    }
    assert_eq!(journal.tail(), Offset(0));
    let frame = PendingFrame { marks: many(57_000), ..whole };
    journal.commit(&[frame], 5).unwrap();
    let (journal, _) = open(&disk, OPTIONS).unwrap();
    assert_eq!(journal.last_batch(&format!("{:0>128}", 56_999)), state(1, 0, 1));
}
