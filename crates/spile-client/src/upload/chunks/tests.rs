//! How a source is cut into chunks, and what a broken source does.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::{FutureExt, StreamExt};
use spile_proto::v1::{UploadHeader, UploadRequest};
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};

use super::{CHUNK, Chunks, Failure, Piece};

/// What progress was told.
type Counts = Arc<Mutex<Vec<u64>>>;

fn chunks<R: AsyncRead + Unpin>(reader: R) -> (Chunks<R, impl FnMut(u64)>, Counts) {
    let counts = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&counts);
    let count = move |bytes| told.lock().unwrap().push(bytes);
    let header = UploadHeader { stream: "s".to_owned(), ..UploadHeader::default() };
    (Chunks::new(reader, header, count, Failure::default()), counts)
}

/// Pieces that are all requests.
async fn requests<R: AsyncRead + Unpin>(stream: Chunks<R, impl FnMut(u64)>) -> Vec<UploadRequest> {
    stream.map(request).collect().await
}

fn request(piece: Piece) -> UploadRequest {
    match piece {
        Piece::Request(request) => request,
        Piece::Failed => panic!("the source has failed"),
    }
}

fn sizes(requests: &[UploadRequest]) -> Vec<usize> {
    requests.iter().map(|request| request.chunk.len()).collect()
}

#[tokio::test]
async fn a_fast_source_comes_in_full_chunks_behind_the_header() {
    let source = vec![b'x'; 2 * CHUNK + 10];
    let (stream, counts) = chunks(source.as_slice());
    let requests = requests(stream).await;
    assert_eq!(sizes(&requests), [0, CHUNK, CHUNK, 10]);
    assert!(requests[0].header.is_some());
    assert!(requests[1..].iter().all(|request| request.header.is_none()));
    let bytes: Vec<u8> = requests.iter().flat_map(|r| r.chunk.to_vec()).collect();
    assert_eq!(bytes, source);
    let chunk = CHUNK as u64;
    assert_eq!(*counts.lock().unwrap(), [0, chunk, 2 * chunk, 2 * chunk + 10]);
}

#[tokio::test]
async fn a_slow_source_is_not_waited_for() {
    let (mut writer, reader) = tokio::io::duplex(1 << 10);
    let (mut stream, _) = chunks(reader);
    stream.next().await.unwrap();
    writer.write_all(b"one line\n").await.unwrap();
    assert_eq!(request(stream.next().await.unwrap()).chunk, "one line\n");
    assert!(stream.next().now_or_never().is_none(), "nothing to give yet");
    writer.write_all(b"another\n").await.unwrap();
    drop(writer);
    assert_eq!(request(stream.next().await.unwrap()).chunk, "another\n");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn an_empty_source_is_a_header_alone() {
    let (stream, _) = chunks(tokio::io::empty());
    assert_eq!(sizes(&requests(stream).await), [0]);
}

struct Broken;

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::Error::other("the disk is gone")))
    }
}

#[tokio::test]
async fn a_broken_source_is_told_and_does_not_look_like_the_end() {
    let failure = Failure::default();
    let mut stream = Chunks::new(Broken, UploadHeader::default(), |_| {}, failure.clone());
    stream.next().await.unwrap();
    assert!(failure.take().is_none());
    assert_eq!(stream.next().await, Some(Piece::Failed));
    assert_eq!(failure.take().unwrap().to_string(), "the disk is gone");
}
