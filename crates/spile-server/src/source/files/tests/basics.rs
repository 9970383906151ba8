//! What is there, and what is written.

use std::fs;
use std::os::unix::fs::symlink;

use super::Place;

#[test]
fn what_is_in_a_file_is_read_and_then_what_is_appended() {
    let place = Place::new();
    place.append("app.log", "one\ntwo\n");
    let server = place.follow(&["*.log"]);
    assert_eq!(server.bodies(2), ["one", "two"]);
    place.append("app.log", "three\n");
    assert_eq!(server.bodies(3), ["one", "two", "three"]);
    assert_eq!(server.stop_bodies(), ["one", "two", "three"]);
}

#[test]
fn a_line_is_kept_back_until_it_ends() {
    let place = Place::new();
    place.append("app.log", "one\ntw");
    let server = place.follow(&["*.log"]);
    assert_eq!(server.bodies(1), ["one"]);
    place.append("app.log", "o and");
    place.append("other.log", "x\n");
    assert_eq!(server.bodies(2), ["one", "x"]);
    place.append("app.log", " more\nthree\n");
    assert_eq!(server.bodies(4)[2..], ["two and more", "three"]);
}

#[test]
fn new_files_join_and_so_do_new_folders() {
    let place = Place::new();
    let server = place.follow(&["*/*/*.log", "*.log"]);
    place.append("a.log", "a\n");
    assert_eq!(server.bodies(1), ["a"]);
    place.append("pods/b/0.log", "b\n");
    assert_eq!(server.bodies(2), ["a", "b"]);
    place.append("pods/c/0.log", "c\n");
    place.append("pods/c/1.log", "d\n");
    let mut bodies = server.bodies(4);
    bodies.sort();
    assert_eq!(bodies, ["a", "b", "c", "d"]);
    place.append("pods/c/other.txt", "not matched\n");
    place.append("pods/deeper/c/0.log", "not matched\n");
    place.append("a.log", "end\n");
    assert_eq!(server.bodies(5)[4], "end");
    assert_eq!(server.stop().len(), 5);
}

#[test]
fn any_depth_is_followed_where_the_pattern_says_so() {
    let place = Place::new();
    place.append("x.log", "x\n");
    let server = place.follow(&["**/*.log"]);
    assert_eq!(server.bodies(1), ["x"]);
    place.append("a/b/c/d.log", "deep\n");
    assert_eq!(server.bodies(2), ["x", "deep"]);
}

#[test]
fn a_file_of_several_names_and_patterns_is_read_once() {
    let place = Place::new();
    place.append("real/app.log", "one\n");
    fs::create_dir(place.path("links")).unwrap();
    symlink(place.path("real/app.log"), place.path("links/app-link.log")).unwrap();
    fs::hard_link(place.path("real/app.log"), place.path("links/hard.log")).unwrap();
    let server = place.follow(&["links/*.log", "real/*.log", "*/app*.log"]);
    assert_eq!(server.lines(1)[0].file, "app-link.log", "the first name counts");
    place.append("real/app.log", "two\n");
    assert_eq!(server.bodies(2), ["one", "two"]);
    place.append("real/other.log", "end\n");
    server.bodies(3);
    assert_eq!(server.stop_bodies(), ["one", "two", "end"]);
}

#[test]
fn a_link_to_a_file_elsewhere_is_followed() {
    let place = Place::new();
    let elsewhere = Place::new();
    elsewhere.append("target.log", "one\n");
    symlink(elsewhere.path("target.log"), place.path("link.log")).unwrap();
    let server = place.follow(&["*.log"]);
    assert_eq!(server.lines(1)[0].file, "link.log");
    elsewhere.append("target.log", "two\n");
    assert_eq!(server.bodies(2), ["one", "two"]);
}

#[test]
fn many_files_are_followed_with_few_open() {
    let place = Place::new();
    let files = 3 * crate::source::files::table::MAX_IDLE_OPEN;
    (0..files).for_each(|n| place.append(&format!("{n}.log"), format!("first {n}\n")));
    let server = place.follow(&["*.log"]);
    server.bodies(files);
    (0..files).for_each(|n| place.append(&format!("{n}.log"), format!("second {n}\n")));
    server.bodies(2 * files);
    let logs = fs::canonicalize(place.logs.path()).unwrap();
    let open =
        fs::read_dir("/proc/self/fd").unwrap().flatten().filter_map(|fd| fs::read_link(fd.path()).ok());
    let open = open.filter(|path| path.starts_with(&logs)).count();
    // Those that have their turn come on top; none has now, but for a look that had just begun.
    assert!(open <= crate::source::files::table::MAX_IDLE_OPEN, "{open} files are open");
    let mut bodies = server.stop_bodies();
    bodies.sort();
    let mut expected: Vec<_> =
        (0..files).flat_map(|n| [format!("first {n}"), format!("second {n}")]).collect();
    expected.sort();
    assert_eq!(bodies, expected);
}

#[test]
fn a_large_file_is_read_in_order_beside_small_ones() {
    let place = Place::new();
    let lines = 60_000;
    let large: String = (0..lines).map(|n| format!("{n} {}\n", "x".repeat(40))).collect();
    place.append("large.log", large);
    (0..20).for_each(|n| place.append(&format!("small{n}.log"), "small\n"));
    let server = place.follow(&["*.log"]);
    server.lines(lines + 20);
    let stored = server.stop();
    let numbers = stored
        .iter()
        .filter(|line| line.file == "large.log")
        .map(|line| line.body.split(' ').next().unwrap());
    let numbers: Vec<usize> = numbers.map(|number| number.parse().unwrap()).collect();
    assert!(numbers.into_iter().eq(0..lines));
    assert_eq!(stored.len(), lines + 20);
    let first_small = stored.iter().position(|line| line.body == "small").unwrap();
    assert!(first_small < lines / 2, "small files wait behind {first_small} lines of the large one");
}

#[test]
fn files_and_lines_are_counted() {
    let place = Place::new();
    place.append("a.log", "1\n2\n");
    place.append("b.log", "3\n");
    let server = place.follow(&["*.log"]);
    server.bodies(3);
    server.until("two files are followed", |context| context.metrics.followed_files.get() == 2);
    server.until("three lines are counted", |context| context.metrics.followed_lines.get() == 3);
    place.remove("b.log");
    server.until("the deleted file is forgotten", |context| context.metrics.followed_files.get() == 1);
}
