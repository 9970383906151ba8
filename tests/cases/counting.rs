//! `Count`, `Histogram` and `Context`.

use spile_proto::v1::context_request::Position;
use spile_proto::v1::{
    ContextRequest, CountRequest, Filter, GetStreamRequest, HistogramRequest, HistogramResponse, LogRecord,
    TailRequest,
};
use spile_tests::{Server, ServerOptions};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::support::{Reading, after, all_of, append, delivered, matching, numbered, record};

const MINUTE: u64 = 60_000_000_000;

/// A record of each minute; every tenth is an ERROR.
fn minutes(range: std::ops::Range<u64>) -> Vec<LogRecord> {
    let minute = |n: u64| LogRecord {
        time_unix_nano: 1_000 * 60 * MINUTE + n * MINUTE,
        ..record(format!("minute {n}"), if n.is_multiple_of(10) { 17 } else { 9 })
    };
    range.map(minute).collect()
}

fn field(status: &Status) -> String {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    status.get_details_bad_request().expect("a BadRequest").field_violations[0].field.clone()
}

async fn histogram(server: &Server, request: HistogramRequest) -> Result<HistogramResponse, Status> {
    let request = HistogramRequest { stream: "s".into(), ..request };
    Ok(server.read().await.unwrap().histogram(request).await?.into_inner())
}

#[tokio::test]
async fn a_count_and_a_tail_from_its_cursor_are_the_whole() {
    let server = ServerOptions::new().args(["--ring-bytes", "1MiB"]).start().await.unwrap();
    append(&server, "s", numbered("a long line that fills the memory soon", 0..30_000)).await;
    let mut client = server.read().await.unwrap();
    let mut tail = 30_000;
    for (expression, records, looked) in
        [("", tail, 0), ("severity>=ERROR", 3_001, tail + 1), ("\"n 7710\"", 3, tail + 2)]
    {
        let request = CountRequest { stream: "s".into(), filter: matching(expression) };
        let count = client.count(request).await.unwrap().into_inner();
        assert_eq!((count.records, count.scanned), (records, looked), "{expression}");
        append(&server, "s", numbered("n", 7_710..7_711)).await;
        tail += 1;
        let request = TailRequest { start: after(count.cursor), ..all_of("s") };
        let mut rest = Reading::open(&server, request).await.unwrap();
        rest.read_to_end().await.unwrap();
        assert_eq!(rest.bodies(), ["n 7710"]);
    }
    let info = client.get_stream(GetStreamRequest { stream: "s".into() }).await.unwrap();
    let info = info.into_inner().stream.unwrap();
    assert_eq!((info.records, info.tail), (tail, tail));
    assert!(info.retention.unwrap().inherited);
}

#[tokio::test]
async fn a_histogram_has_round_buckets_without_holes() {
    let server = Server::start().await.unwrap();
    append(&server, "s", minutes(0..60)).await;
    append(&server, "s", minutes(120..180)).await;
    let found = histogram(&server, HistogramRequest { max_buckets: 12, ..HistogramRequest::default() })
        .await
        .unwrap();
    assert_eq!(found.bucket_nanos, 15 * MINUTE);
    let of: Vec<_> =
        found.buckets.iter().map(|bucket| bucket.counts.iter().map(|c| c.records).sum::<u64>()).collect();
    assert_eq!(of, [15, 15, 15, 15, 0, 0, 0, 0, 15, 15, 15, 15]);
    assert_eq!(found.records, 120);
    let counts: Vec<_> = found.buckets[0].counts.iter().map(|c| (c.severity_number, c.records)).collect();
    assert_eq!(counts, [(9, 13), (17, 2)]);
    for (nth, bucket) in found.buckets.iter().enumerate() {
        assert_eq!(bucket.start_unix_nano, 1_000 * 60 * MINUTE + nth as u64 * 15 * MINUTE);
    }
}

#[tokio::test]
async fn a_filter_bounds_a_histogram() {
    let server = Server::start().await.unwrap();
    append(&server, "s", minutes(0..180)).await;
    let filter = Filter {
        level: "error".into(),
        since_unix_nano: 1_000 * 60 * MINUTE + 30 * MINUTE,
        until_unix_nano: 1_000 * 60 * MINUTE + 60 * MINUTE,
        ..Filter::default()
    };
    let request =
        HistogramRequest { filter: Some(filter), bucket_nanos: 10 * MINUTE, ..HistogramRequest::default() };
    let found = histogram(&server, request.clone()).await.unwrap();
    assert_eq!((found.buckets.len(), found.records), (3, 3));
    let later = Filter { since_unix_nano: 9_000_000 * MINUTE, ..Filter::default() };
    let empty = histogram(&server, HistogramRequest { filter: Some(later), ..request }).await.unwrap();
    assert_eq!((empty.buckets.len(), empty.records), (0, 0));
    assert!(!empty.cursor.is_empty());
}

#[tokio::test]
async fn what_a_histogram_cannot_be_is_refused_by_field() {
    let server = Server::start().await.unwrap();
    append(&server, "s", minutes(0..180)).await;
    let many = HistogramRequest { max_buckets: 1_001, ..HistogramRequest::default() };
    assert_eq!(field(&histogram(&server, many).await.unwrap_err()), "max_buckets");
    let narrow = HistogramRequest { bucket_nanos: 1, ..HistogramRequest::default() };
    let status = histogram(&server, narrow).await.unwrap_err();
    assert_eq!(field(&status), "bucket_nanos");
    assert!(status.message().contains("use 15000000000 or more"), "{status:?}");
}

#[tokio::test]
async fn context_is_what_lies_around_a_position() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..1_000)).await;
    let mut client = server.read().await.unwrap();
    let mut tail = Reading::open(&server, TailRequest { limit: 500, ..all_of("s") }).await.unwrap();
    tail.read_to_end().await.unwrap();
    let request = |position, before, after, filter| ContextRequest {
        stream: "s".into(),
        position: Some(position),
        before,
        after,
        filter,
    };
    for (position, before, after, filter, wanted) in [
        (Position::Offset(500), 2, 3, None, vec![498, 499, 500, 501, 502]),
        (Position::Cursor(tail.cursor), 1, 1, None, vec![499, 500]),
        (Position::Offset(500), 2, 2, matching("severity>=ERROR"), vec![480, 490, 500, 510]),
        (Position::Offset(1), 5, 0, None, vec![0]),
        (Position::Offset(1_000), 2, 5, None, vec![998, 999]),
        (Position::Offset(3), 0, 0, None, vec![]),
    ] {
        let found = client.context(request(position, before, after, filter)).await.unwrap().into_inner();
        let records = delivered(found.batch.unwrap());
        assert_eq!(records.iter().map(|record| record.offset).collect::<Vec<_>>(), wanted);
        assert!(records.iter().all(|record| record.body == format!("n {}", record.offset)));
        assert_eq!(found.gaps, []);
    }
    for (request, named) in [
        (ContextRequest { stream: "s".into(), ..ContextRequest::default() }, "position"),
        (request(Position::Offset(1_001), 1, 1, None), "offset"),
        (request(Position::Cursor("?".into()), 1, 1, None), "cursor"),
        (request(Position::Offset(1), 1_001, 1, None), "before"),
        (request(Position::Offset(1), 1, 1_001, None), "after"),
    ] {
        assert_eq!(field(&client.context(request).await.unwrap_err()), named);
    }
}
