//! What a tail asks for and tells, call by call.

use std::sync::Arc;
use std::time::Duration;

use spile_proto::v1::start::Position;
use spile_proto::v1::{EndReason, TailRequest};
use tokio::task::JoinSet;
use tonic::{Code, Status};

use super::fake::{Fake, Plan};
use super::net::connected;
use crate::{Error, Interruption, RetryPolicy, Tail, TailEvent, TailStream};

/// Waits of next to nothing, so that tests do not wait.
pub(super) fn at_once() -> RetryPolicy {
    RetryPolicy::default().min(Duration::from_micros(10)).max(Duration::from_millis(1))
}

/// What is told, in short; records as their offsets, of which each must be the record's body and give its resource.
pub(super) async fn told(tail: &mut TailStream) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(event) = tail.next().await {
        match event {
            Ok(event) => told.extend(describe(&event)),
            Err(error) => told.push(format!("error: {error}")),
        }
    }
    told
}

fn describe(event: &TailEvent) -> Vec<String> {
    match event {
        TailEvent::Batch(batch) => batch
            .iter()
            .map(|record| {
                assert_eq!(record.record.body, record.offset.to_string());
                assert_eq!(record.resource.hash, record.offset % 3);
                record.offset.to_string()
            })
            .collect(),
        TailEvent::Reconnecting { cause: Interruption::Ended(reason), .. } => {
            vec![format!("again: {}", reason.as_str_name())]
        }
        TailEvent::Reconnecting { cause: Interruption::Failed(status), .. } => {
            vec![format!("again: {:?}", status.code())]
        }
        TailEvent::Reconnecting { cause: Interruption::Silent(_), .. } => vec!["again: silent".to_owned()],
        TailEvent::Reconnected => vec!["open".to_owned()],
        TailEvent::CaughtUp(mark) => vec![format!("caught up: {}", mark.tail)],
        TailEvent::End(end) => vec![format!("end: {}, {} records", end.reason.as_str_name(), end.records)],
        TailEvent::Gap(gap) => vec![format!("gap: {}..{}", gap.from, gap.to)],
        TailEvent::Progress(_) => vec![],
    }
}

/// Runs a tail over a server that goes by plans; gives what was told and what the server was asked.
pub(super) async fn run(
    records: u64,
    plans: &[Plan],
    set: impl FnOnce(Tail) -> Tail,
) -> (Vec<String>, Vec<TailRequest>) {
    let mut tasks = JoinSet::new();
    let fake = Fake::with_plans(records, plans.to_vec());
    let client = connected(&fake, &mut tasks).await;
    let told = told(&mut set(client.tail().retry(at_once())).open()).await;
    fake.idle().await;
    let asked = fake.state().tails.clone();
    (told, asked)
}

pub(super) fn position(request: &TailRequest) -> Option<Position> {
    request.start.clone().and_then(|start| start.position)
}

fn after(cursor: &str) -> Option<Position> {
    Some(Position::AfterCursor(cursor.to_owned()))
}

#[tokio::test]
async fn what_is_stored_comes_and_then_the_end() {
    let (told, asked) = run(3, &[], |tail| tail.stream("s").filter("x").level("warn").skip_to_live()).await;
    assert_eq!(told, ["0", "1", "2", "end: END_REASON_END_OF_HISTORY, 3 records"]);
    let request = &asked[0];
    assert_eq!(request.stream, "s");
    assert!(!request.follow);
    let filter = request.filter.as_ref().unwrap();
    assert_eq!((filter.expression.as_str(), filter.level.as_str()), ("x", "warn"));
    assert_eq!(request.loss_policy, 1);
}

#[tokio::test]
async fn ends_that_are_no_ends_are_resumed_behind_the_cursor() {
    let unavailable = Some(Status::unavailable("draining"));
    let plans = [
        Plan::EndAfter(2, EndReason::MaxAge, None),
        Plan::EndAfter(2, EndReason::Drain, unavailable),
        Plan::EndAfter(1, EndReason::Stalled, Some(Status::aborted("stalled"))),
        Plan::FailAfter(1, Status::unavailable("gone")),
        Plan::Refuse(Status::unavailable("still gone")),
    ];
    let (told, asked) = run(7, &plans, |tail| tail).await;
    let expected = [
        "0",
        "1",
        "again: END_REASON_MAX_AGE",
        "open",
        "2",
        "3",
        "again: END_REASON_DRAIN",
        "open",
        "4",
        "again: END_REASON_STALLED",
        "open",
        "5",
        "again: Unavailable",
        "again: Unavailable",
        "open",
        "6",
        "end: END_REASON_END_OF_HISTORY, 7 records",
    ];
    assert_eq!(told, expected);
    let starts: Vec<_> = asked.iter().map(position).collect();
    assert_eq!(starts, [None, after("c2"), after("c4"), after("c5"), after("c6"), after("c6")]);
}

#[tokio::test]
async fn verdicts_of_the_server_are_final() {
    for code in [Code::InvalidArgument, Code::NotFound, Code::PermissionDenied, Code::DeadlineExceeded] {
        let (told, asked) = run(3, &[Plan::FailAfter(1, Status::new(code, "no"))], |tail| tail).await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[1].starts_with("error: "), "{told:?}");
        assert_eq!(asked.len(), 1);
    }
}

#[tokio::test]
async fn a_limit_is_carried_over_to_the_next_call() {
    let plans = [Plan::EndAfter(4, EndReason::MaxAge, None), Plan::FailAfter(3, Status::unavailable("gone"))];
    let (told, asked) = run(100, &plans, |tail| tail.limit(10)).await;
    assert_eq!(told.last().unwrap(), "end: END_REASON_LIMIT, 10 records");
    let limits: Vec<_> = asked.iter().map(|request| request.limit).collect();
    assert_eq!(limits, [10, 6, 3]);
}

#[tokio::test]
async fn a_break_behind_the_last_record_of_the_limit_is_the_end() {
    let (told, asked) =
        run(9, &[Plan::FailAfter(2, Status::unavailable("gone"))], |tail| tail.limit(2)).await;
    assert_eq!(told, ["0", "1", "end: END_REASON_LIMIT, 2 records"]);
    assert_eq!(asked.len(), 1, "a limit of 0 would mean no limit");
}

#[tokio::test]
async fn last_n_is_asked_for_until_the_server_has_said_where_that_is() {
    let gone = Status::unavailable("gone");
    let plans = [Plan::Refuse(gone.clone()), Plan::NoStartCursor(gone.clone()), Plan::FailAfter(0, gone)];
    let (told, asked) = run(9, &plans, |tail| tail.last(2)).await;
    assert_eq!(told[told.len() - 3..], ["7", "8", "end: END_REASON_END_OF_HISTORY, 2 records"]);
    let starts: Vec<_> = asked.iter().map(position).collect();
    let last = Some(Position::Last(2));
    assert_eq!(starts, [last.clone(), last.clone(), last, after("c7")]);
}

#[tokio::test]
async fn what_arrives_while_the_first_call_breaks_is_not_missed() {
    let mut tasks = JoinSet::new();
    let fake = Fake::with_plans(5, [Plan::FailAfter(0, Status::unavailable("gone"))]);
    let client = connected(&fake, &mut tasks).await;
    let mut tail = client.tail().latest().follow().limit(2).retry(at_once()).open();
    let Some(Ok(TailEvent::Reconnecting { .. })) = tail.next().await else {
        panic!("the first call breaks before its first message");
    };
    fake.grow(2);
    let told = told(&mut tail).await;
    assert_eq!(told, ["open", "5", "6", "end: END_REASON_LIMIT, 2 records"]);
}

#[tokio::test]
async fn damage_is_an_error() {
    for plan in [Plan::WrongEnd, Plan::WrongTrailer] {
        let (told, _) = run(3, std::slice::from_ref(&plan), |tail| tail).await;
        assert!(told.last().unwrap().contains("damaged"), "{plan:?}: {told:?}");
    }
}

#[tokio::test]
async fn attempts_that_do_not_get_on_are_counted_and_given_up() {
    let refuse = Plan::Refuse(Status::unavailable("gone"));
    let plans = [&[Plan::FailAfter(1, Status::unavailable("gone"))], vec![refuse; 5].as_slice()].concat();
    let mut tasks = JoinSet::new();
    let fake = Fake::with_plans(3, plans);
    let client = connected(&fake, &mut tasks).await;
    let mut tail = client.tail().retry(at_once().max_attempts(3)).open();
    let mut attempts = Vec::new();
    let error = loop {
        match tail.next().await.unwrap() {
            Ok(TailEvent::Reconnecting { attempt, .. }) => attempts.push(attempt),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(attempts, [0, 1, 2]);
    assert!(matches!(error, Error::GaveUp { attempts: 3, .. }), "{error:?}");
    assert!(tail.next().await.is_none());
    assert_eq!(tail.cursor(), Some("c1"), "to go on by hand");
}

#[tokio::test]
async fn dropping_a_tail_ends_its_call() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(3);
    let client = connected(&fake, &mut tasks).await;
    for _ in 0..50 {
        let mut tail = client.tail().follow().open();
        tail.next().await.unwrap().unwrap();
        drop(tail);
        fake.idle().await;
    }
    assert_eq!(Arc::strong_count(&fake), 4, "the test and three services: no call holds it");
}
