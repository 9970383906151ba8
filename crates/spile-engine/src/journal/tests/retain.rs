//! Retention.

use super::*;

const FILES: JournalOptions = JournalOptions { file_bytes: 1_000, ..OPTIONS };

#[test]
fn the_oldest_files_go_when_there_are_too_many_bytes() {
    let place = OnDisk::new();
    let (mut journal, _) = place.open(FILES);
    let mut at_most = 0;
    for _ in 0..100 {
        commit(&mut journal, 3);
        journal.retain(Some(10_000), None, 9).unwrap();
        at_most = at_most.max(journal.reader().stored_bytes());
    }
    assert!((7_000..=10_000).contains(&at_most), "{at_most}");
    let reader = journal.reader();
    let head = reader.head();
    assert!(head > Offset(100));
    assert_eq!(contents(&reader), dense(head.0, 300 - head.0));
    let error = reader.read(Offset(0), Offset(300), 9, &all).unwrap_err();
    assert_eq!(error, ReadError::Trimmed { head });
    let on_disk = place.file_names().len() as u64;
    assert!(on_disk < 12, "{on_disk} files");
    drop(journal);
    assert_eq!(place.open(FILES).1.head, head);
}

#[test]
fn one_large_file_is_ended_early_for_a_small_allowance() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    for _ in 0..100 {
        commit(&mut journal, 3);
        journal.retain(Some(10_000), None, 9).unwrap();
        assert!(journal.reader().stored_bytes() <= 10_200);
    }
    assert!(journal.reader().head() > Offset(0));
    assert!(contents(&journal.reader()).len() > 100, "about three quarters of the allowance are kept");
}

#[test]
fn what_is_too_old_goes_even_from_a_file_that_does_not_fill() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    let (day, age) = (1_000_000, 8_000_000);
    let mut now = 100 * day;
    for n in 0..80 {
        now += day / 2;
        journal.commit(&[frame(&bodies(n, 1))], now).unwrap();
        journal.retain(None, Some(now - age), now).unwrap();
    }
    let kept = 80 - journal.reader().head().0;
    assert!((16..=21).contains(&kept), "8 days are 16 records, and a quarter more, but {kept} are kept");
    // All of it is too old.
    let head = journal.retain(None, Some(now + day), now + day + age).unwrap();
    assert_eq!((head, journal.tail()), (Offset(80), Offset(80)));
    drop(journal);
    let (mut journal, recovered) = open(&disk, OPTIONS).unwrap();
    assert_eq!((recovered.head, recovered.tail), (Offset(80), Offset(80)));
    commit(&mut journal, 1);
    assert_eq!(contents(&journal.reader()), dense(80, 1));
}

#[test]
fn nothing_goes_while_all_is_within_the_allowance() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, FILES).unwrap();
    for _ in 0..50 {
        commit(&mut journal, 3);
    }
    let log = disk.log().len();
    assert_eq!(journal.retain(Some(u64::MAX), Some(1), 5).unwrap(), Offset(0));
    assert_eq!(journal.retain(None, None, u64::MAX).unwrap(), Offset(0));
    assert_eq!(disk.log().len(), log);
}

#[test]
fn a_trim_may_end_within_a_file() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, FILES).unwrap();
    for _ in 0..50 {
        commit(&mut journal, 3);
    }
    assert_eq!(journal.trim(Offset(100)).unwrap(), Offset(100));
    assert_eq!(journal.trim(Offset(40)).unwrap(), Offset(100), "the head never moves back");
    for _ in 0..2 {
        let reader = journal.reader();
        assert_eq!(contents(&reader), dense(100, 50));
        assert!(matches!(reader.read(Offset(99), Offset(150), 9, &all), Err(ReadError::Trimmed { .. })));
        let run = reader.read_back(Offset(150), usize::MAX, &all).unwrap();
        assert!(run.next <= Offset(100));
        journal = open(&disk, FILES).unwrap().0;
    }
    assert_eq!(journal.trim(Offset(u64::MAX)).unwrap(), Offset(150), "no further than the tail");
}

#[test]
fn a_file_that_could_not_be_removed_is_removed_later() {
    use crate::disk::faulty::{EIO, Fault};
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, FILES).unwrap();
    for _ in 0..50 {
        commit(&mut journal, 3);
    }
    journal.mark().unwrap();
    let files = disk.paths().len();
    // Write and sync of the checkpoint come first.
    disk.fail(disk.log().len() + 2, Fault::Error(EIO));
    journal.trim(Offset(100)).unwrap_err();
    assert_eq!(journal.reader().head(), Offset(100));
    assert_eq!(disk.paths().len(), files);
    let reopened = disk.copy();
    journal.trim(Offset(100)).unwrap();
    assert!(disk.paths().len() < files - 3);
    let (journal, recovered) = open(&reopened, FILES).unwrap();
    assert_eq!((recovered.verdict, recovered.head), (Verdict::Clean, Offset(100)));
    assert_eq!(reopened.paths(), disk.paths());
    assert_eq!(contents(&journal.reader()), dense(100, 50));
}

#[test]
fn a_reader_with_a_file_open_reads_on_when_it_is_removed() {
    let place = OnDisk::new();
    let (mut journal, _) = place.open(FILES);
    for _ in 0..50 {
        commit(&mut journal, 3);
    }
    let reader = journal.reader();
    let tail = journal.tail();
    let journal = std::cell::RefCell::new(journal);
    // The filter is asked between blocks, when the first file is open.
    let trim_meanwhile = |_: &Summary| {
        journal.borrow_mut().trim(tail).unwrap();
        true
    };
    let run = reader.read(Offset(0), tail, 1, &trim_meanwhile);
    assert!(matches!(run, Err(ReadError::Trimmed { .. })), "the file went before it was opened");
    assert_eq!(reader.head(), tail);
}
