//! The article's server, written plainly in tonic: a task that sends one entry after the other through a channel.

use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result};
use spile_proto::example::log_service_server::{LogService, LogServiceServer};
use spile_proto::example::{LogEntry, LogRequest};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status};

use crate::data;

/// The argument that makes this program that server.
pub(crate) const ROLE: &str = "article-server";

struct Plain {
    entries: Arc<Vec<LogEntry>>,
}

#[tonic::async_trait]
impl LogService for Plain {
    async fn get_logs(
        &self,
        _: Request<LogRequest>,
    ) -> Result<Response<tonic::codegen::BoxStream<LogEntry>>, Status> {
        let entries = Arc::clone(&self.entries);
        let (sender, receiver) = tokio::sync::mpsc::channel(10);
        tokio::spawn(async move {
            for entry in entries.iter() {
                if sender.send(Ok(entry.clone())).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// Serves so many entries until it is killed. Prints its address first.
pub(crate) async fn serve(entries: u64) -> Result<()> {
    let entry = |n| {
        let record = data::record(n);
        LogEntry { message: record.body, timestamp: record.time_unix_nano as i64 }
    };
    let entries = Arc::new((0..entries).map(entry).collect());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let server = tonic::transport::Server::builder().add_service(LogServiceServer::new(Plain { entries }));
    Ok(server.serve_with_incoming(TcpListenerStream::new(listener)).await?)
}

/// Starts it in a process of its own. Returns its address, too.
pub(crate) async fn start(entries: u64) -> Result<(Child, String)> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut child =
        command.arg(ROLE).arg(entries.to_string()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let output = child.stdout.take().context("standard output is piped")?;
    let address = BufReader::new(output).lines().next_line().await?.context("it prints its address")?;
    Ok((child, address))
}
