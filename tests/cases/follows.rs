//! Very many followers come and go.

use spile_proto::v1::TailRequest;
use spile_proto::v1::read_service_client::ReadServiceClient;
use spile_tests::{Server, ServerOptions};

use crate::support::{all_of, append, numbered, patiently, until_metric};

/// Follows on one connection; as many as a connection may have.
const PER_CONNECTION: usize = 250;

async fn open_and_cancel(server: &Server, follows: usize) {
    for _ in 0..follows / PER_CONNECTION {
        let channel = server.channel().await.unwrap();
        let mut open = Vec::new();
        for _ in 0..PER_CONNECTION {
            let mut client = ReadServiceClient::new(channel.clone());
            let request = TailRequest { follow: true, ..all_of("s") };
            let mut stream = patiently("a follow", client.tail(request)).await.unwrap().into_inner();
            assert!(patiently("a message", stream.message()).await.unwrap().is_some());
            open.push(stream);
        }
    }
    until_metric(server, "spile_active_streams", &[], |n| n == 0.0).await;
    until_metric(server, "spile_open_connections", &["main"], |n| n == 0.0).await;
}

#[tokio::test]
async fn ten_thousand_follows_leave_nothing_behind() {
    let server = ServerOptions::new().start().await.unwrap();
    append(&server, "s", numbered("n", 0..10)).await;
    // The first ones warm up what is made once: threads, buffers, arenas.
    open_and_cancel(&server, 500).await;
    let tasks = server.metric("spile_tokio_tasks", &[]).await.unwrap();
    let memory = server.resident_bytes().unwrap();
    open_and_cancel(&server, 10_000).await;
    until_metric(&server, "spile_tokio_tasks", &[], |n| n <= tasks).await;
    let grown = server.resident_bytes().unwrap().saturating_sub(memory);
    assert!(grown < 20 << 20, "memory is back, but for {grown} bytes");
    let cancelled = server.metric("spile_stream_ends_total", &["Tail", "cancelled"]).await.unwrap();
    assert_eq!(cancelled, 10_500.0);
}
