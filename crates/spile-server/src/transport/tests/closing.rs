//! Ending connections and streams from outside, also those whose readers have stopped.

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::{Endless, STREAM};
use crate::testing::hostile::{CANCEL, DATA, HostileClient, RST_STREAM};
use crate::testing::{TestServer, call, default_limits, grpc_request, soon, until};
use crate::transport::StreamHandle;

/// SETTINGS_INITIAL_WINDOW_SIZE, by which a client shuts every stream's window.
const INITIAL_WINDOW: u16 = 4;

#[tokio::test]
async fn a_stream_whose_window_is_shut_can_be_reset_and_its_neighbours_go_on() {
    let (endless, mut opened) = Endless::new(true);
    let server = TestServer::start_with(default_limits(), |_| endless.services()).await;
    let mut client = HostileClient::open(server.main, &[(INITIAL_WINDOW, 0)]).await;
    client.request(1, 0, STREAM, &[]);
    client.request(3, 0, STREAM, &[]);
    client.send().await;
    let first = soon(opened.recv()).await.unwrap();
    let _second = soon(opened.recv()).await.unwrap();

    first.reset();

    let reset = soon(client.next_of(RST_STREAM)).await.unwrap();
    assert_eq!((reset.stream, reset.error_code()), (1, CANCEL));
    soon(until(|| endless.alive() == 1)).await;
    assert_eq!(first.connection().open_streams(), 1);
    // The neighbour's window opens, and it gushes.
    client.frame(8, 0, 3, &1000u32.to_be_bytes());
    client.send().await;
    assert_eq!(soon(client.next_of(DATA)).await.unwrap().stream, 3);
    server.stop().await;
}

#[tokio::test]
async fn each_reset_hits_the_stream_that_it_belongs_to() {
    let (endless, mut opened) = Endless::new(false);
    let server = TestServer::start_with(default_limits(), |_| endless.services()).await;
    let mut client = HostileClient::open(server.main, &[]).await;
    let mut handles = Vec::new();
    for stream in [1, 3, 5, 7] {
        client.request(stream, 0, STREAM, &[]);
        client.send().await;
        handles.push((stream, soon(opened.recv()).await.unwrap()));
    }
    // An ordinary call in between takes no stream's place.
    let root = grpc_request("/").body(()).unwrap();
    soon(call(server.h2().await, root, Bytes::new())).await.unwrap();

    for (stream, handle) in handles.iter().rev() {
        handle.reset();
        let reset = soon(client.next_of(RST_STREAM)).await.unwrap();
        assert_eq!((reset.stream, reset.error_code()), (*stream, CANCEL));
    }

    soon(until(|| endless.alive() == 0)).await;
    server.stop().await;
}

#[tokio::test]
async fn closing_a_connection_drops_its_streams_although_nobody_reads() {
    let (endless, mut opened) = Endless::new(true);
    let server = TestServer::start_with(default_limits(), |_| endless.services()).await;
    // Windows as wide as they go, and a client that never reads its socket: the kernel's buffers fill up.
    let mut client = HostileClient::open(server.main, &[(INITIAL_WINDOW, (1 << 31) - 1)]).await;
    client.frame(8, 0, 0, &((1u32 << 31) - 1 - 65_535).to_be_bytes());
    client.request(1, 0, STREAM, &[]);
    client.send().await;
    let stream = soon(opened.recv()).await.unwrap();
    let connection = stream.connection().clone();
    let mut before = 0;
    soon(until(|| {
        let sent = connection.sent_bytes();
        std::mem::replace(&mut before, sent) == sent && sent > 64 * 1024
    }))
    .await;

    connection.close();

    soon(until(|| endless.alive() == 0 && server.connections.is_empty())).await;
    assert!(connection.is_closed());
    server.stop().await;
}

#[tokio::test]
async fn a_caller_that_leaves_takes_everything_with_it() {
    let (endless, mut opened) = Endless::new(true);
    let server = TestServer::start_with(default_limits(), |_| endless.services()).await;
    let mut client = HostileClient::open(server.main, &[]).await;
    client.request(1, 0, STREAM, &[]);
    client.send().await;
    soon(opened.recv()).await.unwrap();

    drop(client);

    soon(until(|| endless.alive() == 0 && server.connections.is_empty())).await;
    server.stop().await;
}

#[tokio::test]
async fn no_task_is_left_when_connections_come_and_go() {
    let (endless, mut opened) = Endless::new(false);
    let server = TestServer::start_with(default_limits(), |_| endless.services()).await;
    let tasks = || Handle::current().metrics().num_alive_tasks();
    // The first round lets the server's own tasks start.
    round(&server, &mut opened).await;
    soon(until(|| server.connections.is_empty())).await;
    let before = tasks();
    for _ in 0..20 {
        round(&server, &mut opened).await;
    }

    soon(until(|| endless.alive() == 0 && server.connections.is_empty() && tasks() == before)).await;
    server.stop().await;
    assert_eq!(tasks(), 0, "a server that has stopped leaves nothing");
}

/// Opens a connection with three streams, and leaves.
async fn round(server: &TestServer, opened: &mut mpsc::Receiver<StreamHandle>) {
    let mut client = HostileClient::open(server.main, &[]).await;
    for stream in [1, 3, 5] {
        client.request(stream, 0, STREAM, &[]);
    }
    client.send().await;
    for _ in 0..3 {
        soon(opened.recv()).await.unwrap();
    }
}
