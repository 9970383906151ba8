//! What is no log, cannot be read, or is meant to hurt.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::sync::Arc;

use spile_engine::disk::OsDisk;

use super::{Place, Server, TIMING};
use crate::testing::disk::FillableDisk;

#[test]
fn pipes_folders_devices_and_dangling_links_are_passed_over() {
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.path("pipe.log")).status().unwrap().success());
    fs::create_dir(place.path("folder.log")).unwrap();
    symlink("/dev/zero", place.path("device.log")).unwrap();
    symlink("nowhere", place.path("dangling.log")).unwrap();
    symlink("loop.log", place.path("loop.log")).unwrap();
    place.append("app.log", "one\n");
    let server = place.follow(&["*.log"]);
    assert_eq!(server.bodies(1), ["one"]);
    // What was a link to nothing becomes a file.
    place.append("nowhere", "two\n");
    assert_eq!(server.bodies(2), ["one", "two"]);
    assert_eq!(server.stop().len(), 2);
}

#[test]
fn compressed_and_binary_files_are_not_read() {
    let place = Place::new();
    place.append("app.log.2.gz", b"\x1f\x8b\x08\x00 compressed\n");
    place.append("wtmp", b"\x07\x00\x00\x00 record\n");
    place.append("app.log", "one\n");
    let server = place.follow(&["*"]);
    assert_eq!(server.bodies(1), ["one"]);
    server.until("only the log is followed", |context| context.metrics.followed_files.get() == 1);
    place.append("wtmp", "more\n");
    // What becomes shorter is looked at again.
    fs::write(place.path("app.log.2.gz"), "text\n").unwrap();
    assert_eq!(server.bodies(2), ["one", "text"]);
    assert_eq!(server.stop().len(), 2);
}

#[test]
fn a_line_without_an_end_takes_bounded_memory_and_is_cut() {
    let place = Place::new();
    let chunk = "x".repeat(1 << 20);
    (0..8).for_each(|_| place.append("app.log", &chunk));
    let server = place.follow(&["*.log"]);
    place.append("app.log", "\nnext\n");
    let bodies = server.bodies(2);
    assert!(bodies[0].len() < 70_000, "{} bytes", bodies[0].len());
    assert_eq!(bodies[1], "next");
}

#[test]
fn a_file_that_may_not_be_read_is_tried_again() {
    let place = Place::new();
    place.append("app.log", "one\n");
    place.append("other.log", "two\n");
    fs::set_permissions(place.path("app.log"), Permissions::from_mode(0o000)).unwrap();
    let server = place.follow(&["*.log"]);
    server.bodies(1);
    fs::set_permissions(place.path("app.log"), Permissions::from_mode(0o600)).unwrap();
    let mut bodies = server.bodies(2);
    bodies.sort();
    assert_eq!(bodies, ["one", "two"]);
}

#[test]
fn the_server_s_own_files_are_not_followed() {
    let place = Place::new();
    let data = place.path("data");
    place.append("app.log", "one\n");
    let pattern = place.path("**/*").display().to_string();
    let server = Server::start(Arc::new(OsDisk), &data, &[pattern], TIMING);
    server.bodies(1);
    place.append("app.log", "two\n");
    server.bodies(2);
    server.until("only the log is followed", |context| context.metrics.followed_files.get() == 1);
    assert_eq!(server.stop().len(), 2);
}

#[test]
fn links_in_a_circle_end() {
    let place = Place::new();
    place.append("a/app.log", "one\n");
    symlink(".", place.path("a/self")).unwrap();
    symlink("..", place.path("a/up")).unwrap();
    let server = place.follow(&["*/*/*/*.log", "a/*.log"]);
    assert_eq!(server.bodies(1), ["one"]);
    assert_eq!(server.stop().len(), 1);
}

#[test]
fn following_ends_when_the_stream_takes_no_more() {
    let place = Place::new();
    place.append("app.log", "one\n");
    let server = place.follow(&["*.log"]);
    server.bodies(1);
    server._engine.close();
    place.append("app.log", "two\n");
    let ended =
        server.runtime.block_on(async { tokio::time::timeout(super::PATIENCE, server.running).await });
    ended.expect("it ends by itself").unwrap();
}

#[test]
fn lines_wait_in_their_files_while_the_disk_is_full() {
    let place = Place::new();
    place.append("app.log", "0\n");
    let disk = FillableDisk::default();
    let pattern = place.path("*.log").display().to_string();
    let server = Server::start(Arc::new(disk.clone()), place.data.path(), &[pattern], TIMING);
    server.bodies(1);
    disk.set_full(true);
    let lines = 20_000;
    let text: String = (1..lines).map(|n| format!("{n}\n")).collect();
    place.append("app.log", text);
    server.until("what was read is refused, twice", |_| disk.refused() >= 2);
    assert_eq!(server.stream.tail().0, 1);
    disk.set_full(false);
    server.bodies(lines);
    assert!(server.stop_bodies().into_iter().eq((0..lines).map(|n| n.to_string())));
}
