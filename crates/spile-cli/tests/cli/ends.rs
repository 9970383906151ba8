//! How the command ends: exit status, signals, readers that go away, servers that are not there.

use std::fs;

use rustix::process::Signal;
use tokio::net::TcpListener;

use crate::fake::Fake;
use crate::process::{Lines, ended, finish, run, signal, spile, spile_at, until};

#[tokio::test]
async fn a_server_that_is_not_there_is_told_with_what_to_do() {
    // A port that was free a moment ago: nothing listens there.
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for arguments in [&["tail", "-f"][..], &["count"], &["streams"], &["push", "-"]] {
        let run = run(spile_at(address, arguments)).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        let expected = format!(
            "spile: error: cannot reach spile at {address}: connection refused; is spile-server running? \
             (--addr or SPILE_ADDR)\n"
        );
        assert_eq!(run.stderr, expected);
    }
}

#[tokio::test]
async fn wrong_usage_is_told_apart_from_failure() {
    for arguments in
        [&["tail", "--no-such"][..], &["tail", "-n", "x"], &["tail", "-g", "x\\"], &["man", "x"], &[]]
    {
        let run = run(spile(arguments)).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {run:?}");
        assert!(!run.stderr.is_empty());
    }
    let help = run(spile(&["tail", "--help"])).await;
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    assert!(help.stdout.contains("--cursor-file"));
}

#[tokio::test]
async fn a_viewer_without_a_terminal_says_so_and_what_to_use() {
    let run = run(spile(&["explore"])).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    let expected = "spile: error: spile explore needs a terminal; spile tail prints records anywhere\n";
    assert_eq!(run.stderr, expected);
}

#[tokio::test]
async fn a_refusal_of_the_server_is_told_and_harmless() {
    let fake = Fake::start(1).await;
    let run = run(spile_at(fake.address, &["tail", "--after-cursor", "nonsense"])).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert_eq!(
        run.stderr,
        "spile: error: INVALID_ARGUMENT: start.after_cursor: \"x\\x1b[2J\" is not a cursor\n"
    );
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_error() {
    let fake = Fake::start(10).await;
    for arguments in [&["tail", "-f"][..], &["tail", "-f", "-ojsonl"]] {
        let mut child = spile_at(fake.address, arguments).spawn().unwrap();
        let mut lines = Lines::of(&mut child);
        lines.next().await;
        drop(lines);
        // More than once: a child of another test that is just being made may hold the other end of the pipe for a moment.
        until(|| {
            fake.server.grow(1);
            child.try_wait().unwrap().is_some()
        })
        .await;
        let run = finish(child).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    }
}

#[tokio::test]
async fn an_interrupt_ends_in_good_order() {
    let fake = Fake::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cursor");
    for (number, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let _new = fs::remove_file(&path);
        let arguments = ["tail", "-f", "-oraw", "--show-cursor", "--cursor-file", path.to_str().unwrap()];
        let mut child = spile_at(fake.address, &arguments).spawn().unwrap();
        let mut lines = Lines::of(&mut child);
        for _ in 0..3 {
            lines.next().await;
        }
        signal(&child, number);
        assert_eq!(lines.rest().await, "-- cursor: c3\n");
        let run = finish(child).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(code), ""));
        assert_eq!(fs::read_to_string(&path).unwrap(), "c3\n");
    }
}

#[tokio::test]
async fn an_interrupt_ends_it_even_when_nobody_reads_its_output() {
    // More than a pipe holds.
    let fake = Fake::start(200_000).await;
    let mut child = spile_at(fake.address, &["tail", "-f"]).spawn().unwrap();
    let mut lines = Lines::of(&mut child);
    lines.next().await;
    signal(&child, Signal::INT);
    assert_eq!(ended(child).await, Some(130));
    drop(lines);
}
