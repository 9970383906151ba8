//! `Tail` in other orders than by offset.

use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{EndReason, LogRecord, LossPolicy, Order, Start, TailRequest, start};
use spile_tests::{Server, ServerOptions};
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{Reading, after, all_of, append, checksum, matching, numbered, record};

fn newest_first(stream: &str) -> TailRequest {
    TailRequest { order: Order::NewestFirst.into(), ..all_of(stream) }
}

fn at(position: start::Position) -> Option<Start> {
    Some(Start { position: Some(position) })
}

fn end_reason(reading: &Reading) -> EndReason {
    match reading.others.last() {
        Some(Payload::End(end)) => end.reason(),
        other => panic!("the last message is an end, not {other:?}"),
    }
}

async fn read(server: &Server, request: TailRequest) -> Reading {
    let mut reading = Reading::open(server, request).await.unwrap();
    reading.read_to_end().await.unwrap();
    reading
}

#[tokio::test]
async fn newest_first_goes_from_memory_through_the_disk_to_the_first_record() {
    let server = ServerOptions::new().args(["--ring-bytes", "1MiB"]).start().await.unwrap();
    append(&server, "s", numbered("some words to fill the memory with", 0..40_000)).await;
    let mut client = server.read().await.unwrap();
    let response = client.tail(newest_first("s")).await.unwrap();
    assert_eq!(response.metadata().get("spile-total-records").unwrap(), "40000");
    let mut reading = read(&server, newest_first("s")).await;
    assert!(reading.offsets().into_iter().eq((0..40_000).rev()));
    assert_eq!(end_reason(&reading), EndReason::EndOfHistory);
    let trailers = reading.stream.trailers().await.unwrap().unwrap();
    assert_eq!(trailers.get("spile-checksum").unwrap(), &checksum(reading.bodies()));
    assert_eq!(trailers.get("spile-records").unwrap(), "40000");
}

#[tokio::test]
async fn newest_first_resumes_before_its_cursor_and_the_cursor_reads_on_in_both_directions() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..300)).await;
    let request = TailRequest { filter: matching("severity>=ERROR"), limit: 4, ..newest_first("s") };
    let first = read(&server, request.clone()).await;
    assert_eq!(first.offsets(), [290, 280, 270, 260]);
    assert_eq!(end_reason(&first), EndReason::Limit);
    let next = read(&server, TailRequest { start: after(first.cursor.clone()), ..request }).await;
    assert_eq!(next.offsets(), [250, 240, 230, 220]);
    let forward = read(&server, TailRequest { start: after(first.cursor), ..all_of("s") }).await;
    assert!(forward.offsets().into_iter().eq(260..300));
}

#[tokio::test]
async fn newest_first_starts_where_it_is_told_to() {
    use start::Position::{Last, Latest, Offset, Oldest};
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..100)).await;
    for (position, wanted) in [
        (Oldest(start::Oldest {}), 0..100),
        (Latest(start::Latest {}), 0..100),
        (Last(7), 93..100),
        (Offset(10), 0..10),
    ] {
        let reading = read(&server, TailRequest { start: at(position.clone()), ..newest_first("s") }).await;
        assert_eq!(reading.offsets(), wanted.rev().collect::<Vec<_>>(), "{position:?}");
    }
}

#[tokio::test]
async fn what_an_order_cannot_do_is_refused_by_field() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..10)).await;
    for (request, field) in [
        (TailRequest { follow: true, ..newest_first("s") }, "order"),
        (TailRequest { order: 9, ..all_of("s") }, "order"),
        (TailRequest { loss_policy: LossPolicy::SkipToLive.into(), ..newest_first("s") }, "loss_policy"),
        (TailRequest { start: at(start::Position::Offset(11)), ..newest_first("s") }, "start.offset"),
        (TailRequest { start: at(start::Position::Last(0)), ..newest_first("s") }, "start.last"),
        (TailRequest { start: after("no cursor"), ..newest_first("s") }, "start.after_cursor"),
    ] {
        let status = Reading::open(&server, request).await.err().expect(field);
        assert_eq!(status.code(), Code::InvalidArgument, "{field}: {status:?}");
        let violations = status.get_details_bad_request().expect("a BadRequest").field_violations;
        assert_eq!(violations[0].field, field, "{status:?}");
    }
}

fn by_time(stream: &str) -> TailRequest {
    TailRequest { order: Order::ByTime.into(), ..all_of(stream) }
}

/// Records whose times go up and down while their offsets ascend.
fn out_of_order(count: u64) -> Vec<LogRecord> {
    let time = |n: u64| 1_700_000_000_000_000_000 + n * 7_919 % 10_007;
    (0..count).map(|n| LogRecord { time_unix_nano: time(n), ..record(format!("n {n}"), 9) }).collect()
}

fn by_time_and_offset(records: &[LogRecord]) -> Vec<u64> {
    let mut offsets: Vec<u64> = (0..records.len() as u64).collect();
    offsets.sort_by_key(|&offset| (records[offset as usize].time_unix_nano, offset));
    offsets
}

#[tokio::test]
async fn by_time_sorts_what_is_stored() {
    let server = ServerOptions::new().args(["--ring-bytes", "1MiB"]).start().await.unwrap();
    let records = out_of_order(30_000);
    append(&server, "s", records.clone()).await;
    let mut client = server.read().await.unwrap();
    let response = client.tail(by_time("s")).await.unwrap();
    assert_eq!(response.metadata().get("spile-total-records").unwrap(), "30000");
    let reading = read(&server, by_time("s")).await;
    assert_eq!(reading.offsets(), by_time_and_offset(&records));
    assert!(reading.records.iter().all(|record| record.body == format!("n {}", record.offset)));
    assert_eq!(end_reason(&reading), EndReason::EndOfHistory);
}

#[tokio::test]
async fn by_time_resumes_with_what_was_stored_when_it_began() {
    let mut server = Server::start().await.unwrap();
    let records = out_of_order(1_000);
    append(&server, "s", records.clone()).await;
    let mut offsets = Vec::new();
    let mut start = None;
    loop {
        let reading = read(&server, TailRequest { start, limit: 150, ..by_time("s") }).await;
        offsets.extend(reading.offsets());
        if end_reason(&reading) == EndReason::EndOfHistory {
            break;
        }
        assert_eq!(reading.cursor.len(), 60);
        start = after(reading.cursor);
        append(&server, "s", out_of_order(10)).await;
        server.kill().await.unwrap();
        server = ServerOptions::new().data_of(&server).start().await.unwrap();
    }
    assert_eq!(offsets, by_time_and_offset(&records));
}

#[tokio::test]
async fn a_cursor_of_one_order_is_refused_by_the_other() {
    let server = Server::start().await.unwrap();
    append(&server, "s", out_of_order(10)).await;
    let timed = read(&server, TailRequest { limit: 1, ..by_time("s") }).await.cursor;
    let placed = read(&server, TailRequest { limit: 1, ..all_of("s") }).await.cursor;
    for (request, field) in [
        (TailRequest { start: after(timed.clone()), ..all_of("s") }, "start.after_cursor"),
        (TailRequest { start: after(timed), ..newest_first("s") }, "start.after_cursor"),
        (TailRequest { start: after(placed), ..by_time("s") }, "start.after_cursor"),
        (TailRequest { start: at(start::Position::Last(1)), ..by_time("s") }, "start.last"),
        (TailRequest { start: at(start::Position::Offset(1)), ..by_time("s") }, "start.offset"),
        (
            TailRequest { start: at(start::Position::Latest(start::Latest {})), ..by_time("s") },
            "start.latest",
        ),
        (TailRequest { follow: true, ..by_time("s") }, "order"),
        (TailRequest { loss_policy: LossPolicy::SkipToLive.into(), ..by_time("s") }, "loss_policy"),
    ] {
        let status = Reading::open(&server, request).await.err().expect(field);
        assert_eq!(status.code(), Code::InvalidArgument, "{field}: {status:?}");
        let violations = status.get_details_bad_request().expect("a BadRequest").field_violations;
        assert_eq!(violations[0].field, field, "{status:?}");
    }
}
