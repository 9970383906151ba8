//! Connections that break: unseen, unless somebody asks.

use crate::fake::Fake;
use crate::process::{run, spile_at};

#[tokio::test]
async fn a_broken_connection_is_not_seen() {
    let fake = Fake::start(100).await;
    fake.state().breaks = vec![10, 0, 33];
    let run = run(spile_at(fake.address, &["tail", "-oraw"])).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let expected: String = (0..100).map(|n| format!("line {n}\n")).collect();
    assert_eq!(run.stdout, expected);
    assert_eq!(fake.state().tails.len(), 4);
}

#[tokio::test]
async fn it_is_told_to_those_who_ask() {
    let fake = Fake::start(10).await;
    fake.state().breaks = vec![5];
    let run = run(spile_at(fake.address, &["tail", "-oraw", "-v"])).await;
    assert!(run.stderr.contains("UNAVAILABLE: broken"), "{}", run.stderr);
    assert!(run.stderr.contains("connected again"), "{}", run.stderr);
}
