//! What a session asks for and tells, call by call.

use futures_util::FutureExt;
use spile_proto::v1::explore_request::Action;
use spile_proto::v1::explore_response::{Accepted, Answer, Paused, Refusal, SessionEnd};
use spile_proto::v1::start::Position;
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{
    CaughtUp, ContextRequest, ContextResponse, EndReason, ExploreRequest, ExploreResponse, LogRecord,
    RecordBatch, TailRequest, TailResponse,
};
use tokio::task::JoinSet;
use tonic::Status;

use super::fake::Fake;
use super::fake::explore::Step::{self, Fail, Take};
use super::net::connected;
use super::tail::at_once;
use crate::{Client, Error, ExploreEvent, Explorer, TailEvent};

fn say(request: u64, answer: Answer) -> Step {
    Step::Say(ExploreResponse { request, answer: Some(answer) })
}

fn accepted(request: u64, start: u64) -> Step {
    say(request, Answer::Accepted(Accepted { start_cursor: format!("c{start}"), ..Accepted::default() }))
}

/// One record at this offset.
fn record(request: u64, offset: u64) -> Step {
    tail(request, offset + 1, Payload::Batch(batch(offset)))
}

fn batch(offset: u64) -> RecordBatch {
    let record = LogRecord { body: offset.to_string(), ..LogRecord::default() };
    RecordBatch { records: vec![record], first_offset: offset, ..RecordBatch::default() }
}

fn tail(request: u64, cursor: u64, payload: Payload) -> Step {
    say(request, Answer::Tail(TailResponse { cursor: format!("c{cursor}"), payload: Some(payload) }))
}

fn end(reason: EndReason, bodies: &[&str]) -> Step {
    let checksum = bodies
        .iter()
        .fold(0, |sum, body| crc32c::crc32c_append(crc32c::crc32c_append(sum, body.as_bytes()), b"\n"));
    let end =
        SessionEnd { reason: reason.into(), records: bodies.len() as u64, checksum, ..SessionEnd::default() };
    say(0, Answer::End(end))
}

fn refusal(request: u64) -> Step {
    say(request, Answer::Refusal(Refusal { message: "no".to_owned(), ..Refusal::default() }))
}

fn gone() -> Step {
    Fail(Status::unavailable("gone"))
}

struct Session {
    fake: std::sync::Arc<Fake>,
    explorer: Explorer,
    client: Client,
    _tasks: JoinSet<()>,
}

/// A session over a server that goes by scripts, one for each call.
async fn session<const N: usize>(scripts: [Vec<Step>; N]) -> Session {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    fake.state().explore_plans.extend(scripts);
    let client = connected(&fake, &mut tasks).await;
    let explorer = client.explore().retry(at_once()).open();
    Session { fake, explorer, client, _tasks: tasks }
}

impl Session {
    /// The next event, in short.
    async fn next(&mut self) -> String {
        match self.explorer.next().await {
            None => "over".to_owned(),
            Some(Err(error)) => format!("error: {error}"),
            Some(Ok(event)) => describe(&event),
        }
    }

    async fn told(&mut self, wanted: &[&str]) {
        for wanted in wanted {
            assert_eq!(self.next().await, *wanted);
        }
    }

    /// The requests of a call: number, and what it asks for.
    fn asked(&self, call: usize) -> Vec<(u64, String)> {
        self.fake.state().explores[call].iter().map(|request| (request.number, action(request))).collect()
    }
}

fn describe(event: &ExploreEvent) -> String {
    match event {
        ExploreEvent::Accepted { request, .. } => format!("{request} accepted"),
        ExploreEvent::Tail { request, event: TailEvent::Batch(batch) } => {
            let bodies: Vec<_> = batch.iter().map(|record| record.record.body.as_str()).collect();
            format!("{request}: {}", bodies.join(" "))
        }
        ExploreEvent::Tail { request, event: TailEvent::End(end) } => {
            format!("{request} end: {}, {} records", end.reason.as_str_name(), end.records)
        }
        ExploreEvent::Tail { request, event } => format!("{request}: {event:?}"),
        ExploreEvent::Context { request, context } => format!("{request} context: {}", context.records.len()),
        ExploreEvent::Paused { request } => format!("{request} paused"),
        ExploreEvent::Resumed { request } => format!("{request} resumed"),
        ExploreEvent::Refused { request, refusal } => format!("{request} refused: {}", refusal.message),
        ExploreEvent::Reconnecting { .. } => "again".to_owned(),
        ExploreEvent::Reconnected => "open".to_owned(),
        ExploreEvent::Closed => "closed".to_owned(),
    }
}

fn action(request: &ExploreRequest) -> String {
    let reading = |kind: &str, request: &TailRequest| {
        let start = match request.start.as_ref().and_then(|start| start.position.as_ref()) {
            None => "oldest".to_owned(),
            Some(Position::AfterCursor(cursor)) => cursor.clone(),
            Some(other) => format!("{other:?}"),
        };
        format!("{kind} {:?} {start} {}", request.stream, request.limit)
    };
    match request.action.as_ref().unwrap() {
        Action::Read(request) => reading("read", request),
        Action::Fetch(request) => reading("fetch", request),
        Action::Context(_) => "context".to_owned(),
        Action::Pause(_) => "pause".to_owned(),
        Action::Resume(_) => "resume".to_owned(),
    }
}

#[tokio::test]
async fn answers_come_with_their_number_and_those_to_replaced_requests_do_not() {
    let script = vec![
        Take(2),
        accepted(1, 0),
        record(1, 0),
        Take(4),
        // These were on their way.
        record(1, 1),
        record(2, 5),
        accepted(4, 0),
        record(4, 6),
        accepted(3, 0),
        record(1, 2),
        record(3, 7),
    ];
    let mut session = session([script]).await;
    let client = session.client.clone();
    assert_eq!(session.explorer.read(client.tail().stream("a").follow()), 1);
    assert_eq!(session.explorer.fetch(client.tail().stream("a").limit(9)), 2);
    session.told(&["1 accepted", "1: 0"]).await;
    session.explorer.read(client.tail().stream("b").follow());
    session.explorer.fetch(client.tail().stream("b").limit(9));
    session.told(&["1: 1", "4 accepted", "4: 6", "3 accepted", "3: 7"]).await;
    assert_eq!(session.explorer.cursor(), Some("c8"));
}

#[tokio::test]
async fn a_call_that_breaks_goes_on_with_what_was_asked_where_it_was() {
    let first =
        vec![Take(2), accepted(1, 5), record(1, 5), accepted(2, 0), record(2, 0), record(2, 1), gone()];
    let second = vec![Take(3), accepted(1, 6), record(1, 6), accepted(2, 2), record(2, 2), gone()];
    let third = vec![Take(2), accepted(1, 7), record(1, 7)];
    let mut session = session([first, second, third]).await;
    let client = session.client.clone();
    session.explorer.read(client.tail().stream("a").latest().follow());
    session.explorer.fetch(client.tail().stream("a").limit(3));
    session.told(&["1 accepted", "1: 5", "2 accepted", "2: 0", "2: 1", "again"]).await;
    session.explorer.pause();
    session.told(&["open", "1: 6", "2: 2"]).await;
    // All of the fetch came but its end.
    session.told(&["again", "2 end: END_REASON_LIMIT, 3 records", "open"]).await;
    // Its beginning is told once.
    session.told(&["1: 7"]).await;
    let requests = |call| session.asked(call);
    assert_eq!(
        requests(0),
        [(1, "read \"a\" Latest(Latest) 0".to_owned()), (2, "fetch \"a\" oldest 3".to_owned())]
    );
    assert_eq!(
        requests(1),
        [(1, "read \"a\" c6 0".to_owned()), (2, "fetch \"a\" c2 1".to_owned()), (3, "pause".to_owned())]
    );
}

#[tokio::test]
async fn what_is_read_stays_when_a_request_is_refused() {
    let first =
        vec![Take(1), accepted(1, 0), record(1, 0), Take(3), refusal(2), record(1, 1), refusal(3), gone()];
    let second = vec![Take(1), accepted(1, 2), record(1, 2), refusal(1)];
    let mut session = session([first, second]).await;
    let client = session.client.clone();
    session.explorer.read(client.tail().follow());
    session.told(&["1 accepted", "1: 0"]).await;
    session.explorer.read(client.tail().filter("severity>=").follow());
    session.explorer.context(ContextRequest::default());
    session.told(&["2 refused: no", "1: 1", "3 refused: no", "again", "open", "1: 2"]).await;
    session.told(&["1 refused: no"]).await;
    assert_eq!(session.asked(1), [(1, "read \"\" c2 0".to_owned())]);
}

#[tokio::test]
async fn a_pause_holds_over_a_break_and_a_new_reading_ends_it() {
    let first =
        vec![Take(2), accepted(1, 0), say(2, Answer::Paused(Paused::default())), end(EndReason::MaxAge, &[])];
    let second = vec![
        Take(2),
        accepted(1, 0),
        say(2, Answer::Paused(Paused::default())),
        Take(3),
        accepted(3, 0),
        gone(),
    ];
    let third = vec![Take(1), tail(3, 4, Payload::CaughtUp(CaughtUp { tail: 4 }))];
    let mut session = session([first, second, third]).await;
    let client = session.client.clone();
    session.explorer.read(client.tail().follow());
    session.explorer.pause();
    session.told(&["1 accepted", "2 paused", "again", "open", "2 paused"]).await;
    session.explorer.read(client.tail().follow());
    session.told(&["3 accepted", "again", "open"]).await;
    assert!(session.next().await.contains("CaughtUp"));
    assert_eq!(session.asked(2).len(), 1, "{:?}", session.asked(2));
}

#[tokio::test]
async fn closing_ends_it_well() {
    let context = ContextResponse { batch: Some(batch(3)), gaps: Vec::new() };
    let script = vec![
        Take(2),
        accepted(1, 0),
        record(1, 0),
        say(2, Answer::Context(context)),
        end(EndReason::Closed, &["0", "3"]),
    ];
    let mut session = session([script]).await;
    let client = session.client.clone();
    session.explorer.read(client.tail());
    session.explorer.context(ContextRequest { after: 1, ..ContextRequest::default() });
    session.explorer.close();
    session.told(&["1 accepted", "1: 0", "2 context: 1"]).await;
    // The fake's call goes on until its caller has closed its side.
    session.told(&["closed", "over"]).await;
    session.fake.idle().await;
}

#[tokio::test]
async fn damage_is_an_error_also_where_answers_are_not_told() {
    let script = vec![Take(1), accepted(1, 0), record(9, 0), end(EndReason::Closed, &["not 0"])];
    let mut session = session([script]).await;
    session.explorer.read(TailRequest::default());
    session.told(&["1 accepted"]).await;
    assert!(session.next().await.contains("damaged"));
    session.told(&["over"]).await;
}

#[tokio::test]
async fn a_server_that_knows_no_sessions_is_a_verdict() {
    let mut session = session([vec![Fail(Status::unimplemented("no such method"))]]).await;
    session.explorer.read(TailRequest::default());
    match session.explorer.next().await {
        Some(Err(Error::Status(status))) => assert_eq!(status.code(), tonic::Code::Unimplemented),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn dropping_a_session_ends_its_call() {
    let mut session = session([]).await;
    session.explorer.read(TailRequest::default());
    assert!(session.explorer.next().now_or_never().is_none());
    drop(session.explorer);
    session.fake.idle().await;
}
