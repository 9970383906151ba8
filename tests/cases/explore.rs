//! Sessions over the wire: the request changes while records flow.

mod ends;
mod session;

use spile_proto::v1::explore_response::Answer;
use spile_proto::v1::start::{Before, Latest, Oldest, Position, before};
use spile_proto::v1::{
    ContextRequest, EndReason, LogRecord, Order, SeverityNumber, Start, TailRequest, context_request,
};
use spile_tests::{Server, ServerOptions};

use crate::support::{all_of, append, delivered, matching, numbered};
use session::Session;

fn at(position: Position) -> Option<Start> {
    Some(Start { position: Some(position) })
}

fn follow(stream: &str, expression: &str) -> TailRequest {
    TailRequest { filter: matching(expression), follow: true, ..all_of(stream) }
}

#[tokio::test]
async fn no_record_of_the_old_filter_carries_the_new_number() {
    let server = ServerOptions::new().args(["--ring-bytes", "1MiB"]).start().await.unwrap();
    append(&server, "s", numbered("n", 0..60_000)).await;
    let mut session = Session::open(&server).await;
    let all = session.read(follow("s", "")).await;
    session.until_records(all, 1).await;
    // While records of the first are on their way.
    let errors = session.read(follow("s", "severity>=ERROR")).await;
    session.until_records(errors, 6_000).await;
    assert!(session.offsets(errors).eq((0..60_000).step_by(10)));
    assert!(session.offsets(all).eq(0..session.count(all) as u64), "what came of the first was in order");
    let accepted = session.index_of(errors, |answer| matches!(answer, Answer::Accepted(_)));
    assert!(
        session.answers[accepted..].iter().all(|(number, _)| *number == errors),
        "nothing old comes after"
    );
    // Live goes on under the new one.
    append(&server, "s", numbered("n", 60_000..60_020)).await;
    session.until_records(errors, 6_002).await;
    assert!(session.offsets(errors).eq((0..60_020).step_by(10)));
}

#[tokio::test]
async fn it_seeks_back_and_jumps_to_live() {
    let server = Server::start().await.unwrap();
    let timed = |n: u64| LogRecord { time_unix_nano: 1_000 + n, ..numbered("n", n..n + 1).remove(0) };
    append(&server, "s", (0..1_000).map(timed).collect()).await;
    let mut session = Session::open(&server).await;
    let live = session.read(TailRequest { start: at(Position::Latest(Latest {})), ..follow("s", "") }).await;
    session.until(live, |answer| matches!(answer, Answer::Accepted(_))).await;
    append(&server, "s", (1_000..1_003).map(timed).collect()).await;
    session.until_records(live, 3).await;

    let before = |position, records| Position::Before(Before { position: Some(position), records });
    let cursor = session.cursor(live);
    let seeks = [
        (Position::Offset(990), "", 990),
        (Position::TimeUnixNano(1_500), "", 500),
        (Position::TimeUnixNano(9_999), "", 1_003),
        (Position::Oldest(Oldest {}), "", 0),
        (Position::Last(10), "severity>=ERROR", 910),
        (before(before::Position::Cursor(cursor), 3), "", 1_000),
        (before(before::Position::Offset(500), 3), "severity>=ERROR", 470),
        (before(before::Position::TimeUnixNano(1_500), 7), "", 493),
    ];
    for (position, expression, first) in seeks {
        let request = TailRequest { start: at(position.clone()), ..follow("s", expression) };
        let number = session.read(request.clone()).await;
        session.until(number, session::caught_up).await;
        let step = if expression.is_empty() { 1 } else { 10 };
        let wanted: Vec<u64> = (0..1_003).step_by(step).filter(|offset| *offset >= first).collect();
        assert_eq!(session.offsets(number).collect::<Vec<_>>(), wanted, "{position:?}");
        // A tail starts at the same place.
        let mut tail =
            crate::support::Reading::open(&server, TailRequest { follow: false, ..request }).await.unwrap();
        tail.read_to_end().await.unwrap();
        assert_eq!(tail.offsets(), wanted, "{position:?}");
    }

    let live = session.read(TailRequest { start: at(Position::Last(2)), ..follow("s", "") }).await;
    session.until_records(live, 2).await;
    append(&server, "s", vec![timed(1_003)]).await;
    session.until_records(live, 3).await;
    assert!(session.offsets(live).eq(1_001..1_004));
}

#[tokio::test]
async fn nothing_is_missing_after_a_long_pause() {
    let arguments = ["--ring-bytes", "1MiB", "--progress-interval", "300ms", "--stall-limit", "500ms"];
    let server = ServerOptions::new().args(arguments).start().await.unwrap();
    append(&server, "s", numbered("n", 0..100)).await;
    let mut session = Session::open(&server).await;
    let read = session.read(follow("s", "")).await;
    session.until_records(read, 100).await;
    let pause = session.pause().await;
    session.until(pause, |answer| matches!(answer, Answer::Paused(_))).await;
    let Answer::Paused(paused) = &session.answers.last().unwrap().1 else { panic!("it was just told") };
    assert_eq!(paused.cursor, session.cursor(read));

    append(&server, "s", numbered("n", 100..60_000)).await;
    // Far longer than the stall limit; progress tells how far the tail is.
    for _ in 0..4 {
        session.until_next(read, |answer| session::progress(answer).is_some_and(|tail| tail == 60_000)).await;
    }
    // What is asked beside it is answered.
    let fetch =
        session.fetch(TailRequest { limit: 5, order: Order::NewestFirst.into(), ..all_of("s") }).await;
    session.until(fetch, |answer| session::end(answer) == Some(EndReason::Limit)).await;
    assert!(session.offsets(fetch).eq((59_995..60_000).rev()));
    assert_eq!(session.count(read), 100, "nothing is read while it is paused");
    let stalled = server.metric("spile_stream_ends_total", &["Explore", "stalled"]).await.unwrap();
    assert_eq!(stalled, 0.0, "a paused session is well");

    session.resume().await;
    session.until_records(read, 60_000).await;
    assert!(session.offsets(read).eq(0..60_000));
}

#[tokio::test]
async fn older_records_and_context_come_beside_what_is_read() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..1_000)).await;
    let mut session = Session::open(&server).await;
    let read =
        session.read(TailRequest { start: at(Position::Last(1)), ..follow("s", "severity>=ERROR") }).await;
    session.until_records(read, 1).await;
    let cursor = session.cursor(read);

    let older = TailRequest {
        start: at(Position::Offset(990)),
        order: Order::NewestFirst.into(),
        limit: 20,
        ..follow("s", "severity>=ERROR")
    };
    let fetch = session.fetch(TailRequest { follow: false, ..older.clone() }).await;
    let context = session
        .context(ContextRequest {
            stream: "s".into(),
            position: Some(context_request::Position::Offset(990)),
            before: 3,
            after: 4,
            filter: None,
        })
        .await;
    session.until(fetch, |answer| session::end(answer) == Some(EndReason::Limit)).await;
    assert!(session.offsets(fetch).eq((0..20).map(|n| 980 - 10 * n)));
    session.until(context, |answer| matches!(answer, Answer::Context(_))).await;
    let found = session.answers.iter().find_map(|(_, answer)| match answer {
        Answer::Context(context) => Some(context.clone()),
        _ => None,
    });
    let batch = found.unwrap().batch.unwrap();
    assert_eq!(batch.records[3].severity_number(), SeverityNumber::Error);
    let offsets: Vec<u64> = delivered(batch).into_iter().map(|record| record.offset).collect();
    assert_eq!(offsets, [987, 988, 989, 990, 991, 992, 993]);

    // Down to the first record, and on from its cursor in the other direction.
    let rest = session.fetch(TailRequest { follow: false, limit: 1_000, ..older }).await;
    session.until(rest, |answer| session::end(answer) == Some(EndReason::EndOfHistory)).await;
    assert_eq!(session.count(rest), 99);
    append(&server, "s", numbered("n", 1_000..1_011)).await;
    session.until_records(read, 3).await;
    assert!(session.offsets(read).eq([990, 1_000, 1_010]), "the read goes on beside");
    assert_ne!(session.cursor(read), cursor);
}

#[tokio::test]
async fn a_wrong_request_is_refused_and_the_session_goes_on() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..50)).await;
    let mut session = Session::open(&server).await;
    let read = session.read(follow("s", "")).await;
    session.until_records(read, 50).await;

    let bad_filter = session.read(follow("s", "severity>=")).await;
    let refusal = session.refusal(bad_filter).await;
    assert_eq!((refusal.code, refusal.reason.as_str()), (3, "INVALID_FILTER"));
    assert_eq!(refusal.field_violations[0].field, "read.filter.expression");
    let no_stream = session.read(follow("missing", "")).await;
    assert_eq!(session.refusal(no_stream).await.reason, "STREAM_NOT_FOUND");
    let no_limit = session.fetch(all_of("s")).await;
    assert_eq!(session.refusal(no_limit).await.field_violations[0].field, "fetch.limit");
    let follows = session.fetch(TailRequest { limit: 1, ..follow("s", "") }).await;
    assert_eq!(session.refusal(follows).await.field_violations[0].field, "fetch.follow");
    let nowhere = session.context(ContextRequest { stream: "s".into(), ..ContextRequest::default() }).await;
    assert_eq!(session.refusal(nowhere).await.field_violations[0].field, "context.position");
    session.send(nowhere, None).await;
    assert_eq!(session.refusal(nowhere).await.field_violations[0].field, "number");
    let nothing = session.next_number();
    session.send(nothing, None).await;
    assert_eq!(session.refusal(nothing).await.field_violations[0].field, "action");

    // What was read before goes on, by its number.
    append(&server, "s", numbered("n", 50..60)).await;
    session.until_records(read, 60).await;
    assert!(session.offsets(read).eq(0..60));
}

#[tokio::test]
async fn of_many_requests_at_once_the_last_counts() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..20_000)).await;
    let mut session = Session::open(&server).await;
    let mut last = 0;
    for n in 0..2_000 {
        last = session
            .read(TailRequest { start: at(Position::Offset(n)), ..follow("s", "severity>=ERROR") })
            .await;
        session.fetch(TailRequest { limit: 10_000, ..all_of("s") }).await;
    }
    session.until(last, session::caught_up).await;
    assert!(session.offsets(last).eq((2_000..20_000).step_by(10)));
    let accepted = session.answers.iter().filter(|(_, answer)| matches!(answer, Answer::Accepted(_))).count();
    println!("{accepted} of 4000 requests were begun");
}
