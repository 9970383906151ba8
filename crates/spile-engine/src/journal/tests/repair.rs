//! Repair keeps a copy, keeps what is intact, and says what is lost.

use super::*;
use crate::disk::faulty::{Fault, Operation};

const REPAIR: JournalOptions = JournalOptions { repair: true, file_bytes: 400, ..OPTIONS };
const FILES: JournalOptions = JournalOptions { file_bytes: 400, ..OPTIONS };

/// A marked journal of several files with frames of two records.
fn journal(producer: bool) -> (FaultyDisk, u64) {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, FILES).unwrap();
    for n in 0..20 {
        let marks = vec![ProducerMark { producer: "p".into(), sequence: n + 1, end: 2, records: 2 }];
        let marks = if producer && n < 18 { marks } else { Vec::new() };
        let frame = PendingFrame { marks, ..frame(&bodies(n * 2, 2)) };
        journal.commit(&[frame], 5).unwrap();
    }
    journal.mark().unwrap();
    assert!(disk.paths().len() > 5);
    (disk, journal.tail().0)
}

fn files(disk: &FaultyDisk) -> Vec<PathBuf> {
    let is_journal = |path: &PathBuf| path.parent() == Some(dir()) && path.extension().is_some();
    disk.paths().into_iter().filter(is_journal).collect()
}

fn flip(disk: &FaultyDisk, file: &Path, at: usize) {
    let mut content = disk.read_file(file).unwrap();
    content[at] ^= 0x10;
    disk.write_file(file, &content);
}

/// Where entry `nth` of a file starts.
fn entry_at(disk: &FaultyDisk, file: &Path, nth: usize) -> usize {
    let content = disk.read_file(file).unwrap();
    memchr::memmem::find_iter(&content, b"SPJe").nth(nth).unwrap()
}

fn gaps(pairs: &[(u64, u64)]) -> Vec<GapRange> {
    pairs.iter().map(|&(from, to)| GapRange { from: Offset(from), to: Offset(to) }).collect()
}

#[test]
fn a_damaged_entry_becomes_a_gap_and_all_others_stay() {
    let (disk, tail) = journal(false);
    let file = files(&disk)[1].clone();
    let original = disk.read_file(&file).unwrap();
    let first: u64 = file.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let at = entry_at(&disk, &file, 1);
    flip(&disk, &file, at + 20);
    let damaged = disk.read_file(&file).unwrap();
    assert!(matches!(open(&disk, FILES), Err(OpenError::Corrupt(_))));
    let (journal, recovered) = open(&disk, REPAIR).unwrap();
    let lost = (first + 2, first + 4);
    assert_eq!(recovered.gaps, gaps(&[lost]));
    assert_eq!((recovered.tail.0, recovered.verdict), (tail, Verdict::Clean));
    let damage = &recovered.repaired[0];
    assert_eq!((&damage.file, damage.at as usize, damage.from.0, damage.to.0), (&file, at, lost.0, lost.1));
    let expected: Vec<_> =
        dense(0, tail).into_iter().filter(|(at, _)| !(lost.0..lost.1).contains(at)).collect();
    assert_eq!(contents(&journal.reader()), expected);
    assert_eq!(journal.reader().gaps(), gaps(&[lost]));
    let error = journal.reader().read(Offset(lost.0), Offset(tail), 9, &all).unwrap_err();
    assert_eq!(error, ReadError::Gap { from: Offset(lost.0), to: Offset(lost.1) });
    let error = journal.reader().read_back(Offset(lost.1), 9, &all).unwrap_err();
    assert_eq!(error, ReadError::Gap { from: Offset(lost.0), to: Offset(lost.1) });
    let run = journal.reader().read(Offset(lost.0 - 2), Offset(tail), usize::MAX, &|_| false).unwrap();
    assert_eq!(run.next, Offset(lost.0), "a gap is not passed over in silence");
    let run = journal.reader().read_back(Offset(tail), usize::MAX, &|_| false).unwrap();
    assert_eq!(run.next, Offset(lost.1));
    let name = file.file_name().unwrap().to_str().unwrap();
    assert_eq!(disk.read_file(&dir().join("quarantine").join(format!("{name}.0"))).unwrap(), damaged);
    assert_ne!(damaged, original);
    // It stays so.
    drop(journal);
    let (mut journal, recovered) = open(&disk, FILES).unwrap();
    assert_eq!((recovered.verdict, recovered.gaps), (Verdict::Clean, gaps(&[lost])));
    assert!(recovered.repaired.is_empty());
    assert_eq!(contents(&journal.reader()), expected);
    // Until it is trimmed.
    journal.trim(Offset(lost.1)).unwrap();
    assert_eq!(journal.reader().gaps(), []);
}

#[test]
fn damage_in_a_body_is_found_when_read_and_repaired_when_asked() {
    let (disk, tail) = journal(false);
    let file = files(&disk)[0].clone();
    let at = entry_at(&disk, &file, 1);
    flip(&disk, &file, at + 100);
    let (reading, _) = open(&disk, FILES).unwrap();
    let reader = reading.reader();
    let run = reader.read(Offset(0), Offset(tail), usize::MAX, &all).unwrap();
    assert_eq!((bodies_of(&run.frames), run.next), (bodies(0, 2), Offset(2)));
    let error = reader.read(Offset(2), Offset(tail), usize::MAX, &all).unwrap_err();
    let ReadError::Corrupt { file: named, at: named_at, from, to, .. } = error else { panic!("{error}") };
    assert_eq!((&*named, named_at as usize), (file.to_str().unwrap(), at));
    assert_eq!((from, to), (Offset(2), Offset(4)));
    let run = reader.read(Offset(4), Offset(tail), usize::MAX, &all).unwrap();
    assert_eq!(run.next, Offset(tail));
    let run = reader.read_back(Offset(tail), usize::MAX, &all).unwrap();
    assert_eq!(run.next, Offset(4));
    assert!(matches!(reader.read_back(Offset(4), 9, &all), Err(ReadError::Corrupt { .. })));
    assert_eq!(reader.read_back(Offset(2), 9, &all).unwrap().next, Offset(0));
    drop(reading);
    let (journal, recovered) = open(&disk, REPAIR).unwrap();
    assert_eq!(recovered.gaps, gaps(&[(2, 4)]));
    assert_eq!(contents(&journal.reader()).len() as u64, tail - 2);
}

#[test]
fn damage_in_a_head_while_running_costs_that_entry_only() {
    let (disk, tail) = journal(false);
    let (journal, _) = open(&disk, FILES).unwrap();
    for file in files(&disk) {
        let at = entry_at(&disk, &file, 0);
        flip(&disk, &file, at + 40);
    }
    let found = contents(&journal.reader());
    let lost = files(&disk).len() as u64 * 2;
    // The file being written to is read through its open handle, which still shows the old content here.
    assert!((tail - lost..=tail - lost + 2).contains(&(found.len() as u64)), "{}", found.len());
    assert!(found.iter().all(|record| dense(0, tail).contains(record)));
}

#[test]
fn missing_files_become_gaps() {
    for nth in 0..files(&journal(false).0).len() {
        let (disk, tail) = journal(true);
        let all_files = files(&disk);
        let offset_of = |file: &PathBuf| file.file_stem().unwrap().to_str().unwrap().parse::<u64>().unwrap();
        let from = offset_of(&all_files[nth]);
        let to = all_files.get(nth + 1).map_or(tail, offset_of);
        disk.remove_file(&all_files[nth]);
        let (mut journal, recovered) = open(&disk, REPAIR).unwrap();
        assert_eq!(recovered.gaps, gaps(&[(from, to)]));
        assert_eq!((recovered.head.0, recovered.tail.0), (0, tail));
        assert_eq!(contents(&journal.reader()).len() as u64, tail - (to - from));
        if nth + 1 < all_files.len() {
            assert_eq!(journal.last_batch("p").unwrap().sequence, 18);
        }
        commit(&mut journal, 3);
        drop(journal);
        let (_, recovered) = open(&disk, FILES).unwrap();
        assert_eq!((recovered.verdict, recovered.tail.0), (Verdict::Clean, tail + 3));
    }
}

#[test]
fn acknowledged_offsets_are_not_given_out_again_after_a_repair() {
    let (disk, tail) = journal(false);
    let last = files(&disk).pop().unwrap();
    let content = disk.read_file(&last).unwrap();
    disk.write_file(&last, &content[..60]);
    let (mut journal, recovered) = open(&disk, REPAIR).unwrap();
    assert_eq!(recovered.tail, Offset(tail));
    assert_eq!(commit(&mut journal, 1).first_offset, Offset(tail));
}

#[test]
fn a_lost_checkpoint_is_made_again() {
    for damaged in [true, false] {
        let (disk, tail) = journal(false);
        let path = dir().join("checkpoint");
        disk.remove_file(&path);
        if damaged {
            disk.write_file(&path, b"rubbish");
        }
        assert!(matches!(open(&disk, FILES), Err(OpenError::Corrupt(_))));
        let (journal, recovered) = open(&disk, REPAIR).unwrap();
        assert_eq!((recovered.tail.0, recovered.gaps), (tail, Vec::new()));
        assert_eq!(contents(&journal.reader()), dense(0, tail));
        drop(journal);
        assert_eq!(open(&disk, FILES).unwrap().1.verdict, Verdict::Clean);
    }
}

#[test]
fn with_every_journal_file_gone_the_offsets_go_on() {
    let (disk, tail) = journal(false);
    for file in files(&disk) {
        disk.remove_file(&file);
    }
    assert!(matches!(open(&disk, FILES), Err(OpenError::Corrupt(_))));
    let (mut journal, recovered) = open(&disk, REPAIR).unwrap();
    assert_eq!((recovered.head.0, recovered.tail.0, recovered.gaps), (0, tail, gaps(&[(0, tail)])));
    assert_eq!(commit(&mut journal, 1).first_offset, Offset(tail));
    assert_eq!(journal.stream_id(), STREAM);
}

#[test]
fn an_empty_journal_that_is_gone_is_missed() {
    let (disk, tail) = journal(true);
    open(&disk, FILES).unwrap().0.retain(Some(0), None, 9).unwrap();
    assert_eq!(files(&disk).len(), 1);
    disk.remove_file(&files(&disk)[0]);
    assert!(matches!(open(&disk, FILES), Err(OpenError::Corrupt(_))));
    let (journal, recovered) = open(&disk, REPAIR).unwrap();
    assert_eq!((recovered.head.0, recovered.tail.0, recovered.gaps), (tail, tail, Vec::new()));
    assert_eq!(journal.last_batch("p"), None, "who appended is lost with the file");
}

#[test]
fn a_damaged_start_of_a_file_costs_no_record() {
    for at in [3, 10, 17, 30, 40, 50] {
        let (disk, tail) = journal(true);
        let file = files(&disk)[2].clone();
        flip(&disk, &file, at);
        if matches!(open(&disk, FILES), Err(OpenError::Version { .. })) {
            panic!("a flip is not another version");
        }
        assert!(matches!(open(&disk, FILES), Err(OpenError::Corrupt(_))), "{at}");
        let (journal, recovered) = open(&disk, REPAIR).unwrap();
        assert_eq!((recovered.tail.0, recovered.gaps), (tail, Vec::new()), "{at}");
        assert_eq!(contents(&journal.reader()), dense(0, tail), "{at}");
    }
}

#[test]
fn the_producer_table_is_restored_from_the_file_before() {
    let (disk, _) = journal(true);
    let last = files(&disk).pop().unwrap();
    flip(&disk, &last, 50);
    let (journal, _) = open(&disk, REPAIR).unwrap();
    assert_eq!(journal.last_batch("p").unwrap().sequence, 18);
}

#[test]
fn a_sound_journal_is_left_alone() {
    let (disk, tail) = journal(true);
    let before: Vec<_> = disk.paths().iter().map(|path| disk.read_file(path).unwrap()).collect();
    let log = disk.log().len();
    let (journal, recovered) = open(&disk, REPAIR).unwrap();
    assert!(recovered.repaired.is_empty());
    assert_eq!(journal.tail(), Offset(tail));
    let after: Vec<_> = disk.paths().iter().map(|path| disk.read_file(path).unwrap()).collect();
    assert_eq!(before, after);
    assert_eq!(disk.log()[log..], [Operation::SyncDir]);
}

#[test]
fn damaged_marks_cost_no_record() {
    let (disk, tail) = journal(true);
    let file = files(&disk)[1].clone();
    let at = entry_at(&disk, &file, 1);
    // Behind the head lies the mark.
    flip(&disk, &file, at + 92 + 3);
    let Err(OpenError::Corrupt(damages)) = open(&disk, FILES) else { panic!("it must be refused") };
    assert_eq!((damages[0].at as usize, damages[0].reason), (at, "the entry's marks are damaged"));
    let (journal, recovered) = open(&disk, REPAIR).unwrap();
    assert_eq!(recovered.gaps, []);
    assert_eq!(contents(&journal.reader()), dense(0, tail));
}

#[test]
fn a_repaired_journal_is_sound() {
    let (disk, _) = journal(true);
    for nth in [1, 3] {
        let file = files(&disk)[nth].clone();
        let at = entry_at(&disk, &file, 1);
        flip(&disk, &file, at + 20);
    }
    disk.remove_file(&files(&disk)[5]);
    let (repaired, recovered) = open(&disk, REPAIR).unwrap();
    assert_eq!(recovered.gaps.len(), 3);
    let found = contents(&repaired.reader());
    drop(repaired);
    let (repaired, recovered) = open(&disk, REPAIR).unwrap();
    assert_eq!((recovered.repaired, recovered.verdict), (Vec::new(), Verdict::Clean));
    assert_eq!(contents(&repaired.reader()), found);
}

#[test]
fn power_loss_during_a_repair_costs_nothing() {
    let (disk, tail) = journal(true);
    for nth in [0, 2] {
        let file = files(&disk)[nth].clone();
        let at = entry_at(&disk, &file, 1);
        flip(&disk, &file, at + 20);
    }
    let removed = files(&disk)[3].clone();
    disk.remove_file(&removed);
    disk.remove_file(&dir().join("checkpoint"));
    let expected = {
        let repaired = disk.copy();
        let (journal, _) = open(&repaired, REPAIR).unwrap();
        (contents(&journal.reader()), journal.reader().gaps())
    };
    assert!(expected.0.len() as u64 > tail / 2);
    for nth in 0.. {
        let during = disk.copy();
        during.fail(nth, Fault::PowerLoss);
        if open(&during, REPAIR).is_ok() {
            assert!(nth > 20);
            break;
        }
        for seed in 0..6 {
            let up = during.after_power_loss(seed);
            let (journal, _) = open(&up, REPAIR).unwrap();
            let found = (contents(&journal.reader()), journal.reader().gaps());
            assert_eq!(found, expected, "power loss at {nth}, seed {seed}");
        }
    }
}

#[test]
fn of_two_files_with_the_same_offsets_the_earlier_one_is_shortened() {
    let (disk, tail) = journal(false);
    let names = files(&disk);
    let (first, second) = (&names[0], &names[1]);
    let second_starts: u64 = second.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    // A journal of the same stream that did not begin its second file as early.
    let other = FaultyDisk::default();
    let (mut longer, _) = open(&other, OPTIONS).unwrap();
    for n in 0..second_starts / 2 + 3 {
        longer.commit(&[frame(&bodies(n * 2, 2))], 5).unwrap();
    }
    disk.write_file(first, &other.read_file(first).unwrap());
    let Err(OpenError::Corrupt(damages)) = open(&disk, FILES) else { panic!("it must be refused") };
    assert_eq!(damages[0].reason, "the next file has records of the same offsets");
    assert_eq!((damages[0].from.0, damages[0].to.0), (second_starts, second_starts + 6));
    let (journal, recovered) = open(&disk, REPAIR).unwrap();
    assert_eq!((recovered.tail.0, recovered.gaps), (tail, Vec::new()));
    assert_eq!(contents(&journal.reader()), dense(0, tail));
}

#[test]
fn a_file_that_is_not_of_this_journal_is_told_as_such() {
    let (sound, _) = journal(false);
    let names = files(&sound);
    let other = FaultyDisk::default();
    let (mut stranger, _) = open(&other, JournalOptions { new_stream_id: STREAM + 1, ..OPTIONS }).unwrap();
    commit(&mut stranger, 2);
    let cases = [
        (sound.read_file(&names[2]).unwrap(), "the file was renamed"),
        (other.read_file(&names[0]).unwrap(), "the file belongs to another stream"),
    ];
    for (content, reason) in cases {
        let disk = sound.copy();
        disk.write_file(&names[0], &content);
        let Err(OpenError::Corrupt(damages)) = open(&disk, FILES) else { panic!("it must be refused") };
        assert_eq!((damages[0].at, damages[0].reason), (0, reason));
    }
}

#[test]
fn a_repair_leaves_no_gap_where_nothing_was_acknowledged() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, OPTIONS).unwrap();
    for _ in 0..3 {
        commit(&mut journal, 2);
    }
    journal.commit(&[frame(&bodies(6, 2)), frame(&bodies(8, 2))], 5).unwrap();
    drop(journal);
    let file = files(&disk)[0].clone();
    // A durable entry, and the first of the last commit, which may never have been acknowledged.
    for nth in [1, 3] {
        let at = entry_at(&disk, &file, nth);
        flip(&disk, &file, at + 20);
    }
    let (journal, recovered) = open(&disk, REPAIR).unwrap();
    assert_eq!((recovered.tail, recovered.gaps), (Offset(6), gaps(&[(2, 4)])));
    let expected: Vec<_> = dense(0, 6).into_iter().filter(|(at, _)| !(2..4).contains(at)).collect();
    assert_eq!(contents(&journal.reader()), expected);
}
