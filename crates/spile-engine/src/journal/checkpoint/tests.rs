//! A checkpoint never goes back.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::disk::faulty::{EIO, Fault, FaultyDisk};

fn dir() -> &'static Path {
    Path::new("/journal")
}

fn at(head: u64, tail: u64) -> Checkpoint {
    Checkpoint { head: Offset(head), tail: Offset(tail) }
}

fn made() -> (FaultyDisk, CheckpointFile) {
    let disk = FaultyDisk::default();
    disk.create_dir_all(dir()).unwrap();
    let file = CheckpointFile::create(&disk, dir(), 7, at(0, 0)).unwrap();
    (disk, file)
}

fn read(disk: &FaultyDisk) -> CheckpointFile {
    match CheckpointFile::read(disk, dir()).unwrap() {
        Found::Valid(file) => file,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_written_last_counts() {
    let (disk, mut file) = made();
    for n in 1..6 {
        file.write(at(n, n * 2)).unwrap();
        assert_eq!(read(&disk).get(), at(n, n * 2));
        assert_eq!(read(&disk).stream_id(), 7);
        file = if n % 2 == 0 { read(&disk) } else { file };
    }
}

#[test]
fn power_loss_while_writing_leaves_the_old_or_the_new() {
    for n in 1..4 {
        for seed in 0..40 {
            let (disk, mut file) = made();
            for earlier in 1..n {
                file.write(at(earlier, 9)).unwrap();
            }
            disk.fail(disk.log().len(), Fault::PowerLoss);
            file.write(at(n, 9)).unwrap_err();
            let found = read(&disk.after_power_loss(seed)).get();
            assert!(found == at(n, 9) || found.head == Offset(n - 1), "{found:?}");
        }
    }
}

#[test]
fn a_failed_sync_and_power_loss_after_a_restart_leave_what_was_durable() {
    for seed in 0..40 {
        let (disk, mut file) = made();
        file.write(at(1, 9)).unwrap();
        file.write(at(2, 9)).unwrap();
        disk.fail(disk.log().len() + 1, Fault::Error(EIO));
        file.write(at(3, 9)).unwrap_err();
        // The process starts again and sees what was not written.
        let mut file = read(&disk);
        assert_eq!(file.get(), at(3, 9));
        disk.fail(disk.log().len(), Fault::PowerLoss);
        file.write(at(4, 9)).unwrap_err();
        let found = read(&disk.after_power_loss(seed)).get();
        assert!(found.head >= Offset(2), "{found:?}, seed {seed}");
    }
}

#[test]
fn one_damaged_slot_leaves_the_other_and_two_leave_none() {
    let (disk, mut file) = made();
    file.write(at(5, 9)).unwrap();
    let mut newest_damaged = disk.read_file(&path(dir())).unwrap();
    newest_damaged[40] ^= 1;
    disk.write_file(&path(dir()), &newest_damaged);
    assert_eq!(read(&disk).get(), at(0, 0));
    let mut both_damaged = newest_damaged;
    both_damaged[4096 + 3] ^= 1;
    disk.write_file(&path(dir()), &both_damaged);
    assert!(matches!(CheckpointFile::read(&disk, dir()).unwrap(), Found::Damaged));
    disk.remove_file(&path(dir()));
    assert!(matches!(CheckpointFile::read(&disk, dir()).unwrap(), Found::Absent));
}

#[test]
fn what_is_in_both_slots_outlives_damage_to_either() {
    for slot in [0, 4_096] {
        let (disk, mut file) = made();
        file.write(at(1, 9)).unwrap();
        file.write_both(at(5, 9)).unwrap();
        let log = disk.log().len();
        file.write_both(at(5, 9)).unwrap();
        assert_eq!(disk.log().len(), log, "it is said already");
        let mut damaged = disk.read_file(&path(dir())).unwrap();
        damaged[slot] ^= 1;
        disk.write_file(&path(dir()), &damaged);
        assert_eq!(read(&disk).get(), at(5, 9));
    }
}

#[test]
fn another_version_is_told() {
    let (disk, _) = made();
    let mut bytes = disk.read_file(&path(dir())).unwrap();
    bytes[4096 + 8] = 9;
    let crc = crc32c::crc32c(&bytes[4096..4096 + 48]);
    bytes[4096 + 48..4096 + 52].copy_from_slice(&crc.to_le_bytes());
    disk.write_file(&path(dir()), &bytes);
    assert!(matches!(CheckpointFile::read(&disk, dir()).unwrap(), Found::Version(9)));
}
