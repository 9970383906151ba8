//! `spile histogram`: what it asks for and what it draws.

use rustix::process::Signal;
use spile_proto::v1::{HistogramBucket, HistogramResponse, SeverityCount};

use crate::fake::Fake;
use crate::process::{finish, run, signal, spile_at, until};

async fn fake() -> Fake {
    let fake = Fake::start(0).await;
    let bucket = |start, severity_number, records| HistogramBucket {
        start_unix_nano: start,
        counts: vec![SeverityCount { severity_number, records }],
    };
    fake.state().histogram = HistogramResponse {
        buckets: vec![bucket(1_795_341_600_000_000_000, 9, 30), bucket(1_795_341_660_000_000_000, 17, 10)],
        bucket_nanos: 60_000_000_000,
        records: 40,
        scanned: 50,
        cursor: "c50".to_owned(),
    };
    fake
}

#[tokio::test]
async fn a_chart_is_as_wide_as_it_is_told() {
    let fake = fake().await;
    let mut command = spile_at(fake.address, &["histogram", "-l", "info", "-s", "web", "--until", "@9", "x"]);
    command.env("COLUMNS", "57");
    let drawn = run(command).await;
    assert_eq!((drawn.code, drawn.stderr.as_str()), (Some(0), ""));
    let expected = "\
UTC               RECORDS
2026-11-22 10:00       30  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
           10:01       10  ▓▓▓▓▓▓▓▓▓▓

▓▓ ERROR 10 (25.0%)  ░░ INFO 30 (75.0%)
40 records, 1m a bar
";
    assert_eq!(drawn.stdout, expected);
    let asked = fake.state().histograms[0].clone();
    assert_eq!((asked.stream.as_str(), asked.max_buckets, asked.bucket_nanos), ("web", 30, 0));
    let filter = asked.filter.unwrap();
    assert_eq!(
        (filter.level.as_str(), filter.expression.as_str(), filter.until_unix_nano),
        ("info", "x", 9_000_000_000)
    );
}

#[tokio::test]
async fn an_interval_decides_the_width_of_bars() {
    let fake = fake().await;
    run(spile_at(fake.address, &["histogram", "--interval", "1m30s"])).await;
    let asked = fake.state().histograms[0].clone();
    assert_eq!((asked.max_buckets, asked.bucket_nanos), (0, 90_000_000_000));
}

#[tokio::test]
async fn json_is_for_programs() {
    let fake = fake().await;
    let one = run(spile_at(fake.address, &["histogram", "-o", "json"])).await;
    let one: serde_json::Value = serde_json::from_str(&one.stdout).unwrap();
    assert_eq!((&one["records"], &one["buckets"][1]["counts"]["ERROR"]), (&40.into(), &10.into()));
    let lines = run(spile_at(fake.address, &["histogram", "-o", "jsonl"])).await;
    assert_eq!(lines.stdout.lines().count(), 2);
}

#[tokio::test]
async fn nothing_is_told_beside_the_data() {
    let fake = Fake::start(0).await;
    let drawn = run(spile_at(fake.address, &["histogram"])).await;
    assert_eq!((drawn.code, drawn.stdout.as_str()), (Some(0), ""));
    assert_eq!(drawn.stderr, "spile: no record matches\n");
}

#[tokio::test]
async fn an_answer_that_does_not_add_up_is_refused() {
    let fake = fake().await;
    fake.state().histogram.records = 41;
    let drawn = run(spile_at(fake.address, &["histogram"])).await;
    assert_eq!((drawn.code, drawn.stdout.as_str()), (Some(1), ""));
    assert!(drawn.stderr.contains("does not follow the protocol"), "{}", drawn.stderr);
}

#[tokio::test]
async fn an_interrupt_ends_the_waiting() {
    let fake = fake().await;
    fake.state().stalls = true;
    let child = spile_at(fake.address, &["histogram"]).spawn().unwrap();
    until(|| !fake.state().histograms.is_empty()).await;
    signal(&child, Signal::INT);
    let run = finish(child).await;
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(130), "", ""));
}
