//! The file that says what the numbers of batches mean.

use super::super::position::Key;
use super::*;

fn position(text: &str) -> Position {
    Position(vec![Key::Text(text.into()), Key::Integer(i64::MIN), Key::Real(0.1)])
}

fn load(folder: &Path) -> Result<Progress, ProgressError> {
    Progress::load(folder, "database:x", "here", 7)
}

#[test]
fn the_journal_says_which_of_the_written_positions_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut progress = load(folder.path()).unwrap();
    assert_eq!(progress.durable(None).unwrap(), (0, None));
    progress.set_cursor(&["a".into(), "b".into(), "c".into()]).unwrap();
    progress.intend(1, position("one"));
    progress.intend(2, position("two"));
    progress.write().unwrap();

    let progress = load(folder.path()).unwrap();
    assert_eq!(progress.durable(None).unwrap(), (0, None), "nothing was appended");
    assert_eq!(progress.durable(Some(1)).unwrap(), (1, Some(position("one"))));
    assert_eq!(progress.durable(Some(2)).unwrap(), (2, Some(position("two"))));
}

#[test]
fn what_came_behind_a_failed_batch_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut progress = load(folder.path()).unwrap();
    for (number, text) in [(1, "one"), (2, "two"), (3, "three")] {
        progress.intend(number, position(text));
    }
    assert!(progress.set_durable(1));
    assert!(!progress.set_durable(1));
    progress.intend(2, position("another two"));
    progress.write().unwrap();
    let progress = load(folder.path()).unwrap();
    assert_eq!(progress.durable(Some(2)).unwrap(), (2, Some(position("another two"))));
    assert_eq!(progress.durable(None).unwrap(), (1, Some(position("one"))), "the journal may have forgotten");
    assert!(matches!(progress.durable(Some(3)), Err(ProgressError::Unknown { number: 3, .. })));
}

#[test]
fn another_stream_begins_anew_and_another_cursor_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut progress = load(folder.path()).unwrap();
    progress.set_cursor(&["at".into()]).unwrap();
    progress.intend(1, position("one"));
    progress.set_cursor(&["at".into(), "id".into()]).expect("a cursor may grow");
    assert!(matches!(progress.set_cursor(&["id".into()]), Err(ProgressError::OtherCursor { .. })));
    progress.write().unwrap();
    let other = Progress::load(folder.path(), "database:x", "here", 8).unwrap();
    assert_eq!(other.durable(None).unwrap(), (0, None));
}

#[test]
fn a_damaged_file_is_named_and_not_guessed_at() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path()).unwrap().write().unwrap();
    let file = folder.path().join("database-x.json");
    fs::write(&file, "{").unwrap();
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.contains(file.to_str().unwrap()) && error.contains("remove it"), "{error}");
}
