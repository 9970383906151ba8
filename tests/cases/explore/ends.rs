//! How sessions end: closed by the caller, by age, deadline and drain, or because what came is no request.

use std::time::Duration;

use spile_proto::v1::explore_response::{Answer, SessionEnd};
use spile_proto::v1::{EndReason, ExploreResponse, TailRequest};
use spile_tests::{Server, ServerOptions};
use tokio_stream::StreamExt;
use tonic::{Code, Request};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;

use super::session::{self, Session};
use super::{at, follow};
use crate::support::{Reading, after, all_of, append, checksum, numbered, patiently};
use spile_proto::v1::start::Position;

/// The last answer.
fn end_of(session: &Session) -> SessionEnd {
    match session.answers.last() {
        Some((0, Answer::End(end))) => end.clone(),
        other => panic!("the last answer is not {other:?}"),
    }
}

#[tokio::test]
async fn closing_ends_it_when_all_is_answered() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..20_000)).await;
    let mut session = Session::open(&server).await;
    let read = session.read(follow("s", "")).await;
    let fetch = session.fetch(TailRequest { limit: 10_000, ..all_of("s") }).await;
    session.close();
    assert_eq!(session.read_to_end().await.code(), Code::Ok);
    assert!(session.offsets(read).eq(0..20_000));
    assert!(session.offsets(fetch).eq(0..10_000));
    let end = end_of(&session);
    assert_eq!((end.reason(), end.records), (EndReason::Closed, 30_000));
    assert_eq!(end.cursor, session.cursor(read));
    let trailers = session.trailers().await;
    let trailer = |name: &str| trailers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(trailer("spile-end-reason"), "closed");
    assert_eq!(trailer("spile-records"), "30000");
    assert_eq!(trailer("spile-cursor"), end.cursor);
    assert_eq!(trailer("spile-checksum"), format!("{:08x}", end.checksum));
}

#[tokio::test]
async fn its_checksum_covers_all_records_in_their_order() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..30)).await;
    let mut session = Session::open(&server).await;
    let mut bodies = Vec::new();
    for expression in ["severity>=ERROR", "-\"n 1\""] {
        let read = session.read(TailRequest { follow: false, ..follow("s", expression) }).await;
        session.until(read, |answer| session::end(answer).is_some()).await;
        bodies.extend(session.offsets(read).map(|offset| format!("n {offset}")));
    }
    session.close();
    session.read_to_end().await;
    let end = end_of(&session);
    assert_eq!(end.records, bodies.len() as u64);
    assert_eq!(format!("{:08x}", end.checksum), checksum(bodies.iter().map(String::as_str)));
    assert!(end.scanned >= 60, "both readings are counted: {end:?}");
}

#[tokio::test]
async fn closing_a_paused_session_ends_it_where_it_is() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..10)).await;
    let mut session = Session::open(&server).await;
    let read = session.read(follow("s", "")).await;
    session.until_records(read, 10).await;
    session.pause().await;
    session.until(read + 3, |answer| matches!(answer, Answer::Paused(_))).await;
    append(&server, "s", numbered("n", 10..20)).await;
    session.close();
    session.read_to_end().await;
    assert_eq!(session.count(read), 10);
    let mut rest =
        Reading::open(&server, TailRequest { start: after(end_of(&session).cursor), ..all_of("s") })
            .await
            .unwrap();
    rest.read_to_end().await.unwrap();
    assert!(rest.offsets().into_iter().eq(10..20));
}

#[tokio::test]
async fn a_session_grows_old_with_its_cursor_also_when_nothing_is_read() {
    let arguments = ["--max-stream-age", "1s", "--progress-interval", "100ms"];
    let server = ServerOptions::new().args(arguments).start().await.unwrap();
    let mut idle = Session::open(&server).await;
    append(&server, "s", numbered("n", 0..10)).await;
    let mut session = Session::open(&server).await;
    let read = session.read(follow("s", "")).await;
    assert_eq!(session.read_to_end().await.code(), Code::Ok);
    let end = end_of(&session);
    assert_eq!((end.reason(), end.cursor), (EndReason::MaxAge, session.cursor(read)));
    assert_eq!(idle.read_to_end().await.code(), Code::Ok);
    let end = end_of(&idle);
    assert_eq!((end.reason(), end.cursor.as_str()), (EndReason::MaxAge, ""));
}

#[tokio::test]
async fn a_session_that_reads_nothing_shows_that_it_lives() {
    let server = ServerOptions::new().args(["--progress-interval", "100ms"]).start().await.unwrap();
    let (_open, requests) = tokio::sync::mpsc::channel(1);
    let requests = tokio_stream::wrappers::ReceiverStream::new(requests);
    let mut responses = server.read().await.unwrap().explore(requests).await.unwrap().into_inner();
    for _ in 0..3 {
        let response = patiently("a sign of life", responses.message()).await.unwrap().unwrap();
        assert_eq!(response, ExploreResponse::default());
    }
}

#[tokio::test]
async fn a_deadline_holds_for_the_whole_session() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..10)).await;
    let (requests, receiver) = tokio::sync::mpsc::channel(1);
    let mut request = Request::new(tokio_stream::wrappers::ReceiverStream::new(receiver));
    request.set_timeout(Duration::from_millis(400));
    let mut responses = server.read().await.unwrap().explore(request).await.unwrap().into_inner();
    let read = spile_proto::v1::explore_request::Action::Read(follow("s", ""));
    requests.send(spile_proto::v1::ExploreRequest { number: 1, action: Some(read) }).await.unwrap();
    let status = loop {
        match patiently("the deadline", responses.message()).await {
            Ok(response) => assert!(response.is_some(), "it does not end well"),
            Err(status) => break status,
        }
    };
    // Whichever side's clock is first.
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status:?}");
}

#[tokio::test]
async fn a_drain_ends_it_with_its_cursor_and_another_server_goes_on() {
    let mut server = Server::start().await.unwrap();
    append(&server, "s", numbered("n", 0..100)).await;
    let mut session = Session::open(&server).await;
    let read = session.read(follow("s", "severity>=ERROR")).await;
    session.until_records(read, 10).await;
    server.terminate().unwrap();
    let status = session.read_to_end().await;
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.get_error_details().error_info().unwrap().reason, "DRAINING");
    let end = end_of(&session);
    assert_eq!(end.reason(), EndReason::Drain);
    assert_eq!(server.wait().await.unwrap(), Some(0));

    let next = ServerOptions::new().data_of(&server).start().await.unwrap();
    append(&next, "s", numbered("n", 100..120)).await;
    let mut session = Session::open(&next).await;
    let start = at(Position::AfterCursor(end.cursor));
    let read = session.read(TailRequest { start, ..follow("s", "severity>=ERROR") }).await;
    session.until_records(read, 2).await;
    assert!(session.offsets(read).eq([100, 110]));
}

/// Not an `ExploreRequest`: its number is text.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct Wrong {
    #[prost(string, tag = "1")]
    number: String,
}

#[tokio::test]
async fn what_is_no_request_ends_the_call() {
    let server = Server::start().await.unwrap();
    for (text, code, reason) in [
        ("not a number".to_owned(), Code::InvalidArgument, "INVALID_MESSAGE"),
        ("x".repeat(100_000), Code::ResourceExhausted, "TOO_LARGE"),
    ] {
        let requests = tokio_stream::iter([Wrong { number: text }]).chain(tokio_stream::pending());
        let mut client = tonic::client::Grpc::new(server.channel().await.unwrap());
        client.ready().await.unwrap();
        let path = http::uri::PathAndQuery::from_static("/spile.v1.ReadService/Explore");
        let codec = ProstCodec::<Wrong, ExploreResponse>::default();
        let responses = client.streaming(Request::new(requests), path, codec).await.unwrap();
        let mut responses = responses.into_inner();
        let last = patiently("the end", responses.message()).await.unwrap().unwrap();
        assert!(matches!(last.answer, Some(Answer::End(_))), "{last:?}");
        let status = patiently("the status", responses.message()).await.unwrap_err();
        assert_eq!(
            (status.code(), status.get_error_details().error_info().unwrap().reason.as_str()),
            (code, reason)
        );
    }
}
