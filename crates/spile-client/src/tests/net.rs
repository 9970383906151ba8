//! Ways to a fake server: TCP, TCP through a proxy that cuts connections, and a pipe in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper_util::rt::TokioIo;
use spile_proto::v1::admin_service_server::AdminServiceServer;
use spile_proto::v1::read_service_server::ReadServiceServer;
use spile_proto::v1::write_service_server::WriteServiceServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::transport::Server;
use tonic::transport::server::Router;

use super::fake::Fake;
use crate::{Client, ClientBuilder};

fn router(fake: &Arc<Fake>) -> Router {
    Server::builder()
        .add_service(ReadServiceServer::from_arc(Arc::clone(fake)))
        .add_service(WriteServiceServer::from_arc(Arc::clone(fake)))
        .add_service(AdminServiceServer::from_arc(Arc::clone(fake)))
}

/// Serves on a free port until the tasks are dropped.
pub(super) async fn serve(fake: &Arc<Fake>, tasks: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = router(fake).serve_with_incoming(TcpListenerStream::new(listener));
    tasks.spawn(async move { server.await.unwrap() });
    address
}

/// A server and a client that is connected to it.
pub(super) async fn connected(fake: &Arc<Fake>, tasks: &mut JoinSet<()>) -> Client {
    let address = serve(fake, tasks).await;
    Client::connect(&address.to_string()).await.unwrap()
}

/// Passes connections on and cuts each after as many bytes from the server, or from the client, as `budget` says for it.
pub(super) async fn cutting_proxy(
    upstream: SocketAddr,
    mut budget: impl FnMut() -> u64 + Send + 'static,
    tasks: &mut JoinSet<()>,
) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let cuts = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&cuts);
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(upstream).await.unwrap();
            let budget = budget();
            let counter = Arc::clone(&counter);
            connections.spawn(async move {
                let (mut client_read, mut client_write) = client.into_split();
                let (mut server_read, mut server_write) = server.into_split();
                tokio::select! {
                    () = copy_some(&mut server_read, &mut client_write, budget) => {}
                    () = copy_some(&mut client_read, &mut server_write, budget) => {}
                }
                // Both sockets are closed here, with whatever is on the way.
                counter.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    (address, cuts)
}

async fn copy_some(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    mut budget: u64,
) {
    let mut buffer = vec![0; 16 << 10];
    while budget > 0 {
        let want = buffer.len().min(usize::try_from(budget).unwrap_or(usize::MAX));
        let Ok(read @ 1..) = from.read(&mut buffer[..want]).await else {
            return;
        };
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
        budget -= read as u64;
    }
}

/// A client of a fake server that is reached through memory, so that paused time does not run ahead of the network.
pub(super) fn in_memory(fake: &Arc<Fake>, tasks: &mut JoinSet<()>, settings: ClientBuilder) -> Client {
    let (connections, incoming) = mpsc::channel::<Result<DuplexStream, std::io::Error>>(8);
    let server = router(fake).serve_with_incoming(ReceiverStream::new(incoming));
    tasks.spawn(async move { server.await.unwrap() });
    let mut connection = settings.connection("memory:1").unwrap();
    let fake = Arc::clone(fake);
    connection.dial = Arc::new(move |endpoint| {
        fake.state().dials += 1;
        let connections = connections.clone();
        endpoint.connect_with_connector_lazy(tower::service_fn(move |_| {
            let connections = connections.clone();
            async move {
                let (near, far) = tokio::io::duplex(64 << 10);
                connections.send(Ok(far)).await.map_err(std::io::Error::other)?;
                Ok::<_, std::io::Error>(TokioIo::new(near))
            }
        }))
    });
    Client::new(connection.open_lazy(), connection)
}
