//! What is read, what is refused, and what is left behind.
#![allow(clippy::unwrap_used)]

use std::fs;

use super::CursorFile;

#[test]
fn a_cursor_is_kept_from_one_run_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cursor");
    let (mut file, cursor) = CursorFile::open(&path).unwrap();
    assert_eq!(cursor, None);
    assert!(file.lacks("c1"));
    file.write("c1").unwrap();
    assert!(!file.lacks("c1"));
    file.write("c2").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "c2\n");
    let (file, cursor) = CursorFile::open(&path).unwrap();
    assert_eq!(cursor.as_deref(), Some("c2"));
    assert!(!file.lacks("c2"));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["cursor"], "no temporary file is left");
}

#[test]
fn an_empty_file_is_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cursor");
    fs::write(&path, " \n").unwrap();
    assert_eq!(CursorFile::open(&path).unwrap().1, None);
}

#[test]
fn a_file_that_is_something_else_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for other in ["two words", "line\nline", "caf\u{e9}", &"x".repeat(257)] {
        fs::write(&path, other).unwrap();
        let error = CursorFile::open(&path).unwrap_err().to_string();
        assert!(error.contains("notes.txt"), "{error}");
    }
    assert!(CursorFile::open(folder.path()).is_err(), "a folder");
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no").join("such").join("folder");
    let (mut file, _) = CursorFile::open(&path).unwrap();
    let error = file.write("c1").unwrap_err().to_string();
    assert!(error.contains("such"), "{error}");
    // A folder is in the way.
    let path = folder.path().join("taken");
    let (mut file, _) = CursorFile::open(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(file.write("c1").is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
