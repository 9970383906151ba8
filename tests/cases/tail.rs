//! `Tail`: history, live, cursors, ends.

use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{EndReason, Filter, LossPolicy, Start, TailRequest, start};
use spile_tests::{Server, ServerOptions};
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{Reading, after, all_of, append, checksum, matching, numbered, patiently, record};

fn end_of(reading: &Reading) -> spile_proto::v1::End {
    match reading.others.last() {
        Some(Payload::End(end)) => *end,
        other => panic!("the last message is an end, not {other:?}"),
    }
}

#[tokio::test]
async fn history_then_live_without_hole_or_duplicate() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..5_000)).await;
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("s") }).await.unwrap();
    // Records keep arriving while history is read.
    let writer = async { append(&server, "s", numbered("n", 5_000..10_000)).await };
    let (read, ()) = tokio::join!(reading.until_records(10_000), writer);
    read.unwrap();
    assert!(reading.caught_up);
    assert!(reading.offsets().into_iter().eq(0..10_000));
    assert!(reading.bodies().into_iter().eq((0..10_000).map(|n| format!("n {n}")).collect::<Vec<_>>()));
}

#[tokio::test]
async fn the_last_message_and_the_trailers_say_how_it_ended() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..100)).await;
    let request = TailRequest { filter: matching("severity>=ERROR"), limit: 7, ..all_of("s") };
    let mut reading = Reading::open(&server, request).await.unwrap();
    reading.read_to_end().await.unwrap();
    let end = end_of(&reading);
    assert_eq!((end.reason(), end.records, end.scanned), (EndReason::Limit, 7, 61));
    let sum = checksum(reading.bodies());
    assert_eq!(format!("{:08x}", end.checksum), sum);
    let trailers = reading.stream.trailers().await.unwrap().unwrap();
    for (name, value) in [
        ("spile-records", "7"),
        ("spile-scanned", "61"),
        ("spile-end-reason", "limit"),
        ("spile-checksum", &sum),
        ("spile-cursor", &reading.cursor),
    ] {
        assert_eq!(trailers.get(name).unwrap(), value, "{name}");
    }
}

#[tokio::test]
async fn resuming_at_any_cursor_gives_the_rest_once() {
    let server = ServerOptions::new().start().await.unwrap();
    append(&server, "s", numbered("n", 0..300)).await;
    let filter = matching("severity>=ERROR");
    let mut cursor = None;
    let mut bodies = Vec::new();
    loop {
        let start = cursor.take().and_then(after);
        let request = TailRequest { filter: filter.clone(), start, limit: 4, ..all_of("s") };
        let mut reading = Reading::open(&server, request).await.unwrap();
        reading.read_to_end().await.unwrap();
        bodies.extend(reading.bodies().into_iter().map(str::to_owned));
        cursor = Some(reading.cursor.clone());
        if end_of(&reading).reason() == EndReason::EndOfHistory {
            break;
        }
    }
    assert_eq!(bodies, (0..300).step_by(10).map(|n| format!("n {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn cursors_hold_across_a_restart_and_a_change_from_memory_to_disk() {
    let mut server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..1_000)).await;
    let mut reading =
        Reading::open(&server, TailRequest { follow: true, limit: 137, ..all_of("s") }).await.unwrap();
    reading.read_to_end().await.unwrap();
    server.kill().await.unwrap();
    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    let request = TailRequest { start: after(reading.cursor), ..all_of("s") };
    let mut rest = Reading::open(&server, request).await.unwrap();
    rest.read_to_end().await.unwrap();
    assert!(rest.offsets().into_iter().eq(137..1_000));
}

#[tokio::test]
async fn last_counts_matches() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..3_005)).await;
    let last = |count| Some(Start { position: Some(start::Position::Last(count)) });
    for (expression, count, first) in
        [("", 5, "n 3000"), ("severity>=ERROR", 3, "n 2980"), ("\"n 77\"", 20, "n 77")]
    {
        let request = TailRequest { filter: matching(expression), start: last(count), ..all_of("s") };
        let mut reading = Reading::open(&server, request).await.unwrap();
        reading.read_to_end().await.unwrap();
        assert_eq!(reading.bodies()[0], first, "{expression}");
        // 77 and 770 to 779.
        let wanted = if expression.contains("77") { 11 } else { count as usize };
        assert_eq!(reading.records.len(), wanted, "{expression}");
    }
}

#[tokio::test]
async fn a_filter_finds_by_text_severity_and_attribute() {
    let server = Server::start().await.unwrap();
    let mut records = numbered("request ok", 0..500);
    records.push(record("upstream timed out", 17));
    records.push(record("healthz timed out", 17));
    append(&server, "s", records).await;
    let request = TailRequest { filter: matching(r#"severity>=ERROR "TIMED out" -healthz"#), ..all_of("s") };
    let mut reading = Reading::open(&server, request).await.unwrap();
    reading.read_to_end().await.unwrap();
    assert_eq!(reading.bodies(), ["upstream timed out"]);
    assert_eq!(reading.offsets(), [500]);
}

#[tokio::test]
async fn a_sparse_filter_never_looks_dead() {
    let server = ServerOptions::new().args(["--progress-interval", "100ms"]).start().await.unwrap();
    append(&server, "s", numbered("n", 0..50)).await;
    let request = TailRequest { filter: matching("nothingmatchesthis"), follow: true, ..all_of("s") };
    let mut reading = Reading::open(&server, request).await.unwrap();
    while !matches!(reading.others.last(), Some(Payload::Progress(_))) {
        assert!(reading.step().await.unwrap());
    }
    let Some(Payload::Progress(progress)) = reading.others.last() else { unreachable!() };
    assert_eq!((progress.next_offset, progress.tail, progress.scanned), (50, 50, 50));
}

#[tokio::test]
async fn a_stream_ends_at_its_age_with_a_cursor() {
    let server = ServerOptions::new().args(["--max-stream-age", "1s"]).start().await.unwrap();
    append(&server, "s", numbered("n", 0..5)).await;
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("s") }).await.unwrap();
    reading.read_to_end().await.unwrap();
    assert_eq!(end_of(&reading).reason(), EndReason::MaxAge);
    assert_eq!(reading.records.len(), 5);
}

#[tokio::test]
async fn a_drain_tells_every_stream_its_cursor() {
    let mut server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..5)).await;
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("s") }).await.unwrap();
    reading.until_records(5).await.unwrap();
    server.terminate().unwrap();
    let status = reading.read_to_end().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.metadata().get("spile-end-reason").unwrap(), "drain");
    assert_eq!(end_of(&reading).reason(), EndReason::Drain);
    assert_eq!(patiently("the end", server.wait()).await.unwrap(), Some(0));
    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    append(&server, "s", numbered("n", 5..8)).await;
    let mut rest =
        Reading::open(&server, TailRequest { start: after(reading.cursor), ..all_of("s") }).await.unwrap();
    rest.read_to_end().await.unwrap();
    assert_eq!(rest.bodies(), ["n 5", "n 6", "n 7"]);
}

#[tokio::test]
async fn until_ends_a_tail() {
    let server = Server::start().await.unwrap();
    let timed = |n: u64| spile_proto::v1::LogRecord { time_unix_nano: n, ..record(format!("t {n}"), 9) };
    append(&server, "s", (1..=20).map(timed).collect()).await;
    let filter = Filter { since_unix_nano: 5, until_unix_nano: 9, ..Filter::default() };
    let request = TailRequest { filter: Some(filter), follow: true, ..all_of("s") };
    let mut reading = Reading::open(&server, request).await.unwrap();
    reading.read_to_end().await.unwrap();
    assert_eq!(reading.bodies(), ["t 5", "t 6", "t 7", "t 8"]);
    assert_eq!(end_of(&reading).reason(), EndReason::Until);
}

#[tokio::test]
async fn what_retention_removed_is_told_as_a_gap() {
    let options = ["--journal-file-bytes", "64KiB", "--retain-bytes", "1MiB"];
    let server = ServerOptions::new().args(options).start().await.unwrap();
    append(&server, "s", numbered("first", 0..10)).await;
    let mut reading = Reading::open(&server, TailRequest { limit: 3, ..all_of("s") }).await.unwrap();
    reading.read_to_end().await.unwrap();
    use rand::RngExt;
    let noise = |n: u64| record(format!("{n} {:x}", rand::rng().random::<u128>()), 9);
    for _ in 0..20 {
        append(&server, "s", (0..2_000).map(noise).collect()).await;
    }
    let mut client = server.read().await.unwrap();
    let info = patiently("retention", async {
        loop {
            let request = spile_proto::v1::GetStreamRequest { stream: "s".into() };
            let info = client.get_stream(request).await.unwrap().into_inner().stream.unwrap();
            if info.head > 3 {
                return info;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    let request = TailRequest { start: after(reading.cursor), ..all_of("s") };
    let mut rest = Reading::open(&server, request).await.unwrap();
    rest.read_to_end().await.unwrap();
    let Payload::Gap(gap) = &rest.others[0] else { panic!("a gap comes first, not {:?}", rest.others[0]) };
    assert_eq!(gap.from, 3);
    assert!(gap.to >= info.head, "the gap reaches to the head");
    assert!(rest.offsets().into_iter().eq(gap.to..info.tail));
}

#[tokio::test]
async fn bad_requests_name_the_field() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..5)).await;
    append(&server, "other", numbered("n", 0..5)).await;
    let mut elsewhere = Reading::open(&server, all_of("other")).await.unwrap();
    elsewhere.read_to_end().await.unwrap();
    let start = |position| Some(Start { position: Some(position) });
    let cases = [
        (all_of("Not A Name"), Code::InvalidArgument, "INVALID_STREAM_NAME", "stream"),
        (all_of("missing"), Code::NotFound, "STREAM_NOT_FOUND", "stream"),
        (
            TailRequest { filter: matching("severity>="), ..all_of("s") },
            Code::InvalidArgument,
            "INVALID_FILTER",
            "filter.expression",
        ),
        (
            TailRequest { start: after("nonsense"), ..all_of("s") },
            Code::InvalidArgument,
            "INVALID_CURSOR",
            "start.after_cursor",
        ),
        (
            TailRequest { start: after(elsewhere.cursor), ..all_of("s") },
            Code::InvalidArgument,
            "CURSOR_OF_OTHER_STREAM",
            "start.after_cursor",
        ),
        (
            TailRequest { start: start(start::Position::Last(0)), ..all_of("s") },
            Code::InvalidArgument,
            "INVALID_FIELD",
            "start.last",
        ),
        (
            TailRequest { start: start(start::Position::Offset(6)), ..all_of("s") },
            Code::InvalidArgument,
            "INVALID_FIELD",
            "start.offset",
        ),
        (
            TailRequest { loss_policy: 77, ..all_of("s") },
            Code::InvalidArgument,
            "INVALID_FIELD",
            "loss_policy",
        ),
    ];
    for (request, code, reason, field) in cases {
        let status = Reading::open(&server, request).await.map(|_| ()).unwrap_err();
        let details = status.get_error_details();
        assert_eq!((status.code(), details.error_info().unwrap().reason.as_str()), (code, reason));
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, field, "{status:?}");
    }
    let lossy = TailRequest { loss_policy: LossPolicy::SkipToLive.into(), ..all_of("s") };
    assert!(Reading::open(&server, lossy).await.is_ok());
}

#[tokio::test]
async fn count_agrees_with_tail() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..1_234)).await;
    let mut client = server.read().await.unwrap();
    for (expression, expected) in [("", 1_234), ("severity>=ERROR", 124), ("\"n 12\"", 45)] {
        let request = spile_proto::v1::CountRequest { stream: "s".into(), filter: matching(expression) };
        let counted = client.count(request).await.unwrap().into_inner();
        assert_eq!(counted.records, expected, "{expression}");
        let mut reading = Reading::open(&server, TailRequest { filter: matching(expression), ..all_of("s") })
            .await
            .unwrap();
        reading.read_to_end().await.unwrap();
        assert_eq!(reading.records.len() as u64, expected, "{expression}");
    }
}
