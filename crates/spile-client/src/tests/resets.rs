//! What a bare HTTP/2 server can do to a call: ends without a status, and resets in the middle of a message.

use std::net::SocketAddr;
use std::sync::Arc;

use h2::Reason;
use h2::server::{SendResponse, handshake};
use prost::Message;
use prost::bytes::{BufMut, Bytes, BytesMut};
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{End, EndReason, LogRecord, RecordBatch, TailResponse};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::tail::{at_once, told};
use crate::{Client, TailEvent};

/// How the first call ends; the ones after it as they should.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// After a whole message, without trailers.
    NoTrailers,
    /// So that the body just ends, inside a message.
    EndInside,
    /// Inside a message or behind one, for this reason.
    ResetInside(Reason),
    ResetBehind(Reason),
    /// The connection is told to go away, and closed.
    GoAway,
}

fn message(response: &TailResponse) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(response.encoded_len()).unwrap());
    response.encode(&mut bytes).unwrap();
    bytes.freeze()
}

/// The record `offset`, whose body is its offset.
fn record(offset: u64) -> Bytes {
    let record = LogRecord { body: offset.to_string(), ..LogRecord::default() };
    message(&TailResponse {
        cursor: format!("c{}", offset + 1),
        payload: Some(Payload::Batch(RecordBatch {
            records: vec![record],
            first_offset: offset,
            ..RecordBatch::default()
        })),
    })
}

fn end() -> Bytes {
    message(&TailResponse {
        cursor: "c1".to_owned(),
        payload: Some(Payload::End(End { reason: EndReason::EndOfHistory.into(), ..End::default() })),
    })
}

fn headers() -> http::Response<()> {
    http::Response::builder().header("content-type", "application/grpc").body(()).unwrap()
}

/// Sends a record and perhaps half of another, and cuts when the record has arrived: a reset would overtake it.
async fn cut_call(mut respond: SendResponse<Bytes>, cut: Cut, arrived: Arc<Notify>) {
    let mut body = respond.send_response(headers(), false).unwrap();
    let mut sent = BytesMut::from(&*record(0));
    if matches!(cut, Cut::EndInside | Cut::ResetInside(_)) {
        sent.extend_from_slice(&record(1)[..10]);
    }
    body.send_data(sent.freeze(), false).unwrap();
    arrived.notified().await;
    match cut {
        Cut::NoTrailers | Cut::EndInside => body.send_data(Bytes::new(), true).unwrap(),
        Cut::ResetInside(reason) | Cut::ResetBehind(reason) => body.send_reset(reason),
        Cut::GoAway => std::future::pending().await,
    }
}

fn whole_call(mut respond: SendResponse<Bytes>) {
    let mut body = respond.send_response(headers(), false).unwrap();
    body.send_data(end(), false).unwrap();
    let mut trailers = http::HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    body.send_trailers(trailers).unwrap();
}

/// Serves connections one after the other; the first call of all is cut.
async fn serve(cut: Cut, arrived: Arc<Notify>, tasks: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move {
        let mut calls = JoinSet::new();
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let mut connection = handshake(socket).await.unwrap();
            loop {
                tokio::select! {
                    call = connection.accept() => match call {
                        Some(Ok((_, respond))) if calls.is_empty() => {
                            calls.spawn(cut_call(respond, cut, Arc::clone(&arrived)));
                        }
                        Some(Ok((_, respond))) => whole_call(respond),
                        _ => break,
                    },
                    () = arrived.notified(), if matches!(cut, Cut::GoAway) => {
                        connection.abrupt_shutdown(Reason::NO_ERROR);
                    }
                }
            }
        }
    });
    address
}

#[tokio::test]
async fn a_call_that_is_cut_is_resumed_however_it_is_cut() {
    for cut in [
        Cut::NoTrailers,
        Cut::EndInside,
        Cut::ResetInside(Reason::CANCEL),
        Cut::ResetInside(Reason::NO_ERROR),
        Cut::ResetInside(Reason::INTERNAL_ERROR),
        Cut::ResetBehind(Reason::CANCEL),
        Cut::ResetBehind(Reason::NO_ERROR),
        Cut::ResetBehind(Reason::REFUSED_STREAM),
        Cut::ResetBehind(Reason::ENHANCE_YOUR_CALM),
        Cut::GoAway,
    ] {
        let mut tasks = JoinSet::new();
        let arrived = Arc::new(Notify::new());
        let address = serve(cut, Arc::clone(&arrived), &mut tasks).await.to_string();
        let client = Client::connect(&address).await.unwrap();
        let mut tail = client.tail().retry(at_once().max_attempts(5)).open();
        let first = tail.next().await.unwrap().unwrap();
        assert!(matches!(first, TailEvent::Batch(_)), "{cut:?}: {first:?}");
        arrived.notify_one();
        let told = told(&mut tail).await;
        assert!(told[0].starts_with("again: "), "{cut:?}: {told:?}");
        assert_eq!(told[1..], ["open", "end: END_REASON_END_OF_HISTORY, 1 records"], "{cut:?}");
    }
}
