//! Power goes at every operation, also while recovering from the last time: what was acknowledged is there,
//! once and in order.

use super::*;
use crate::disk::faulty::{EIO, ENOSPC, Fault};

/// What the writer was told.
#[derive(Clone, Debug, Default)]
struct Told {
    /// The bodies of acknowledged records, by offset.
    acked: Vec<String>,
    /// The batches of a commit that got no answer.
    unanswered: Vec<Vec<String>>,
    /// The head that was confirmed, and the one that was asked for.
    head: u64,
    asked_head: u64,
}

/// Small files, so that a short history has several.
const SMALL_FILES: JournalOptions = JournalOptions { file_bytes: 1_500, ..OPTIONS };

/// A history in steps: appends, new files, trims, marks, another opening. Ends at the first step that does
/// not succeed.
fn live(disk: &FaultyDisk, told: &mut Told) -> Option<()> {
    for life in 0..2 {
        let mut journal = open(disk, SMALL_FILES).ok()?.0;
        for step in 0..7_u64 {
            match step {
                3 => trim(&mut journal, told, 4 + life * 8)?,
                5 => journal.mark().ok()?,
                6 => retain(&mut journal, told)?,
                _ => append(&mut journal, told, step)?,
            }
        }
    }
    Some(())
}

/// Commits a batch of one frame, a batch of two frames, and one of one frame.
fn append(journal: &mut Journal, told: &mut Told, step: u64) -> Option<()> {
    let name = |n: u64| format!("record {} of step {step} {}", told.acked.len() as u64 + n, "x".repeat(30));
    let batches: Vec<Vec<String>> =
        vec![vec![name(0), name(1)], vec![name(2), name(3), name(4)], vec![name(5)]];
    let frames = [
        frame(&batches[0]),
        PendingFrame { continues: true, ..frame(&batches[1][..1]) },
        frame(&batches[1][1..]),
        frame(&batches[2]),
    ];
    told.unanswered.clone_from(&batches);
    journal.commit(&frames, step).ok()?;
    told.acked.extend(batches.into_iter().flatten());
    told.unanswered.clear();
    Some(())
}

fn trim(journal: &mut Journal, told: &mut Told, up_to: u64) -> Option<()> {
    told.asked_head = up_to;
    told.head = journal.trim(Offset(up_to)).ok()?.0;
    Some(())
}

fn retain(journal: &mut Journal, told: &mut Told) -> Option<()> {
    told.asked_head = told.acked.len() as u64;
    told.head = journal.retain(Some(2_500), None, 9).ok()?.0;
    told.asked_head = told.head;
    Some(())
}

/// Checks a journal against what its writer was told, and takes over what is there now.
fn check(disk: &FaultyDisk, told: &mut Told, what: &str) {
    let verdict = Journal::inspect(disk, dir()).unwrap();
    assert!(!matches!(verdict, Verdict::Corrupt(_)), "{what}: {verdict:?}");
    let (journal, recovered) = open(disk, SMALL_FILES).unwrap();
    let head = recovered.head.0;
    assert!(told.head <= head && head <= told.asked_head.max(told.head), "{what}: head {head}, {told:?}");
    let found = contents(&journal.reader());
    let mut expected = told.acked.clone();
    let mut unanswered = told.unanswered.iter();
    while (expected.len() as u64) < recovered.tail.0 {
        let batch = unanswered.next().unwrap_or_else(|| panic!("{what}: more records than were sent"));
        expected.extend(batch.iter().cloned());
    }
    assert_eq!(recovered.tail.0, expected.len() as u64, "{what}: batches are there whole or not at all");
    let expected_from_head: Vec<_> = (head..).zip(expected[head as usize..].iter().cloned()).collect();
    assert_eq!(found, expected_from_head, "{what}");
    *told = Told { acked: expected, head, asked_head: head, ..Told::default() };
}

/// Seeds for what survives: nothing, everything, and some in between.
const SEEDS: std::ops::Range<u64> = 0..12;

#[test]
fn power_loss_at_any_operation_loses_nothing_acknowledged() {
    let operations = {
        let disk = FaultyDisk::default();
        live(&disk, &mut Told::default()).unwrap();
        disk.log().len()
    };
    assert!(operations > 50, "the history has {operations} operations");
    for nth in 0..operations {
        let disk = FaultyDisk::default();
        disk.fail(nth, Fault::PowerLoss);
        let mut told = Told::default();
        assert_eq!(live(&disk, &mut told), None);
        for seed in SEEDS {
            let what = format!("power loss at {nth}, seed {seed}");
            let up = disk.after_power_loss(seed);
            let mut told = told.clone();
            check(&up, &mut told, &what);
            // Life goes on.
            let mut journal = open(&up, SMALL_FILES).unwrap().0;
            append(&mut journal, &mut told, 99).unwrap();
            drop(journal);
            check(&up, &mut told, &what);
        }
    }
}

#[test]
fn power_loss_while_recovering_loses_nothing_acknowledged() {
    let operations = {
        let disk = FaultyDisk::default();
        live(&disk, &mut Told::default()).unwrap();
        disk.log().len()
    };
    for nth in 0..operations {
        let disk = FaultyDisk::default();
        disk.fail(nth, Fault::PowerLoss);
        let mut told = Told::default();
        live(&disk, &mut told);
        for seed in SEEDS {
            let up = disk.after_power_loss(seed);
            for second in 0.. {
                let again = up.copy();
                again.fail(second, Fault::PowerLoss);
                if open(&again, SMALL_FILES).is_ok() {
                    break;
                }
                let what = format!("power loss at {nth}, seed {seed}, then at {second}");
                check(&again.after_power_loss(seed), &mut told.clone(), &what);
            }
        }
    }
}

/// As `live`, but errors do not end it: the next step comes, or the process starts again without power loss.
/// `None` when the power goes.
fn live_on(disk: &FaultyDisk, told: &mut Told) -> Option<()> {
    let reopen = |told: &mut Told| {
        // Faults may hit the opening, too; each comes once.
        let opened = || open(disk, SMALL_FILES);
        let opened = opened().or_else(|_| opened()).or_else(|_| opened());
        if !disk.has_power() {
            return None;
        }
        let (journal, recovered) = opened.unwrap();
        take_over(told, recovered.tail.0);
        Some(journal)
    };
    let mut journal = reopen(told)?;
    for step in 0..16_u64 {
        let done = match step {
            3 | 10 => {
                let up_to = told.acked.len().saturating_sub(5) as u64;
                trim(&mut journal, told, up_to)
            }
            5 => journal.mark().ok(),
            7 | 13 => retain(&mut journal, told),
            _ => append(&mut journal, told, step),
        };
        if !disk.has_power() {
            return None;
        }
        if journal.poisoned().is_some() || done.is_none() && step % 2 == 0 || step % 4 == 2 {
            drop(journal);
            journal = reopen(told)?;
        }
        // An append that was not written is not there.
        told.unanswered.clear();
        assert_eq!(told.acked.len() as u64, journal.tail().0);
        let head = journal.reader().head().0;
        let expected: Vec<_> = (head..).zip(told.acked[head as usize..].iter().cloned()).collect();
        assert_eq!(contents(&journal.reader()), expected);
    }
    Some(())
}

/// Unanswered batches turn out to be there or not.
fn take_over(told: &mut Told, tail: u64) {
    for batch in std::mem::take(&mut told.unanswered) {
        if (told.acked.len() as u64) < tail {
            told.acked.extend(batch);
        }
    }
    assert_eq!(told.acked.len() as u64, tail);
}

#[test]
fn an_error_at_any_operation_loses_nothing_acknowledged() {
    for fault in [Fault::Error(EIO), Fault::Error(ENOSPC), Fault::Short(ENOSPC), Fault::Late(EIO)] {
        for nth in 0.. {
            let disk = FaultyDisk::default();
            disk.fail(nth, fault);
            let mut told = Told::default();
            live_on(&disk, &mut told).unwrap();
            if disk.log().len() <= nth {
                assert!(nth > 50);
                break;
            }
            check(&disk, &mut told.clone(), &format!("{fault:?} at {nth}"));
            for seed in SEEDS {
                let what = format!("{fault:?} at {nth}, then power loss, seed {seed}");
                check(&disk.after_power_loss(seed), &mut told.clone(), &what);
            }
        }
    }
}

#[test]
fn two_errors_in_a_row_lose_nothing_acknowledged() {
    for nth in 0.. {
        let disk = FaultyDisk::default();
        disk.fail(nth, Fault::Short(ENOSPC));
        disk.fail(nth + 1, Fault::Error(EIO));
        let mut told = Told::default();
        live_on(&disk, &mut told).unwrap();
        if disk.log().len() <= nth {
            assert!(nth > 50);
            break;
        }
        for seed in SEEDS {
            let what = format!("errors at {nth} and after, then power loss, seed {seed}");
            check(&disk.after_power_loss(seed), &mut told.clone(), &what);
        }
    }
}

#[test]
fn power_loss_soon_after_an_error_loses_nothing_acknowledged() {
    for fault in [Fault::Error(EIO), Fault::Late(EIO)] {
        for nth in 0.. {
            let stays_on = |soon| {
                let disk = FaultyDisk::default();
                disk.fail(nth, fault);
                disk.fail(nth + soon, Fault::PowerLoss);
                let mut told = Told::default();
                let stays_on = live_on(&disk, &mut told).is_some();
                for seed in 0..5 {
                    let what = format!("{fault:?} at {nth}, power loss {soon} later, seed {seed}");
                    check(&disk.after_power_loss(seed), &mut told.clone(), &what);
                }
                stays_on
            };
            if (1..10).filter(|&soon| stays_on(soon)).count() == 9 {
                assert!(nth > 40);
                break;
            }
        }
    }
}
