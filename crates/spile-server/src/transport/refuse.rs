//! Refuses a connection in words that its client understands: HTTP/2 clients are sent GOAWAY, others a 503.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A refusal may take this long in all.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// An empty SETTINGS frame: an HTTP/2 server has to send one first.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

/// ENHANCE_YOUR_CALM of RFC 9113.
const ENHANCE_YOUR_CALM: u32 = 11;

/// GOAWAY's frame type.
const GOAWAY: u8 = 7;

/// Says `reason` and ends the connection. Gives up silently when the peer does not listen: it is refused anyway.
pub(super) async fn refuse(mut stream: TcpStream, reason: &str) {
    let refusal = async {
        let mut opening = [0; 3];
        stream.read_exact(&mut opening).await?;
        let answer = if &opening == b"PRI" { goaway(reason) } else { service_unavailable(reason) };
        stream.write_all(&answer).await?;
        stream.shutdown().await?;
        // Closing with unread bytes would reset the connection and could take the answer with it.
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    if let Ok(Err(error)) = timeout(TIME_LIMIT, refusal).await {
        tracing::debug!(%error, "a refused connection went away first");
    }
}

fn goaway(reason: &str) -> Vec<u8> {
    let length = u32::try_from(8 + reason.len()).expect("reasons are short").to_be_bytes();
    let mut frames = SETTINGS.to_vec();
    frames.extend_from_slice(&length[1..]);
    frames.extend_from_slice(&[GOAWAY, 0, 0, 0, 0, 0]);
    // No stream was looked at, so that everything may be tried again elsewhere.
    frames.extend_from_slice(&0u32.to_be_bytes());
    frames.extend_from_slice(&ENHANCE_YOUR_CALM.to_be_bytes());
    frames.extend_from_slice(reason.as_bytes());
    frames
}

fn service_unavailable(reason: &str) -> Vec<u8> {
    let length = reason.len() + 1;
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-type: text/plain\r\n\
         content-length: {length}\r\n\r\n{reason}\n"
    )
    .into_bytes()
}
