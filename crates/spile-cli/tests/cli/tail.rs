//! `spile tail`: what it asks for and what it prints.

use std::fs;

use rustix::process::Signal;
use spile_proto::v1::start::Position;
use spile_proto::v1::{Gap, GapCause};

use crate::fake::Fake;
use crate::process::{Lines, ended, finish, run, signal, spile, spile_at, until};

#[tokio::test]
async fn what_is_stored_is_printed_and_nothing_else() {
    let fake = Fake::start(250).await;
    let run = run(spile_at(fake.address, &["tail"])).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let expected: String = (0..250).map(|n| format!("2026-11-22T10:00:00.000Z INFO  line {n}\n")).collect();
    assert_eq!(run.stdout, expected);
}

#[tokio::test]
async fn options_are_what_the_server_is_asked() {
    let fake = Fake::start(30).await;
    let arguments = [
        "tail",
        "-s",
        "shop",
        "-l",
        "warn",
        "-g",
        "a\"b",
        "-e",
        "healthz",
        "--since",
        "@10",
        "--until",
        "@20",
        "--limit",
        "5",
        "--skip-to-live",
        "-n",
        "20",
        "-o",
        "raw",
        "severity>=ERROR OR x",
    ];
    let run = run(spile_at(fake.address, &arguments)).await;
    assert_eq!(run.stdout, "line 10\nline 11\nline 12\nline 13\nline 14\n");
    let request = fake.state().tails[0].clone();
    assert_eq!(request.stream, "shop");
    let filter = request.filter.unwrap();
    assert_eq!(filter.expression, r#"(severity>=ERROR OR x) body=~"a\"b" -body=~"healthz""#);
    assert_eq!(filter.level, "warn");
    assert_eq!((filter.since_unix_nano, filter.until_unix_nano), (10_000_000_000, 20_000_000_000));
    assert_eq!((request.limit, request.follow, request.loss_policy), (5, false, 1));
    assert_eq!(request.start.unwrap().position, Some(Position::Last(20)));
}

#[tokio::test]
async fn the_newest_come_first_when_reversed() {
    let fake = Fake::start(250).await;
    fake.state().breaks = vec![1];
    let told = run(spile_at(fake.address, &["tail", "-r", "-n", "3", "-o", "raw"])).await;
    assert_eq!((told.stdout.as_str(), told.stderr.as_str()), ("line 249\nline 248\nline 247\n", ""));
    assert_eq!(fake.state().tails.len(), 2, "over a connection that breaks");
    let all = run(spile_at(fake.address, &["tail", "-r", "-o", "raw"])).await;
    let expected: String = (0..250).rev().map(|n| format!("line {n}\n")).collect();
    assert_eq!(all.stdout, expected);
    let none = run(spile_at(fake.address, &["tail", "-rn0"])).await;
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn an_order_that_the_server_does_not_know_is_told() {
    let fake = Fake::start(3).await;
    let told = run(spile_at(fake.address, &["tail", "--by-time"])).await;
    assert_eq!((told.code, told.stdout.as_str()), (Some(1), ""));
    assert!(told.stderr.contains("does not know this order"), "{}", told.stderr);
}

#[tokio::test]
async fn reversing_what_arrives_is_wrong_usage() {
    for arguments in [&["tail", "-r", "-f"][..], &["tail", "--by-time", "-f"]] {
        let told = run(spile(arguments)).await;
        assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
        assert!(told.stderr.contains("--follow"), "{}", told.stderr);
    }
}

#[tokio::test]
async fn a_follower_sees_each_line_at_once() {
    let fake = Fake::start(2).await;
    let mut child = spile_at(fake.address, &["tail", "-f", "-n", "1", "-o", "raw"]).spawn().unwrap();
    let mut lines = Lines::of(&mut child);
    assert_eq!(lines.next().await, "line 1");
    for number in 2..20 {
        fake.server.grow(1);
        assert_eq!(lines.next().await, format!("line {number}"));
    }
}

#[tokio::test]
async fn follow_alone_is_all_that_is_stored_and_then_what_arrives() {
    let fake = Fake::start(2).await;
    let mut child = spile_at(fake.address, &["tail", "-f", "-o", "raw", "--limit", "3"]).spawn().unwrap();
    let mut lines = Lines::of(&mut child);
    assert_eq!((lines.next().await, lines.next().await), ("line 0".to_owned(), "line 1".to_owned()));
    fake.server.grow(1);
    assert_eq!(lines.next().await, "line 2");
    assert_eq!(ended(child).await, Some(0));
}

#[tokio::test]
async fn no_lines_and_follow_is_only_what_arrives() {
    let fake = Fake::start(2).await;
    let mut child = spile_at(fake.address, &["tail", "-fn0", "-o", "raw"]).spawn().unwrap();
    let mut lines = Lines::of(&mut child);
    // It has asked for the tail as it was when there are two records.
    until(|| !fake.state().tails.is_empty()).await;
    fake.server.grow(1);
    assert_eq!(lines.next().await, "line 2");
}

#[tokio::test]
async fn json_lines_are_objects() {
    let fake = Fake::start(2).await;
    let run = run(spile_at(fake.address, &["tail", "-ojsonl", "-n1"])).await;
    let record: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&record["offset"], &record["body"]), (&1.into(), &"line 1".into()));
}

#[tokio::test]
async fn a_cursor_file_goes_on_where_it_was() {
    let fake = Fake::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cursor");
    let arguments = ["tail", "-o", "raw", "--cursor-file", path.to_str().unwrap()];
    let first = run(spile_at(fake.address, &arguments)).await;
    assert_eq!(first.stdout.lines().count(), 3);
    assert_eq!(fs::read_to_string(&path).unwrap(), "c3\n");
    let nothing = run(spile_at(fake.address, &arguments)).await;
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), ""));
    fake.server.grow(2);
    let second = run(spile_at(fake.address, &arguments)).await;
    assert_eq!(second.stdout, "line 3\nline 4\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), "c5\n");
}

#[tokio::test]
async fn a_follower_keeps_its_cursor_while_it_runs() {
    let fake = Fake::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cursor");
    let arguments = ["tail", "-f", "-o", "raw", "--cursor-file", path.to_str().unwrap()];
    let mut child = spile_at(fake.address, &arguments).spawn().unwrap();
    let mut lines = Lines::of(&mut child);
    for _ in 0..3 {
        lines.next().await;
    }
    until(|| fs::read_to_string(&path).unwrap_or_default() == "c3\n").await;
    child.kill().await.unwrap();
}

#[tokio::test]
async fn the_cursor_is_shown_where_it_does_no_harm() {
    let fake = Fake::start(2).await;
    let plain = run(spile_at(fake.address, &["tail", "-oraw", "--show-cursor"])).await;
    assert_eq!(plain.stdout, "line 0\nline 1\n-- cursor: c2\n");
    let json =
        run(spile_at(fake.address, &["tail", "-ojsonl", "--show-cursor", "--after-cursor", "c1"])).await;
    assert_eq!(json.stdout.lines().count(), 1);
    assert_eq!(json.stderr, "spile: -- cursor: c2\n");
}

#[tokio::test]
async fn gaps_are_told_beside_the_records() {
    let fake = Fake::start(1).await;
    fake.state().gap = Some(Gap { from: 3, to: 9, cause: GapCause::Retention.into() });
    let told = run(spile_at(fake.address, &["tail", "-oraw"])).await;
    assert_eq!((told.code, told.stdout.as_str()), (Some(0), "line 0\n"));
    assert_eq!(told.stderr, "spile: gap: offsets 3 to 8 are no longer stored\n");
    let quiet = run(spile_at(fake.address, &["tail", "-oraw", "-q"])).await;
    assert_eq!(quiet.stderr, "");
}

#[tokio::test]
async fn a_follower_waits_for_a_stream_that_nobody_has_written_to() {
    let fake = Fake::start(0).await;
    fake.state().missing = "web".to_owned();
    let arguments = ["tail", "-f", "-n", "0", "-s", "web", "-o", "raw", "--limit", "1"];
    let child = spile_at(fake.address, &arguments).spawn().unwrap();
    until(|| fake.state().refused > 0).await;
    fake.server.grow(1);
    fake.state().missing.clear();
    let told = finish(child).await;
    assert_eq!(
        (told.code, told.stdout.as_str()),
        (Some(0), "line 0\n"),
        "the first record is one that arrives"
    );
    assert_eq!(told.stderr, "spile: stream \"web\" does not exist yet: waiting for its first record\n");
}

#[tokio::test]
async fn a_stream_that_does_not_exist_is_an_error_without_follow_or_with_a_cursor() {
    let fake = Fake::start(0).await;
    fake.state().missing = "gone".to_owned();
    for arguments in [&["tail", "-s", "gone"][..], &["tail", "-s", "gone", "-f", "--after-cursor", "c1"]] {
        let told = run(spile_at(fake.address, arguments)).await;
        assert_eq!((told.code, told.stdout.as_str()), (Some(1), ""));
        assert_eq!(told.stderr, "spile: error: NOT_FOUND: stream \"gone\" does not exist\n");
    }
}

#[tokio::test]
async fn waiting_for_a_stream_can_be_interrupted() {
    let fake = Fake::start(0).await;
    fake.state().missing = "web".to_owned();
    let child = spile_at(fake.address, &["tail", "-f", "-s", "web"]).spawn().unwrap();
    until(|| fake.state().refused > 0).await;
    signal(&child, Signal::INT);
    let told = finish(child).await;
    assert_eq!((told.code, told.stdout.as_str()), (Some(130), ""));
}
