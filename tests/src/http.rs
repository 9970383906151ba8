//! The least HTTP/1.1 that asking the admin port takes.

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
