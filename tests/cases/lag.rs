//! A reader that stops reading harms nobody and misses nothing.

use spile_proto::v1::TailRequest;
use spile_tests::ServerOptions;
use tonic::Code;

use crate::support::{Reading, after, all_of, append, numbered, record, until_metric};

const RECORDS: u64 = 60_000;

#[tokio::test]
async fn a_stopped_reader_is_ended_and_resumes_without_a_hole() {
    let server =
        ServerOptions::new().args(["--stall-limit", "500ms", "--ring-bytes", "1MiB"]).start().await.unwrap();
    append(&server, "s", vec![record("first", 9)]).await;
    let follow = || TailRequest { follow: true, ..all_of("s") };
    let mut stopped = Reading::open(&server, follow()).await.unwrap();
    stopped.until_records(1).await.unwrap();
    let mut reading = Reading::open(&server, follow()).await.unwrap();
    let before = server.resident_bytes().unwrap();
    let long = "x".repeat(400);
    let records: Vec<_> = (1..RECORDS).map(|n| record(format!("{n} {long}"), 9)).collect();
    let (read, ()) = tokio::join!(reading.until_records(RECORDS as usize), append(&server, "s", records));
    read.unwrap();
    assert!(reading.offsets().into_iter().eq(0..RECORDS), "the other reader loses nothing");
    until_metric(&server, "spile_stream_ends_total", &["Tail", "stalled"], |n| n == 1.0).await;
    // What the stopped one held is gone: the server grew by its ring and buffers, not by what was not read.
    let grown = server.resident_bytes().unwrap().saturating_sub(before);
    assert!(grown < 24 << 20, "grew by {grown} bytes while {} MiB were not read", (RECORDS * 400) >> 20);

    // Should it come back in time it is told; its cursor then gives the rest.
    let status = loop {
        match stopped.step().await {
            Ok(more) => assert!(more, "a stalled stream does not end well"),
            Err(status) => break status,
        }
    };
    assert!(
        matches!(status.code(), Code::Aborted | Code::Cancelled | Code::Internal | Code::Unknown),
        "{status:?}"
    );
    let mut rest =
        Reading::open(&server, TailRequest { start: after(stopped.cursor.clone()), ..all_of("s") })
            .await
            .unwrap();
    rest.read_to_end().await.unwrap();
    let whole = stopped.offsets().into_iter().chain(rest.offsets());
    assert!(whole.eq(0..RECORDS), "what it had and the rest are the whole");
}

#[tokio::test]
async fn a_stopped_reader_holds_less_than_a_mebibyte() {
    const STOPPED: usize = 40;
    let server = ServerOptions::new().args(["--ring-bytes", "1MiB"]).start().await.unwrap();
    let long = "x".repeat(400);
    let records = |from: u64| (from..from + 20_000).map(|n| record(format!("{n} {long}"), 9)).collect();
    // What is made once is made: a reader reads everything, twice as much as follows.
    append(&server, "s", records(0)).await;
    append(&server, "s", records(0)).await;
    let mut reading = Reading::open(&server, all_of("s")).await.unwrap();
    reading.read_to_end().await.unwrap();
    let before = server.resident_bytes().unwrap();
    let mut stopped = Vec::new();
    for _ in 0..STOPPED {
        let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("s") }).await.unwrap();
        reading.until_records(1).await.unwrap();
        stopped.push(reading);
    }
    append(&server, "s", records(40_000)).await;
    let mut reading = Reading::open(&server, all_of("s")).await.unwrap();
    reading.read_to_end().await.unwrap();
    assert_eq!(reading.records.len(), 60_000, "the other readers lose nothing");
    let each = server.resident_bytes().unwrap().saturating_sub(before) / STOPPED as u64;
    println!("{each} bytes for each of {STOPPED} stopped readers");
    assert!(each < 1 << 20, "{each} bytes for each stopped reader");
}

#[tokio::test]
async fn a_slow_reader_goes_on_from_disk_when_memory_has_moved_on() {
    let server = ServerOptions::new().args(["--ring-bytes", "1MiB"]).start().await.unwrap();
    append(&server, "s", numbered("n", 0..10)).await;
    let mut slow = Reading::open(&server, TailRequest { follow: true, ..all_of("s") }).await.unwrap();
    slow.until_records(10).await.unwrap();
    append(&server, "s", numbered("n", 10..60_000)).await;
    slow.until_records(60_000).await.unwrap();
    assert!(slow.offsets().into_iter().eq(0..60_000));
    assert!(
        slow.others.iter().all(|other| !matches!(other, spile_proto::v1::tail_response::Payload::Gap(_)))
    );
}
