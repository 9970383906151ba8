//! `spile tail -A -B -C`: what is printed around matches, and with how many calls.

use std::fs;

use spile_proto::v1::ContextRequest;

use crate::fake::Fake;
use crate::process::{Lines, ended, run, spile, spile_at};

/// So many records, of which these match.
async fn fake(records: usize, hits: impl IntoIterator<Item = usize>) -> Fake {
    let fake = Fake::start(records).await;
    fake.state().hits.extend(hits);
    fake
}

/// The numbers of the lines with what tells them apart: `:` or `-`; and `--` between groups.
fn marks(stdout: &str) -> Vec<String> {
    let mark = |line: &str| match line.strip_prefix("2026-11-22T10:00:00.000Z") {
        Some(rest) => format!("{}{}", &rest[..1], rest[1..].trim_start_matches("INFO  line ")),
        None => line.to_owned(),
    };
    stdout.lines().map(mark).collect()
}

async fn printed(fake: &Fake, arguments: &[&str]) -> Vec<String> {
    let told = run(spile_at(fake.address, &[&["tail", "x"], arguments].concat())).await;
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    marks(&told.stdout)
}

#[tokio::test]
async fn groups_are_told_apart_and_merged_as_grep_does() {
    let fake = fake(50, [0, 5, 7, 20, 49]).await;
    let expected =
        [":0", "-1", "--", "-4", ":5", "-6", ":7", "-8", "--", "-19", ":20", "-21", "--", "-48", ":49"];
    assert_eq!(printed(&fake, &["-C", "1"]).await, expected);
    let windows = fake.state().contexts.len();
    assert_eq!(windows, 4 + 1, "a call for each group, and one for what may follow the last match");
    assert_eq!(
        printed(&fake, &["-A1"]).await,
        [":0", "-1", "--", ":5", "-6", ":7", "-8", "--", ":20", "-21", "--", ":49"]
    );
    assert_eq!(printed(&fake, &["-B1", "-n2"]).await, ["-19", ":20", "--", "-48", ":49"]);
    assert_eq!(printed(&fake, &["-C0", "--limit=2"]).await, [":0", "--", ":5"]);
    assert_eq!(printed(&fake, &["-C1", "-A0", "--limit=2"]).await, [":0", "--", "-4", ":5"]);
}

#[tokio::test]
async fn nothing_is_asked_for_where_all_match() {
    let fake = fake(250, 0..250).await;
    let lines = printed(&fake, &["-B", "3"]).await;
    assert_eq!(lines.len(), 250);
    assert!(lines.iter().all(|line| line.starts_with(':')));
    assert!(fake.state().contexts.is_empty());
}

#[tokio::test]
async fn no_record_comes_twice_over_messages_and_breaks() {
    // Messages hold what matches of a hundred records.
    let fake = fake(1_000, [98, 99, 101, 300, 301, 999]).await;
    fake.state().breaks = vec![1, 2];
    let lines = printed(&fake, &["-C", "2"]).await;
    let expected = [
        "-96", "-97", ":98", ":99", "-100", ":101", "-102", "-103", "--", "-298", "-299", ":300", ":301",
        "-302", "-303", "--", "-997", "-998", ":999",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_wide_context_is_asked_for_in_parts() {
    let fake = fake(3_000, [1_500]).await;
    let lines = printed(&fake, &["-C", "1000"]).await;
    assert_eq!(lines.len(), 2_001);
    assert_eq!((lines[0].as_str(), lines[1_000].as_str(), lines[2_000].as_str()), ("-500", ":1500", "-2500"));
    let asked: Vec<ContextRequest> = fake.state().contexts.clone();
    assert!(asked.iter().all(|request| request.after <= 1_000 && request.filter.is_none()));
}

#[tokio::test]
async fn json_says_which_records_only_stand_near() {
    let fake = fake(10, [5]).await;
    let told = run(spile_at(fake.address, &["tail", "x", "-C1", "-ojsonl"])).await;
    let lines: Vec<serde_json::Value> =
        told.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let contexts: Vec<_> =
        lines.iter().map(|line| (line["offset"].as_u64().unwrap(), line["context"].is_boolean())).collect();
    assert_eq!(contexts, [(4, true), (5, false), (6, true)]);
    let raw = run(spile_at(fake.address, &["tail", "x", "-C1", "-oraw"])).await;
    assert_eq!(raw.stdout, "line 4\nline 5\nline 6\n");
}

#[tokio::test]
async fn what_arrives_behind_a_match_is_printed_when_it_arrives() {
    let fake = fake(4, [2, 6, 7, 13]).await;
    let mut child =
        spile_at(fake.address, &["tail", "x", "-f", "-A", "3", "-B", "1", "-o", "default"]).spawn().unwrap();
    let mut lines = Lines::of(&mut child);
    let mut next = async |count: usize| {
        let mut told = String::new();
        for _ in 0..count {
            told.push_str(&lines.next().await);
            told.push('\n');
        }
        marks(&told)
    };
    assert_eq!(next(3).await, ["-1", ":2", "-3"]);
    fake.server.grow(1);
    assert_eq!(next(1).await, ["-4"]);
    // 5 is the last that is owed; 6 and 7 match, and bring 8 to 10 with them.
    fake.server.grow(8);
    assert_eq!(next(6).await, ["-5", ":6", ":7", "-8", "-9", "-10"]);
    fake.server.grow(8);
    assert_eq!(next(6).await, ["--", "-12", ":13", "-14", "-15", "-16"]);
    child.kill().await.unwrap();
}

#[tokio::test]
async fn a_limit_counts_matches_and_ends_a_follower_with_what_there_is() {
    let fake = fake(4, [2, 5, 6]).await;
    let mut child =
        spile_at(fake.address, &["tail", "x", "-f", "-A3", "--limit", "2", "-o", "default"]).spawn().unwrap();
    let mut lines = Lines::of(&mut child);
    assert_eq!(marks(&format!("{}\n{}\n", lines.next().await, lines.next().await)), [":2", "-3"]);
    fake.server.grow(4);
    assert_eq!(marks(&lines.rest().await), ["-4", ":5", "-6", "-7"], "6 matches, too, but is over the limit");
    assert_eq!(ended(child).await, Some(0));
}

#[tokio::test]
async fn a_connection_that_breaks_is_asked_over_again() {
    let fake = fake(10, [5]).await;
    fake.state().broken_contexts = 2;
    assert_eq!(printed(&fake, &["-C1"]).await, ["-4", ":5", "-6"]);
    assert_eq!(fake.state().broken_contexts, 0);
}

#[tokio::test]
async fn a_cursor_stands_behind_what_was_printed() {
    let fake = fake(10, [5, 8]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cursor");
    let arguments = ["-C1", "--cursor-file", path.to_str().unwrap()];
    assert_eq!(printed(&fake, &arguments).await, ["-4", ":5", "-6", "-7", ":8", "-9"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "c10\n");
    // What is around a match cannot be had: it is not taken for printed.
    fake.server.grow(10);
    fake.state().hits.insert(15);
    fake.state().no_context = true;
    let failed = run(spile_at(fake.address, &[&["tail", "x"], &arguments[..]].concat())).await;
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(1), ""));
    assert_eq!(fs::read_to_string(&path).unwrap(), "c10\n");
    fake.state().no_context = false;
    assert_eq!(printed(&fake, &arguments).await, ["-14", ":15", "-16"]);
}

#[tokio::test]
async fn context_of_another_order_is_wrong_usage() {
    for arguments in [["-r", "-C1"], ["-r", "-A1"], ["--by-time", "-B1"], ["-C", "1001"], ["-A", "-1"]] {
        let told = run(spile(&[&["tail"], &arguments[..]].concat())).await;
        assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""), "{arguments:?}");
    }
}
