//! Files that are renamed, truncated and deleted while they are followed.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};

use super::{HASTY, Place};

#[test]
fn a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_start() {
    let place = Place::new();
    place.append("app.log", "one\n");
    let server = place.follow(&["app.log"]);
    assert_eq!(server.bodies(1), ["one"]);
    place.append("app.log", "two\n");
    place.rename("app.log", "app.log.1");
    // The writer has not noticed yet.
    place.append("app.log.1", "three\n");
    place.append("app.log", "four\n");
    let lines = server.lines(4);
    let mut bodies: Vec<_> = lines.iter().map(|line| line.body.as_str()).collect();
    assert!(lines.iter().all(|line| line.file == "app.log"), "{lines:?}");
    let late = bodies.iter().position(|body| *body == "four").unwrap();
    bodies.remove(late);
    assert_eq!(bodies, ["one", "two", "three"]);
    assert_eq!(server.stop().len(), 4);
}

#[test]
fn a_renamed_file_that_still_matches_is_not_read_again() {
    let place = Place::new();
    place.append("app.log", "one\ntwo\n");
    let server = place.follow(&["app.log*"]);
    server.bodies(2);
    for round in 0..3 {
        let old = ["app.log.3", "app.log.2", "app.log.1"];
        for pair in old.windows(2).filter(|pair| place.path(pair[1]).exists()) {
            place.rename(pair[1], pair[0]);
        }
        place.rename("app.log", "app.log.1");
        place.append("app.log", format!("round {round}\n"));
        server.bodies(3 + round);
    }
    assert_eq!(server.stop_bodies(), ["one", "two", "round 0", "round 1", "round 2"]);
}

#[test]
fn a_truncated_file_is_read_from_its_start_again() {
    let place = Place::new();
    place.append("app.log", "one\ntwo\n");
    let server = place.follow(&["*.log"]);
    server.bodies(2);
    place.truncate("app.log");
    place.append("app.log", "three\n");
    assert_eq!(server.bodies(3), ["one", "two", "three"]);
}

#[test]
fn a_file_that_grew_past_its_old_length_after_truncation_is_seen_to_be_new() {
    let place = Place::new();
    place.append("app.log", "one\ntwo\n");
    let server = place.follow(&["*.log"]);
    server.bodies(2);
    fs::write(place.path("app.log"), "three is much longer than what was there\nfour\n").unwrap();
    assert_eq!(server.bodies(4)[2..], ["three is much longer than what was there", "four"]);
}

#[test]
fn a_truncated_file_that_begins_like_before_is_read_again_all_the_same() {
    let place = Place::new();
    place.append("app.log", "banner\none\n");
    let server = place.follow(&["*.log"]);
    server.bodies(2);
    let mut expected = vec!["banner".to_owned(), "one".to_owned()];
    for round in 0..3 {
        place.truncate("app.log");
        place.append("app.log", "banner\n");
        expected.push("banner".to_owned());
        assert_eq!(server.bodies(expected.len()), expected);
        place.append("app.log", format!("round {round}\n"));
        expected.push(format!("round {round}"));
        assert_eq!(server.bodies(expected.len()), expected);
    }
    assert_eq!(server.stop_bodies(), expected);
}

#[test]
fn the_hole_that_a_writer_leaves_after_truncation_is_passed_over() {
    let place = Place::new();
    let mut writer =
        OpenOptions::new().write(true).create(true).truncate(true).open(place.path("app.log")).unwrap();
    writer.write_all(b"one\ntwo\n").unwrap();
    let server = place.follow(&["*.log"]);
    server.bodies(2);
    writer.set_len(0).unwrap();
    // It does not append, but goes on where it was.
    writer.seek(SeekFrom::Start(8)).unwrap();
    writer.write_all(b"three\n").unwrap();
    assert_eq!(server.bodies(3), ["one", "two", "three"]);
}

#[test]
fn a_deleted_file_is_read_to_its_end_with_its_unended_line() {
    let place = Place::new();
    place.append("app.log", "one\n");
    let server = place.follow(&["*.log"]);
    server.bodies(1);
    let mut writer = OpenOptions::new().append(true).open(place.path("app.log")).unwrap();
    place.remove("app.log");
    writer.write_all(b"two\nno end").unwrap();
    assert_eq!(server.bodies(3), ["one", "two", "no end"]);
    server.until("the file is forgotten", |context| context.metrics.followed_files.get() == 0);
    assert_eq!(server.stop().len(), 3);
}

#[test]
fn a_file_made_anew_under_a_deleted_one_s_name_is_another_file() {
    let place = Place::new();
    let mut expected = Vec::new();
    let server = place.follow(&["*.log"]);
    for round in 0..5 {
        place.append("app.log", format!("same start\nround {round}\n"));
        expected.extend(["same start".to_owned(), format!("round {round}")]);
        assert_eq!(server.bodies(expected.len()), expected);
        place.remove("app.log");
    }
    assert_eq!(server.stop_bodies(), expected);
}

#[test]
fn the_last_line_of_a_renamed_file_needs_no_end() {
    let place = Place::new();
    place.append("app.log", "one\nno end");
    let server = place.follow_with(&["app.log*"], HASTY);
    server.bodies(1);
    place.rename("app.log", "app.log.1");
    assert_eq!(server.bodies(2), ["one", "no end"]);
    assert_eq!(server.stop().len(), 2);
}

#[test]
fn a_file_that_was_renamed_while_it_was_closed_is_found_beside_its_old_name() {
    let place = Place::new();
    place.append("0-oldest.log", "one\n");
    let server = place.follow(&["*.log"]);
    server.bodies(1);
    // So many others that this one is closed.
    let others = super::super::table::MAX_IDLE_OPEN + 20;
    (0..others).for_each(|n| place.append(&format!("{n}.log"), "x\n"));
    server.bodies(1 + others);
    place.append("0-oldest.log", "two\n");
    place.rename("0-oldest.log", "0-oldest.old");
    assert_eq!(server.bodies(2 + others)[1 + others], "two");
    assert_eq!(server.stop().len(), 2 + others);
}
