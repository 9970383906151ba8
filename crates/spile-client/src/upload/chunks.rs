//! A reader as the request stream of an upload.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use prost::bytes::Bytes;
use spile_proto::v1::{UploadHeader, UploadRequest};
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes of one chunk, at most.
const CHUNK: usize = 256 << 10;

/// Gives the header, then what the reader gives: full chunks when it is fast, what there is when it is slow.
pub(super) struct Chunks<R, C> {
    reader: R,
    header: Option<UploadHeader>,
    /// Is told how many bytes have been given so far.
    count: C,
    given: u64,
    /// `filled` bytes of it were read and not given.
    buffer: Vec<u8>,
    filled: usize,
    failure: Failure,
    done: bool,
}

/// A part of the request stream.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Request(UploadRequest),
    /// The reader has failed: nothing more comes, and this was not the end.
    Failed,
}

/// Where the reader's error is kept, if it fails.
#[derive(Clone, Debug, Default)]
pub(super) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    fn set(&self, error: io::Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(super) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<R, C> Chunks<R, C> {
    pub(super) fn new(reader: R, header: UploadHeader, count: C, failure: Failure) -> Self {
        Self {
            reader,
            header: Some(header),
            count,
            given: 0,
            buffer: Vec::new(),
            filled: 0,
            failure,
            done: false,
        }
    }
}

impl<R: AsyncRead + Unpin, C: FnMut(u64)> Chunks<R, C> {
    /// Reads until the chunk is full, or there is nothing to read just now, or nothing any more.
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.buffer.resize(CHUNK, 0);
        while !self.done && self.filled < CHUNK {
            let mut space = ReadBuf::new(&mut self.buffer[self.filled..]);
            match Pin::new(&mut self.reader).poll_read(cx, &mut space) {
                Poll::Ready(Ok(())) => {
                    let read = space.filled().len();
                    self.filled += read;
                    self.done = read == 0;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                Poll::Pending if self.filled == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        if self.filled == 0 {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(self.take_chunk())))
    }

    fn take_chunk(&mut self) -> Bytes {
        let filled = std::mem::take(&mut self.filled);
        // A slow source's few bytes are copied out, so that they do not hold a whole buffer.
        if filled < CHUNK / 4 {
            return Bytes::copy_from_slice(&self.buffer[..filled]);
        }
        let mut chunk = std::mem::take(&mut self.buffer);
        chunk.truncate(filled);
        chunk.into()
    }
}

impl<R: AsyncRead + Unpin, C: FnMut(u64)> Unpin for Chunks<R, C> {}

impl<R: AsyncRead + Unpin, C: FnMut(u64)> Stream for Chunks<R, C> {
    type Item = Piece;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        let this = &mut *self;
        // The header goes alone, so that the server can refuse it before there is anything to read.
        let request = match this.header.take() {
            Some(header) => UploadRequest { header: Some(header), chunk: Bytes::new() },
            None => match ready!(this.poll_chunk(cx)) {
                Some(Ok(chunk)) => UploadRequest { header: None, chunk },
                Some(Err(error)) => {
                    this.failure.set(error);
                    return Poll::Ready(Some(Piece::Failed));
                }
                None => return Poll::Ready(None),
            },
        };
        this.given += request.chunk.len() as u64;
        (this.count)(this.given);
        Poll::Ready(Some(Piece::Request(request)))
    }
}

#[cfg(test)]
mod tests;
