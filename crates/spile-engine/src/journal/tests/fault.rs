//! A full disk, a failed sync, and headers that lie.

use super::*;
use crate::disk::faulty::{EIO, ENOSPC, Fault, Operation};
use crate::journal::layout::{Codec, EntryHead, Kind, seed};

#[test]
fn a_full_disk_refuses_appends_and_keeps_reading_until_there_is_space() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, JournalOptions { file_bytes: 1_000, ..OPTIONS }).unwrap();
    disk.set_capacity(Some(disk.used() + 4_000));
    let mut records = 0;
    let error = loop {
        match journal.commit(&[frame(&bodies(records, 3))], 5) {
            Ok(_) => records += 3,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(&error, CommitError::NotWritten(error) if error.raw_os_error() == Some(ENOSPC)),
        "{error}"
    );
    assert!(records > 30);
    for _ in 0..3 {
        let error = journal.commit(&[frame(&bodies(records, 3))], 5).unwrap_err();
        assert!(matches!(error, CommitError::NotWritten(_)), "{error}");
        assert_eq!(contents(&journal.reader()), dense(0, records));
    }
    // Retention works on a full disk and makes space.
    disk.set_capacity(Some(disk.used()));
    let head = journal.retain(Some(2_000), None, 0).unwrap();
    assert!(head > Offset(0));
    commit(&mut journal, 3);
    drop(journal);
    let (journal, recovered) = open(&disk, OPTIONS).unwrap();
    assert_eq!(
        (recovered.verdict, recovered.head, recovered.tail),
        (Verdict::Clean, head, Offset(records + 3))
    );
    assert_eq!(contents(&journal.reader()), dense(head.0, records + 3 - head.0));
}

#[test]
fn a_failed_sync_ends_appends_for_good_and_is_not_tried_again() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    commit(&mut journal, 3);
    disk.fail(disk.log().len() + 1, Fault::Error(EIO));
    let error = journal.commit(&[frame(&bodies(3, 3))], 5).unwrap_err();
    assert!(matches!(error, CommitError::Poisoned(_)), "{error}");
    let log = disk.log().len();
    for _ in 0..3 {
        let again = journal.commit(&[frame(&bodies(3, 3))], 5).unwrap_err();
        assert_eq!(again.to_string(), error.to_string());
    }
    assert_eq!(disk.log().len(), log, "nothing is written or synced any more");
    assert!(journal.poisoned().is_some_and(|reason| reason.contains("sync")));
    assert_eq!(contents(&journal.reader()), dense(0, 3));
    assert_eq!(journal.tail(), Offset(3));
}

#[test]
fn what_a_failed_sync_left_is_written_again_before_it_counts() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    commit(&mut journal, 3);
    disk.fail(disk.log().len() + 1, Fault::Error(EIO));
    journal.commit(&[frame(&bodies(3, 3))], 5).unwrap_err();
    drop(journal);
    // The system still shows the bytes, and takes them for clean.
    let (journal, recovered) = open(&disk, OPTIONS).unwrap();
    assert_eq!((recovered.verdict, recovered.tail), (Verdict::Clean, Offset(6)));
    drop(journal);
    let (journal, _) = open(&disk.after_power_loss(0), OPTIONS).unwrap();
    assert_eq!(contents(&journal.reader()), dense(0, 6));
}

#[test]
fn a_write_that_cannot_be_cut_back_ends_appends() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    commit(&mut journal, 3);
    let next = disk.log().len();
    disk.fail(next, Fault::Short(ENOSPC));
    disk.fail(next + 1, Fault::Error(EIO));
    let error = journal.commit(&[frame(&bodies(3, 3))], 5).unwrap_err();
    assert!(matches!(error, CommitError::Poisoned(_)), "{error}");
    assert_eq!(disk.log()[next..], [Operation::Write, Operation::Truncate]);
    drop(journal);
    let (journal, recovered) = open(&disk, OPTIONS).unwrap();
    assert!(matches!(recovered.verdict, Verdict::TornTail { .. }));
    assert_eq!(contents(&journal.reader()), dense(0, 3));
}

/// Puts an entry behind the last one of a journal and opens it.
fn with_entry(head: &EntryHead, body: &[u8]) -> (FaultyDisk, Result<(Journal, Recovered), OpenError>) {
    with_seeded_entry(seed(STREAM, Offset(0)), head, body)
}

fn with_seeded_entry(
    seed: u32,
    head: &EntryHead,
    body: &[u8],
) -> (FaultyDisk, Result<(Journal, Recovered), OpenError>) {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    commit(&mut journal, 3);
    drop(journal);
    let path = dir().join("00000000000000000000.spj");
    let mut content = disk.read_file(&path).unwrap();
    head.encode(seed, &mut content);
    content.extend_from_slice(body);
    disk.write_file(&path, &content);
    let opened = open(&disk, OPTIONS);
    (disk, opened)
}

fn head(stored_len: usize, raw_len: usize, body: &[u8]) -> EntryHead {
    EntryHead {
        kind: Kind::Frame,
        codec: Codec::Lz4,
        continues: false,
        body_crc: crc32c::crc32c_append(seed(STREAM, Offset(0)), body),
        stored_len: stored_len as u32,
        raw_len: raw_len as u32,
        marks_crc: seed(STREAM, Offset(0)),
        marks_len: 0,
        first_offset: Offset(3),
        count: 3,
        summary: Summary::default(),
        durable: Offset(3),
        append_unix_nano: 0,
    }
}

#[test]
fn an_entry_of_another_stream_or_file_is_not_taken_for_one_of_this() {
    let entry = EntryHead { durable: Offset(3), ..head(0, 0, b"") };
    let own = with_seeded_entry(seed(STREAM, Offset(0)), &entry, b"").1.unwrap().1;
    assert_eq!((own.verdict, own.tail), (Verdict::Clean, Offset(6)));
    let ahead = EntryHead { first_offset: Offset(9), durable: Offset(9), ..entry };
    let own = with_seeded_entry(seed(STREAM, Offset(0)), &ahead, b"").1;
    assert!(matches!(own, Err(OpenError::Corrupt(_))), "it proves that more was durable");
    for other in [seed(STREAM + 1, Offset(0)), seed(STREAM, Offset(3))] {
        for entry in [&entry, &ahead] {
            let recovered = with_seeded_entry(other, entry, b"").1.unwrap().1;
            assert!(matches!(recovered.verdict, Verdict::TornTail { .. }));
            assert_eq!(recovered.tail, Offset(3));
        }
    }
}

#[test]
fn lengths_beyond_the_bounds_are_not_believed() {
    let huge = u32::MAX as usize;
    let lies = [
        head(huge, huge, b""),
        head(100, MAX_BATCH_BYTES + 1, b""),
        head(200, 100, b""),
        EntryHead { marks_len: MAX_MARKS_BYTES as u32 + 1, ..head(0, 0, b"") },
        EntryHead { marks_len: u32::MAX, ..head(0, 0, b"") },
        EntryHead { count: 0, ..head(0, 0, b"") },
        EntryHead { count: u64::MAX, ..head(0, 0, b"") },
        EntryHead { durable: Offset(4), ..head(0, 0, b"") },
    ];
    for lie in lies {
        let (_, opened) = with_entry(&lie, b"");
        let (journal, recovered) = opened.unwrap();
        assert!(matches!(recovered.verdict, Verdict::TornTail { .. }), "{lie:?}");
        assert_eq!(journal.tail(), Offset(3));
    }
}

#[test]
fn a_body_that_decompresses_to_more_than_it_says_is_damage() {
    let bomb = lz4_flex::block::compress(&vec![0; 4 * MAX_BATCH_BYTES]);
    assert!(bomb.len() < 64 * 1024);
    for raw_len in [bomb.len(), MAX_BATCH_BYTES] {
        let (_, opened) = with_entry(&head(bomb.len(), raw_len, &bomb), &bomb);
        let (journal, _) = opened.unwrap();
        let error = journal.reader().read(Offset(3), Offset(6), 9, &all).unwrap_err();
        let ReadError::Corrupt { at, from, to, reason, .. } = error else { panic!("{error}") };
        assert_eq!((from, to), (Offset(3), Offset(6)));
        assert_eq!(reason, "the entry's body does not decompress to its length");
        assert!(at > 48);
    }
}

#[test]
fn a_body_that_is_not_what_its_head_says_is_damage() {
    let cases = [
        (frame(&bodies(3, 30)).draft.encode(), "the entry has another number of records than its head says"),
        (b"not a batch of records".repeat(9), "the entry's body is not a batch of records"),
    ];
    for (batch, expected) in cases {
        let body = lz4_flex::block::compress(&batch);
        let (_, opened) = with_entry(&head(body.len(), batch.len(), &body), &body);
        let error = opened.unwrap().0.reader().read(Offset(3), Offset(6), 9, &all).unwrap_err();
        let ReadError::Corrupt { reason, .. } = error else { panic!("{error}") };
        assert_eq!(reason, expected);
    }
}
