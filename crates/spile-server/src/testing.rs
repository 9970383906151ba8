//! What this crate's tests stand on: a server in the same process on ports of its own, and clients that speak to it.

#![allow(clippy::unwrap_used)]

pub(crate) mod disk;
pub(crate) mod hostile;
mod log;
mod raw;
mod receiving;
pub(crate) mod sources;

use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::SendRequest;
use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};

use crate::app::{App, Stop};
use crate::config::Config;
use crate::context::ServerContext;
use crate::limits::Limits;
use crate::services::Services;
use crate::transport::Connections;

pub(crate) use log::Log;
pub(crate) use raw::{Answer, call, compressed, framed, grpc_request, pack};
pub(crate) use receiving::{Receiving, Stored};

/// A server that runs in this test.
pub(crate) struct TestServer {
    pub(crate) main: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) context: ServerContext,
    pub(crate) connections: Connections,
    shutdown: CancellationToken,
    hurry: CancellationToken,
    running: JoinHandle<Stop>,
}

/// The limits of a server with the default configuration.
pub(crate) fn default_limits() -> Limits {
    Config::default().limits
}

impl TestServer {
    /// A server with the default limits and no services of its own.
    pub(crate) async fn start() -> Self {
        Self::start_with(default_limits(), |_| Services::new()).await
    }

    /// A server with these limits and services.
    pub(crate) async fn start_with(
        limits: Limits,
        services: impl FnOnce(&ServerContext) -> Services,
    ) -> Self {
        Log::install();
        let context = ServerContext::new(limits);
        let services = services(&context);
        let app = App::new(context.clone(), services);
        let connections = app.connections().clone();
        let (main, admin) = (bind().await, bind().await);
        let (main_address, admin_address) = (main.local_addr().unwrap(), admin.local_addr().unwrap());
        let (shutdown, hurry) = (CancellationToken::new(), CancellationToken::new());
        let running = tokio::spawn(app.run(
            main,
            admin,
            shutdown.clone().cancelled_owned(),
            hurry.clone().cancelled_owned(),
        ));
        Self { main: main_address, admin: admin_address, context, connections, shutdown, hurry, running }
    }

    /// Gives the first signal.
    pub(crate) fn begin_shutdown(&self) {
        self.shutdown.cancel();
    }

    /// Gives the second signal.
    pub(crate) fn hurry(&self) {
        self.hurry.cancel();
    }

    /// Waits until the server has stopped.
    pub(crate) async fn stopped(self) -> Stop {
        self.running.await.unwrap()
    }

    /// Stops the server at once.
    pub(crate) async fn stop(self) {
        self.begin_shutdown();
        self.hurry();
        self.stopped().await;
    }

    /// A tonic channel to the main port.
    pub(crate) async fn channel(&self) -> Channel {
        channel(self.main).await
    }

    /// A plain h2 client of the main port.
    pub(crate) async fn h2(&self) -> SendRequest<Bytes> {
        h2_client(self.main).await
    }
}

/// A tonic channel to an address.
pub(crate) async fn channel(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

/// A plain h2 client of an address, with h2's default windows.
pub(crate) async fn h2_client(address: SocketAddr) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    client.ready().await.unwrap()
}

/// A GET over HTTP/2: its status and its body.
pub(crate) async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let request = Request::get(format!("http://{address}{path}")).body(()).unwrap();
    let answer = call(h2_client(address).await, request, Bytes::new()).await.unwrap();
    (answer.status, String::from_utf8(answer.body).unwrap())
}

/// Waits until `holds`, letting other tasks run in between. The test hangs, and its runner says so, if it never does.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}

/// Fails the test when `future` takes longer than any machine needs.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    let limit = std::time::Duration::from_secs(30);
    tokio::time::timeout(limit, future).await.expect("it takes a moment, not half a minute")
}

/// Fails the test when `future` takes longer than any limit of a server. For paused time, which jumps there.
pub(crate) async fn at_last<F: Future>(future: F) -> F::Output {
    let limit = std::time::Duration::from_secs(7 * 86_400);
    tokio::time::timeout(limit, future).await.expect("every limit is shorter than a week")
}

async fn bind() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Sends bytes over HTTP/1.1 and reads until the server closes the connection.
pub(crate) async fn http_1(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    answer
}
