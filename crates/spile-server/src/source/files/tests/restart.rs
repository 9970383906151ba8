//! A server that is stopped or killed goes on where it was.

use super::{Place, Server};

/// Both ways to end.
fn ends() -> [fn(Server); 2] {
    [|server| drop(server.stop()), Server::kill]
}

#[test]
fn nothing_is_read_twice_after_a_restart() {
    for end in ends() {
        let place = Place::new();
        place.append("app.log", "one\ntwo\n");
        let server = place.follow(&["*.log"]);
        server.bodies(2);
        end(server);
        let server = place.follow(&["*.log"]);
        place.append("app.log", "three\n");
        server.bodies(3);
        assert_eq!(server.stop_bodies(), ["one", "two", "three"]);
    }
}

#[test]
fn what_was_written_meanwhile_is_read() {
    for end in ends() {
        let place = Place::new();
        place.append("app.log", "one\nunended ");
        let server = place.follow(&["*.log"]);
        server.bodies(1);
        end(server);
        place.append("app.log", "line\nthree\n");
        place.append("new.log", "four\n");
        let server = place.follow(&["*.log"]);
        server.bodies(4);
        let mut bodies = server.stop_bodies();
        bodies.sort();
        assert_eq!(bodies, ["four", "one", "three", "unended line"]);
    }
}

#[test]
fn a_file_that_was_rotated_meanwhile_is_read_to_its_end() {
    for end in ends() {
        for pattern in ["app.log", "app.log*"] {
            let place = Place::new();
            place.append("app.log", "one\n");
            let server = place.follow(&[pattern]);
            server.bodies(1);
            end(server);
            place.append("app.log", "two\n");
            place.rename("app.log", "app.log.1");
            place.append("app.log", "three\n");
            let server = place.follow(&[pattern]);
            server.bodies(3);
            let lines = server.stop();
            let mut bodies: Vec<_> = lines.iter().map(|line| line.body.as_str()).collect();
            bodies.sort_unstable();
            assert_eq!(bodies, ["one", "three", "two"], "{pattern}");
            assert!(lines.iter().all(|line| line.file == "app.log"), "{lines:?}");
        }
    }
}

#[test]
fn a_file_that_was_truncated_meanwhile_is_read_from_its_start() {
    for end in ends() {
        let place = Place::new();
        place.append("app.log", "one\ntwo\n");
        place.append("other.log", "a long line that was there\n");
        let server = place.follow(&["*.log"]);
        server.bodies(3);
        end(server);
        place.truncate("app.log");
        place.append("app.log", "x\n");
        place.truncate("other.log");
        place.append("other.log", "another line that is even longer than before\n");
        let server = place.follow(&["*.log"]);
        server.bodies(5);
        let mut bodies = server.stop_bodies();
        bodies.drain(..3);
        bodies.sort();
        assert_eq!(bodies, ["another line that is even longer than before", "x"]);
    }
}

#[test]
fn a_new_file_with_a_used_inode_is_another_file() {
    for end in ends() {
        let place = Place::new();
        place.append("app.log", "one\n");
        let server = place.follow(&["*.log"]);
        server.bodies(1);
        end(server);
        // The same name, and as a rule the same inode.
        place.remove("app.log");
        place.append("app.log", "two\n");
        let server = place.follow(&["*.log"]);
        server.bodies(2);
        assert_eq!(server.stop_bodies(), ["one", "two"]);
    }
}

#[test]
fn many_restarts_in_the_middle_of_reading_store_every_line_once() {
    let place = Place::new();
    let lines = 40_000;
    for name in ["a.log", "b.log"] {
        let text: String = (0..lines).map(|n| format!("{name} {n}\n")).collect();
        place.append(name, text);
    }
    for round in 0..12 {
        let server = place.follow(&["*.log"]);
        server.lines((round + 1) * 2_000);
        server.kill();
    }
    let server = place.follow(&["*.log"]);
    server.lines(2 * lines);
    let stored = server.stop();
    assert_eq!(stored.len(), 2 * lines);
    for name in ["a.log", "b.log"] {
        let bodies = stored.iter().filter(|line| line.file == name).map(|line| &line.body);
        assert!(bodies.eq((0..lines).map(|n| format!("{name} {n}")).collect::<Vec<_>>().iter()), "{name}");
    }
}

#[test]
fn pieces_of_a_container_s_line_are_joined_over_a_restart() {
    for end in ends() {
        let place = Place::new();
        let piece =
            |stream: &str, tag: char, text: &str| format!("2023-11-14T22:13:19.5Z {stream} {tag} {text}\n");
        place.append("app.log", piece("stdout", 'P', "one ") + &piece("stderr", 'F', "between"));
        let server = place.follow(&["*.log"]);
        assert_eq!(server.bodies(1), ["between"]);
        end(server);
        place.append("app.log", piece("stdout", 'F', "line"));
        let server = place.follow(&["*.log"]);
        server.bodies(2);
        assert_eq!(server.stop_bodies(), ["between", "one line"]);
    }
}
