//! HTTP/1.1 as tests speak it: short answers read whole, long ones as they come.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// The status and body of `GET path`.
pub async fn get(address: &str, path: &str) -> Result<(u16, String)> {
    let mut socket = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer has a header")?;
    let status = head.split(' ').nth(1).context("a status line has a code")?.parse()?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    ensure!(!chunked, "chunked answers are not read here");
    Ok((status, body.to_owned()))
}

/// The status and body of `POST path` with these headers.
pub async fn post(address: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<(u16, String)> {
    let mut socket = TcpStream::connect(address).await?;
    let mut head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("content-length: {}\r\n\r\n", body.len());
    // Who refuses a body may close before all of it was sent; the answer counts.
    let _ = async {
        socket.write_all(head.as_bytes()).await?;
        socket.write_all(body).await
    }
    .await;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer has a header")?;
    let status = head.split(' ').nth(1).context("a status line has a code")?.parse()?;
    Ok((status, body.to_owned()))
}

/// The sum of a metric's samples whose labels contain all of `labels`; 0 when there is none.
pub async fn metric(admin: &str, name: &str, labels: &[&str]) -> Result<f64> {
    let (status, text) = get(admin, "/metrics").await?;
    ensure!(status == 200, "metrics answer {status}");
    let mut sum = 0.0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').context("a sample has a value")?;
        let (series_name, series_labels) = series.split_once('{').unwrap_or((series, ""));
        if series_name == name && labels.iter().all(|label| series_labels.contains(label)) {
            sum += value.parse::<f64>()?;
        }
    }
    Ok(sum)
}

/// A response that is read as it comes, on a connection of its own.
#[derive(Debug)]
pub struct HttpStream {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    body: Incoming,
    /// What came and is not part of a whole line yet.
    partial: Vec<u8>,
    /// Keeps the connection.
    _connection: AbortOnDrop,
}

#[derive(Debug)]
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl HttpStream {
    /// `GET path` over HTTP/1.1.
    pub async fn get(address: &str, path: &str, headers: &[(&str, &str)]) -> Result<Self> {
        let mut request = Request::get(path).header("host", address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Self::send(address, request.body(String::new().into())?).await
    }

    /// Any request over HTTP/1.1.
    pub async fn send(address: &str, request: Request<Full<Bytes>>) -> Result<Self> {
        let socket = TcpStream::connect(address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
        let connection = tokio::spawn(async move {
            // How the connection ends is seen in the body.
            let _ended = connection.await;
        });
        let (head, body) = sender.send_request(request).await?.into_parts();
        Ok(Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
            partial: Vec::new(),
            _connection: AbortOnDrop(connection),
        })
    }

    /// The next line, without its end; `None` at the end of the body.
    pub async fn line(&mut self) -> Result<Option<String>> {
        loop {
            if let Some(end) = self.partial.iter().position(|&byte| byte == b'\n') {
                let rest = self.partial.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.partial, rest);
                line.pop();
                return Ok(Some(String::from_utf8(line)?));
            }
            match self.chunk().await? {
                Some(chunk) => self.partial.extend_from_slice(&chunk),
                None => {
                    ensure!(self.partial.is_empty(), "the body ends in the middle of a line");
                    return Ok(None);
                }
            }
        }
    }

    /// The next bytes; `None` at the end of the body.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// All that is left.
    pub async fn rest(mut self) -> Result<Vec<u8>> {
        let mut rest = std::mem::take(&mut self.partial);
        while let Some(chunk) = self.chunk().await? {
            rest.extend_from_slice(&chunk);
        }
        Ok(rest)
    }
}
