//! `spile streams`: the catalog, and what is done to streams.

use rustix::termios::Winsize;
use spile_proto::v1::{Damage, Retention};

use crate::fake::Fake;
use crate::process::{run, run_with, spile, spile_at};
use crate::terminal::{Terminal, ended_on};

#[tokio::test]
async fn streams_are_a_table_or_objects() {
    let fake = Fake::start(0).await;
    let table = run(spile_at(fake.address, &["streams"])).await;
    let expected = "\
STREAM   RECORDS  HEAD   TAIL       SIZE  RATIO  SEGMENTS  OLDEST                NEWEST                RETENTION  STATUS
default        0     0      0        0 B      -         0  -                     -                     (7d)       ok
web        12340     5  12345  11.77 MiB  8.2:1         2  2026-11-22T10:00:00Z  2026-11-22T10:00:00Z  10GiB, 7d  read-only: disk failed
";
    assert_eq!(table.stdout, expected);
    let lines = run(spile_at(fake.address, &["streams", "-ojsonl"])).await;
    assert_eq!(lines.stdout.lines().count(), 2);
    let one = run(spile_at(fake.address, &["streams", "web", "-o", "json"])).await;
    let one: serde_json::Value = serde_json::from_str(&one.stdout).unwrap();
    let expected = serde_json::json!([{
        "name": "web", "records": 12340, "head": 5, "tail": 12345, "storedBytes": 12345000,
        "segments": 2, "segmentRecords": 12000, "segmentBytes": 1000000, "segmentRawBytes": 8240000, "compression": 8.24,
        "oldest": "2026-11-22T10:00:00.000000000Z", "newest": "2026-11-22T10:00:00.500000000Z",
        "retention": {"maxBytes": 10737418240_u64, "maxAgeNanos": 604800000000000_u64, "inherited": false},
        "readOnlyReason": "disk failed",
    }]);
    assert_eq!(one, expected);
    let missing = run(spile_at(fake.address, &["streams", "nope"])).await;
    assert_eq!(missing.code, Some(1));
    assert_eq!(missing.stderr, "spile: error: NOT_FOUND: stream \"nope\" does not exist\n");
}

#[tokio::test]
async fn retention_is_shown_and_set_one_bound_at_a_time() {
    let fake = Fake::start(0).await;
    let shown = run(spile_at(fake.address, &["streams", "retention", "web"])).await;
    assert_eq!((shown.code, shown.stdout.as_str(), shown.stderr.as_str()), (Some(0), "10GiB, 7d\n", ""));
    let set = run(spile_at(fake.address, &["streams", "retention", "web", "--max-bytes", "1GiB"])).await;
    assert_eq!((set.code, set.stdout.as_str()), (Some(0), ""));
    assert_eq!(set.stderr, "spile: web: retention was 10GiB, 7d, is 1GiB, 7d\n");
    run(spile_at(fake.address, &["streams", "retention", "web", "--max-age", "none", "--max-bytes", "5MB"]))
        .await;
    let back = run(spile_at(fake.address, &["streams", "retention", "web", "--inherit"])).await;
    assert_eq!(back.stderr, "spile: web: retention was 10GiB, 7d, is (7d)\n");
    let asked: Vec<_> = fake.state().retentions.iter().map(|asked| asked.retention).collect();
    let week = 7 * 86_400_000_000_000;
    assert_eq!(
        asked,
        [
            Some(Retention { max_bytes: 1 << 30, max_age_nanos: week, inherited: false }),
            Some(Retention { max_bytes: 5_000_000, max_age_nanos: 0, inherited: false }),
            None,
        ]
    );
    for arguments in [["--max-bytes", "many"], ["--max-age", "0s"], ["--max-bytes", "0"]] {
        let refused = run(spile(&[&["streams", "retention", "web"][..], &arguments].concat())).await;
        assert_eq!(refused.code, Some(2), "{arguments:?}");
    }
}

#[tokio::test]
async fn nothing_is_deleted_without_a_terminal_or_a_yes() {
    let fake = Fake::start(0).await;
    let refused = run_with(spile_at(fake.address, &["streams", "delete", "web"]), b"web\n").await;
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert!(fake.state().deletions.is_empty());
    let deleted = run(spile_at(fake.address, &["streams", "delete", "web", "--yes"])).await;
    assert_eq!((deleted.code, deleted.stdout.as_str()), (Some(0), ""));
    assert_eq!(deleted.stderr, "spile: web: deleted 12,340 records, 11.77 MiB on disk\n");
    let deletion = fake.state().deletions[0].clone();
    assert_eq!((deletion.stream.as_str(), deletion.confirm.as_str()), ("web", "web"));
}

#[tokio::test]
async fn on_a_terminal_the_name_is_asked_for() {
    let fake = Fake::start(0).await;
    for (answer, code, deletions) in [("wob\n", 1, 0), ("\n", 1, 0), ("web\n", 0, 1)] {
        let terminal = Terminal::new(Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 });
        let mut command = spile_at(fake.address, &["streams", "delete", "web"]);
        command.stdin(terminal.far()).stderr(terminal.far());
        terminal.type_in(answer);
        let (ended, shown) = ended_on(terminal, command).await;
        assert_eq!(ended, Some(code), "{answer:?}: {shown}");
        assert!(shown.contains("deletes the stream \"web\" for good: 12,340 records, 11.77 MiB."), "{shown}");
        assert_eq!(fake.state().deletions.len(), deletions, "{answer:?}");
    }
}

#[tokio::test]
async fn sealing_says_what_it_moved() {
    let fake = Fake::start(0).await;
    let sealed = run(spile_at(fake.address, &["streams", "seal", "web"])).await;
    assert_eq!((sealed.code, sealed.stdout.as_str()), (Some(0), ""));
    assert_eq!(sealed.stderr, "spile: web: moved 345 records; all before offset 12345 are in segments\n");
}

#[tokio::test]
async fn each_damage_is_a_line_and_the_status_says_so() {
    let fake = Fake::start(0).await;
    let sound = run(spile_at(fake.address, &["streams", "verify"])).await;
    assert_eq!((sound.code, sound.stdout.as_str()), (Some(0), ""));
    let expected = "\
spile: default: 12,340 records, 11.77 MiB read: no damage
spile: web: 12,340 records, 11.77 MiB read: no damage
";
    assert_eq!(sound.stderr, expected);
    let file = "web/1.parquet\x1b[2J".to_owned();
    fake.state().damages =
        vec![Damage { file, at: 4_096, from: 3, to: 9, reason: "its checksum\nis wrong".to_owned() }];
    let damaged = run(spile_at(fake.address, &["streams", "verify", "web"])).await;
    assert_eq!(damaged.code, Some(1));
    let expected = "web: web/1.parquet\\x1b[2J: byte 4096: offsets 3 to 8: its checksum\\nis wrong\n";
    assert_eq!(damaged.stdout, expected);
    assert_eq!(damaged.stderr, "spile: web: 12,340 records, 11.77 MiB read: 1 damage\n");
    assert_eq!(run(spile_at(fake.address, &["streams", "verify", "default"])).await.code, Some(0));
}
