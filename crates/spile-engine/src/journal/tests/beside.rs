//! Readers beside the writer, on the real file system.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;

/// Reads from the head to the tail until the writer is done; checks that everything follows densely.
fn follow(reader: &JournalReader, done: &AtomicBool) -> u64 {
    let mut next = Offset(0);
    let mut records = 0;
    loop {
        let last_round = done.load(Ordering::Acquire);
        let tail = reader.tail();
        match reader.read(next, tail, 4_000, &all) {
            Ok(run) => {
                for frame in &run.frames {
                    for at in 0..frame.len() {
                        let expected = format!("record {}", frame.first_offset().0 + at as u64);
                        assert_eq!(frame.body(at), expected.as_bytes());
                    }
                }
                records += run.next.since(next);
                next = run.next;
            }
            Err(ReadError::Trimmed { head }) => {
                assert!(head > next);
                next = head;
            }
            Err(error) => panic!("{error}"),
        }
        if last_round && next == reader.tail() {
            return records;
        }
    }
}

#[test]
fn readers_see_what_is_durable_while_files_come_and_go() {
    let place = OnDisk::new();
    let (mut journal, _) = place.open(JournalOptions { file_bytes: 3_000, ..OPTIONS });
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let reader = journal.reader();
                scope.spawn(|| {
                    let reader = reader;
                    follow(&reader, &done)
                })
            })
            .collect();
        for n in 0..300 {
            commit(&mut journal, 1 + n % 7);
            if n % 5 == 0 {
                journal.retain(Some(20_000), None, 0).unwrap();
            }
        }
        done.store(true, Ordering::Release);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    assert!(journal.reader().head() > Offset(0), "retention was at work");
}

#[test]
fn a_reader_back_from_the_tail_meets_the_head() {
    let place = OnDisk::new();
    let (mut journal, _) = place.open(JournalOptions { file_bytes: 3_000, ..OPTIONS });
    for _ in 0..60 {
        commit(&mut journal, 4);
    }
    let reader = journal.reader();
    let mut before = reader.tail();
    let mut found = Vec::new();
    while before > reader.head() {
        // Retention takes files from below while the reader comes down.
        journal.retain(Some(before.0 * 20), None, 0).unwrap();
        match reader.read_back(before, 500, &all) {
            Ok(run) => {
                let mut bodies = bodies_of(&run.frames);
                bodies.append(&mut found);
                found = bodies;
                before = run.next;
            }
            Err(ReadError::Trimmed { .. }) => break,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(reader.head() > Offset(0));
    assert_eq!(found, bodies(before.0, 240 - before.0));
}
