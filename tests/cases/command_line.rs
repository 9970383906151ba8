//! The command `spile` against a real server: what it reads of journals and segments, and how an export outlives its server.

use std::process::Stdio;

use serde_json::Value;
use spile_proto::v1::LogRecord;
use spile_tests::{Server, ServerOptions, program, run_spile};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::support::{append, numbered, patiently, record};

/// Runs `spile`; gives what it prints. It must succeed in silence.
async fn spile(server: &Server, arguments: &[&str]) -> String {
    let (address, owned) =
        (server.address.clone(), arguments.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>());
    let run = move || run_spile(&address, &owned.iter().map(String::as_str).collect::<Vec<_>>(), b"");
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

/// Waits until segments hold so many records.
async fn sealed(server: &Server, records: u64) -> Value {
    patiently("segments", async {
        loop {
            let streams = spile(server, &["streams", "web", "-o", "json"]).await;
            let stream = serde_json::from_str::<Value>(&streams).unwrap()[0].take();
            if stream["segmentRecords"].as_u64().unwrap() >= records {
                return stream;
            }
            // Nothing tells of it.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_reads_segments_and_journal_as_one() {
    let options = ServerOptions::new().args(["--seal-bytes", "64KiB", "--seal-age", "1s"]);
    let server = options.start().await.unwrap();
    append(&server, "web", numbered("line", 0..5_000)).await;
    let stream = sealed(&server, 5_000).await;
    assert_eq!((&stream["records"], &stream["tail"]), (&5_000.into(), &5_000.into()));
    append(&server, "web", numbered("line", 5_000..5_010)).await;

    let newest = spile(&server, &["tail", "-s", "web", "-r", "-n", "12", "-o", "raw"]).await;
    let expected: String = (4_998..5_010).rev().map(|n| format!("line {n}\n")).collect();
    assert_eq!(newest, expected);

    let around = ["tail", "-s", "web", "-C", "2", "-o", "jsonl", "-g", "^line (7|4998|5000|5009)$"];
    let around = spile(&server, &around).await;
    let lines: Vec<Value> = around.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<_> =
        lines.iter().map(|line| (line["offset"].as_u64().unwrap(), line["context"].is_null())).collect();
    let matching = |offset: u64| [7, 4_998, 5_000, 5_009].contains(&offset);
    let expected: Vec<_> =
        (5..10).chain(4_996..5_003).chain(5_007..5_010).map(|offset| (offset, matching(offset))).collect();
    assert_eq!(seen, expected);

    let histogram = spile(&server, &["histogram", "-s", "web", "-o", "json", "-l", "error"]).await;
    let histogram: Value = serde_json::from_str(&histogram).unwrap();
    assert_eq!(histogram["records"], 501);
    let chart = spile(&server, &["histogram", "-s", "web"]).await;
    assert!(chart.contains("▓▓ ERROR 501 (10.0%)  ░░ INFO 4,509 (90.0%)\n5,010 records, "), "{chart}");
    assert_eq!(spile(&server, &["count", "-s", "web", "-l", "error"]).await, "501\n");

    let csv = spile(&server, &["export", "-q", "--format", "csv", "-s", "web"]).await;
    let bodies: Vec<_> = csv.lines().skip(1).map(|row| row.split(',').nth(6).unwrap().to_owned()).collect();
    assert!(bodies.into_iter().eq((0..5_010).map(|n| format!("line {n}"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_records_around_a_match_come_all() {
    let server = Server::start().await.unwrap();
    for n in 10..30 {
        append(&server, "default", vec![record(format!("{n} {}", "x".repeat(200 << 10)), 9)]).await;
    }
    // Thirteen of them: more than an answer holds.
    let around = spile(&server, &["tail", "-g", "^20 ", "-C", "6", "-o", "raw"]).await;
    let numbers: Vec<u32> = around.lines().map(|line| line[..2].parse().unwrap()).collect();
    assert!(numbers.iter().copied().eq(14..27), "{numbers:?}");
}

/// Which offset comes at a place of an order.
type OffsetAt = fn(u64) -> u64;

/// A command whose standard output is read line by line.
fn piped(server: &Server, arguments: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut command = Command::new(program("spile"));
    command.args(arguments).env("SPILE_ADDR", &server.address).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_over_a_crash_of_the_server_is_complete_in_every_order() {
    const RECORDS: u64 = 30_000;
    let sealing = ["--seal-bytes", "4MiB"];
    let mut server = ServerOptions::new().args(sealing).start().await.unwrap();
    // More than what lies on the way: windows, pipe and buffers. By time, neighbours change places.
    let body = |n| format!("{n} {}", "x".repeat(1_000));
    let records = (0..RECORDS).map(|n| LogRecord { time_unix_nano: 1_000 + (n ^ 1), ..record(body(n), 9) });
    append(&server, "default", records.collect()).await;
    let orders: [(&[&str], OffsetAt); 3] = [
        (&["export", "-q"], |at| at),
        (&["tail", "-r", "-q", "-o", "jsonl"], |at| RECORDS - 1 - at),
        (&["tail", "--by-time", "-q", "-o", "jsonl"], |at| at ^ 1),
    ];
    let offset = |line: &str| serde_json::from_str::<Value>(line).unwrap()["offset"].as_u64().unwrap();
    for (arguments, offset_at) in orders {
        let (mut child, mut lines) = piped(&server, arguments);
        let mut offsets = Vec::new();
        for _ in 0..10 {
            offsets.push(offset(&patiently("a line", lines.next_line()).await.unwrap().unwrap()));
        }
        server.kill().await.unwrap();
        let address = server.address.clone();
        server = ServerOptions::new().args(sealing).data_of(&server).listen(&address).start().await.unwrap();
        while let Some(line) = patiently("a line", lines.next_line()).await.unwrap() {
            offsets.push(offset(&line));
        }
        let ended = patiently("the end", child.wait()).await.unwrap();
        assert_eq!(ended.code(), Some(0), "{arguments:?}");
        assert!(offsets.into_iter().eq((0..RECORDS).map(offset_at)), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_printed_by_their_time() {
    let server = Server::start().await.unwrap();
    // The later they arrive, the earlier they happened.
    let records =
        (0..2_000_u64).map(|n| LogRecord { time_unix_nano: 10_000 - n, ..record(n.to_string(), 9) });
    append(&server, "default", records.collect()).await;
    let printed = spile(&server, &["tail", "--by-time", "-o", "raw"]).await;
    assert!(printed.lines().map(|line| line.parse::<u64>().unwrap()).eq((0..2_000).rev()));
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_administered_from_the_command_line() {
    let server = Server::start().await.unwrap();
    append(&server, "web", numbered("line", 0..5_000)).await;
    spile(&server, &["streams", "seal", "web", "-q"]).await;
    assert_eq!(sealed(&server, 5_000).await["segmentRecords"], 5_000);

    let inherited = spile(&server, &["streams", "retention", "web"]).await;
    assert!(inherited.starts_with('('), "{inherited}");
    spile(&server, &["streams", "retention", "web", "--max-bytes", "1GiB", "--max-age", "7d", "-q"]).await;
    assert_eq!(spile(&server, &["streams", "retention", "web"]).await, "1GiB, 7d\n");
    spile(&server, &["streams", "retention", "web", "--inherit", "-q"]).await;
    assert_eq!(spile(&server, &["streams", "retention", "web"]).await, inherited);

    assert_eq!(spile(&server, &["streams", "verify", "-q"]).await, "");
    let folder = server.data_dir().join("streams/web/segments");
    let segment = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[1_000] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let address = server.address.clone();
    let verify = move || run_spile(&address, &["streams", "verify", "-q"], b"");
    let verified = tokio::task::spawn_blocking(verify).await.unwrap();
    let damage = String::from_utf8(verified.stdout).unwrap();
    assert_eq!(verified.status.code(), Some(1), "{damage}");
    assert!(damage.starts_with("web: streams/web/segments/") && damage.lines().count() == 1, "{damage}");

    spile(&server, &["streams", "delete", "web", "--yes", "-q"]).await;
    assert!(!spile(&server, &["streams", "-o", "jsonl"]).await.contains("\"web\""));
}
