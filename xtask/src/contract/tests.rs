//! The contract is what was accepted, and what counts as a break.

use super::*;
use crate::{codegen, workspace};

/// The article's contract, which any client generated from it relies on. It never changes, by no command.
const ARTICLE: &[&str] = &[
    "example.LogService.GetLogs = rpc (example.LogRequest) returns (stream example.LogEntry)",
    "example.LogService.StreamLogs = rpc (example.LogRequest) returns (stream example.LogEntry)",
    "example.LogRequest = message",
    "example.LogRequest.level = 1 string",
    "example.LogEntry = message",
    "example.LogEntry.message = 1 string",
    "example.LogEntry.timestamp = 2 int64",
];

fn current() -> String {
    text::render(&codegen::descriptor_set(&workspace::root()).unwrap())
}

#[test]
fn wire_contract_is_the_accepted_one() {
    let accepted = fs::read_to_string(workspace::root().join(CONTRACT_FILE)).unwrap();
    let changes = compare(&accepted, &current());
    assert!(changes == Changes::default(), "\n{}", changes.explain());
    assert_eq!(accepted, current(), "order or heading differs: run `cargo xtask codegen --accept-contract`");
}

#[test]
fn article_contract_is_exactly_the_articles() {
    let current = current();
    let lines: Vec<_> = current.lines().filter(|line| line.starts_with("example.")).collect();
    assert_eq!(lines, ARTICLE);
}

#[test]
fn removal_renumbering_and_another_type_break() {
    let accepted = "a.M.x = 1 string\na.M.y = 2 string\na.M.z = 3 string\n";
    let changes = compare(accepted, "a.M.y = 4 string\na.M.z = 3 bytes\n");
    let expected = [
        "removed: a.M.x = 1 string",
        "changed: a.M.y = 2 string, now 4 string",
        "changed: a.M.z = 3 string, now 3 bytes",
    ];
    assert_eq!(changes.breaking, expected);
    assert_eq!(changes.added, [""; 0]);
}

#[test]
fn an_addition_is_told_apart_from_a_break() {
    let changes = compare("a.M.x = 1 string\n", "a.M.x = 1 string\na.M.w = 2 bytes\n");
    assert_eq!(changes, Changes { breaking: vec![], added: vec!["added: a.M.w = 2 bytes".into()] });
}

#[test]
fn every_kind_of_thing_on_the_wire_has_a_line() {
    let current = current();
    for line in [
        "spile.v1.TailRequest.limit = 5 uint64",
        "spile.v1.TailResponse.batch = 2 spile.v1.RecordBatch oneof payload",
        "spile.v1.RecordBatch.offset_deltas = 4 repeated uint32",
        "spile.v1.LossPolicy.LOSS_POLICY_SKIP_TO_LIVE = 1",
        "spile.v1.Start.Latest = message",
        "spile.v1.WriteService.Append = rpc (stream spile.v1.AppendRequest) returns (stream spile.v1.AppendResponse)",
    ] {
        assert!(current.lines().any(|present| present == line), "no line {line:?} in\n{current}");
    }
}

#[test]
fn accepting_takes_additions_and_refuses_breaks() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("proto")).unwrap();
    let path = root.path().join(CONTRACT_FILE);
    let descriptors = codegen::descriptor_set(&workspace::root()).unwrap();

    fs::write(&path, "example.LogRequest.level = 1 string\n").unwrap();
    update(root.path(), &descriptors, false).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "example.LogRequest.level = 1 string\n");
    update(root.path(), &descriptors, true).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), current());

    fs::write(&path, "example.LogRequest.level = 2 string\n").unwrap();
    update(root.path(), &descriptors, true).unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), "example.LogRequest.level = 2 string\n");
}
