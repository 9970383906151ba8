//! Both disks keep to one description, and the faulty one has the faults it says.

#![allow(clippy::unwrap_used)]

use std::io::ErrorKind;
use std::path::PathBuf;

use super::faulty::{EIO, ENOSPC, Fault, FaultyDisk, Operation};
use super::*;

/// Runs a test on every kind of disk.
fn on_each(test: impl Fn(&dyn Disk, &Path)) {
    let temp = tempfile::tempdir().unwrap();
    test(&OsDisk, temp.path());
    let disk = FaultyDisk::default();
    disk.create_dir_all(Path::new("/base")).unwrap();
    test(&disk, Path::new("/base"));
}

fn content(disk: &dyn Disk, path: &Path) -> Vec<u8> {
    let file = disk.open(path).unwrap();
    read_up_to(&*file, 0, file.len().unwrap() as usize).unwrap()
}

#[test]
fn bytes_are_read_where_they_were_written() {
    on_each(|disk, base| {
        let file = disk.create(&base.join("a")).unwrap();
        assert!(file.is_empty().unwrap());
        file.write_all_at(b"hello", 0).unwrap();
        file.write_all_at(b"world", 7).unwrap();
        assert_eq!(content(disk, &base.join("a")), b"hello\0\0world");
        assert_eq!(read_up_to(&*file, 9, 100).unwrap(), b"rld");
        assert_eq!(read_up_to(&*file, 100, 100).unwrap(), b"");
        file.truncate(3).unwrap();
        file.sync_data().unwrap();
        assert_eq!(content(disk, &base.join("a")), b"hel");
        file.truncate(5).unwrap();
        assert_eq!(content(disk, &base.join("a")), b"hel\0\0");
        disk.create(&base.join("a")).unwrap();
        assert_eq!(file.len().unwrap(), 0, "made anew, it is empty");
    });
}

#[test]
fn names_change_and_open_files_stay() {
    on_each(|disk, base| {
        let file = disk.create(&base.join("a")).unwrap();
        file.write_all_at(b"old", 0).unwrap();
        disk.create(&base.join("b")).unwrap().write_all_at(b"new", 0).unwrap();
        disk.rename(&base.join("b"), &base.join("a")).unwrap();
        assert_eq!(content(disk, &base.join("a")), b"new");
        assert_eq!(read_up_to(&*file, 0, 9).unwrap(), b"old");
        disk.create_dir_all(&base.join("c/d")).unwrap();
        disk.create_dir_all(&base.join("c/d")).unwrap();
        let mut names = disk.list(base).unwrap();
        names.sort();
        assert_eq!(names, ["a", "c"]);
        disk.remove(&base.join("a")).unwrap();
        disk.sync_dir(base).unwrap();
        assert_eq!(disk.list(base).unwrap(), ["c"]);
    });
}

#[test]
fn what_is_not_there_is_not_found() {
    on_each(|disk, base| {
        let path = base.join("none");
        assert_eq!(disk.open(&path).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(disk.remove(&path).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(disk.rename(&path, &base.join("x")).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(disk.list(&path).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(disk.create(&path.join("x")).unwrap_err().kind(), ErrorKind::NotFound);
    });
}

#[test]
fn a_lock_is_held_once_and_ends_with_its_value() {
    on_each(|disk, base| {
        let lock = disk.lock(&base.join("LOCK")).unwrap();
        assert_eq!(disk.lock(&base.join("LOCK")).unwrap_err().kind(), ErrorKind::WouldBlock);
        drop(lock);
        disk.lock(&base.join("LOCK")).unwrap();
    });
}

#[test]
fn a_directory_that_cannot_be_made_is_an_error() {
    on_each(|disk, base| {
        disk.create(&base.join("file")).unwrap();
        assert!(disk.create_dir_all(&base.join("file")).is_err());
        assert!(disk.create_dir_all(&base.join("file/below")).is_err());
    });
}

fn faulty() -> (FaultyDisk, PathBuf) {
    let disk = FaultyDisk::default();
    disk.create_dir_all(Path::new("/d")).unwrap();
    (disk, PathBuf::from("/d/file"))
}

#[test]
fn power_loss_takes_what_was_not_synced() {
    let (disk, path) = faulty();
    let file = disk.create(&path).unwrap();
    file.write_all_at(&[1; 2_000], 0).unwrap();
    file.sync_data().unwrap();
    assert!(disk.after_power_loss(0).read_file(&path).is_err(), "its name was not synced");
    disk.sync_dir(Path::new("/d")).unwrap();
    file.write_all_at(&[2; 2_000], 1_000).unwrap();
    assert_eq!(disk.after_power_loss(0).read_file(&path).unwrap(), [1; 2_000]);
    let all = disk.after_power_loss(1).read_file(&path).unwrap();
    assert_eq!(all, disk.read_file(&path).unwrap());
    let seen: std::collections::BTreeSet<_> =
        (2..200).map(|seed| disk.after_power_loss(seed).read_file(&path).unwrap()).collect();
    assert!(seen.len() > 50, "{} images", seen.len());
    let synced_part_stays = seen.iter().all(|bytes| bytes[..1_000] == [1; 1_000]);
    let longer_without_bytes = seen.iter().any(|bytes| bytes.len() == 3_000 && bytes[2_999] == 0);
    let later_without_earlier = seen.iter().any(|bytes| bytes.len() == 3_000 && bytes[1_100] == 1);
    let torn_within_sector = seen.iter().any(|bytes| bytes.len() % 512 != 0 && bytes.len() < 2_900);
    assert!(synced_part_stays && longer_without_bytes && later_without_earlier && torn_within_sector);
    let again = disk.after_power_loss(77).read_file(&path).unwrap();
    assert_eq!(again, disk.after_power_loss(77).read_file(&path).unwrap(), "a seed gives one image");
}

#[test]
fn a_failed_sync_loses_what_it_was_to_write_and_still_shows_it() {
    let (disk, path) = faulty();
    let file = disk.create(&path).unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    file.write_all_at(b"lost", 0).unwrap();
    disk.fail(disk.log().len(), Fault::Error(EIO));
    assert_eq!(file.sync_data().unwrap_err().raw_os_error(), Some(EIO));
    file.sync_data().unwrap();
    assert_eq!(disk.read_file(&path).unwrap(), b"lost");
    assert_eq!(disk.after_power_loss(1).read_file(&path).unwrap(), b"");
    file.write_all_at(b"kept", 0).unwrap();
    file.sync_data().unwrap();
    assert_eq!(disk.after_power_loss(0).read_file(&path).unwrap(), b"kept");
}

#[test]
fn a_full_disk_takes_what_fits() {
    let (disk, path) = faulty();
    let file = disk.create(&path).unwrap();
    disk.set_capacity(Some(10));
    let error = file.write_all_at(&[1; 12], 0).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(ENOSPC));
    assert_eq!(file.len().unwrap(), 10);
    file.write_all_at(&[2; 10], 0).unwrap();
}

#[test]
fn faults_come_once_and_power_stays_off() {
    let (disk, path) = faulty();
    let file = disk.create(&path).unwrap();
    disk.fail(1, Fault::Short(ENOSPC));
    file.write_all_at(b"abcd", 0).unwrap_err();
    assert_eq!(file.len().unwrap(), 2);
    file.write_all_at(b"abcd", 0).unwrap();
    assert_eq!(disk.log(), [Operation::Create, Operation::Write, Operation::Write]);
    disk.fail_read(1, EIO);
    disk.open(&path).unwrap();
    assert_eq!(disk.open(&path).unwrap_err().raw_os_error(), Some(EIO));
    disk.fail(disk.log().len(), Fault::PowerLoss);
    file.write_all_at(b"efgh", 4).unwrap_err();
    assert!(disk.open(&path).is_err() && file.sync_data().is_err() && disk.list(Path::new("/d")).is_err());
    let up = disk.after_power_loss(1);
    assert_eq!(up.read_file(&path).unwrap(), b"abcdefgh");
}
