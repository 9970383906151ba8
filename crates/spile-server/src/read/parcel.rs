//! A finished answer as a body that the watchdog can take away: its reader may be as slow as that of a stream.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::taps::{Patience, Registration, Taps, Watched};
use crate::transport::StreamHandle;

/// How much is given out at once.
const PIECE_BYTES: usize = 64 << 10;

/// The body.
pub(crate) struct Parcel {
    shared: Arc<Shared>,
    _registration: Registration,
}

struct Shared {
    /// `None` once the watchdog has taken it.
    rest: Mutex<Option<Bytes>>,
    patience: Patience,
    handle: Option<StreamHandle>,
}

impl Parcel {
    pub(crate) fn new(content: Bytes, taps: &Taps, handle: Option<StreamHandle>) -> Self {
        let rest = Mutex::new(Some(content));
        let shared = Arc::new(Shared { rest, patience: Patience::default(), handle });
        let _registration = taps.register(shared.clone());
        Self { shared, _registration }
    }
}

impl Shared {
    fn rest(&self) -> MutexGuard<'_, Option<Bytes>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched for Shared {
    fn not_read_for(&self) -> Duration {
        self.patience.not_read_for()
    }

    fn is_stalled(&self) -> bool {
        self.rest().is_none()
    }

    fn stall(&self) {
        *self.rest() = None;
    }

    fn reset(&self) {
        if let Some(handle) = &self.handle {
            handle.reset();
        }
    }
}

impl http_body::Body for Parcel {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.shared.patience.came_back();
        let mut rest = self.shared.rest();
        let Some(content) = rest.as_mut() else {
            // What is missing cannot be told: the answer must not look whole.
            self.shared.reset();
            return Poll::Pending;
        };
        if content.is_empty() {
            return Poll::Ready(None);
        }
        let piece = content.split_to(content.len().min(PIECE_BYTES));
        self.shared.patience.given_out();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.shared.rest().as_ref().is_some_and(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        self.shared.rest().as_ref().map_or_else(SizeHint::new, |rest| SizeHint::with_exact(rest.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::future::poll_fn;

    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn it_gives_all_of_its_content() {
        let content = Bytes::from(vec![b'x'; 3 * PIECE_BYTES + 1]);
        let parcel = Parcel::new(content.clone(), &Taps::default(), None);
        assert_eq!(http_body::Body::size_hint(&parcel).exact(), Some(content.len() as u64));
        assert_eq!(parcel.collect().await.unwrap().to_bytes(), content);
    }

    #[tokio::test]
    async fn what_is_not_fetched_is_freed_and_does_not_end_as_if_it_were_whole() {
        let content = Bytes::from(vec![b'x'; 3 * PIECE_BYTES]);
        let mut parcel = Parcel::new(content, &Taps::default(), None);
        parcel.frame().await.unwrap().unwrap();
        let shared = parcel.shared.clone();
        shared.stall();
        assert!(shared.is_stalled() && shared.rest().is_none());
        let polled = poll_fn(|cx| Poll::Ready(http_body::Body::poll_frame(Pin::new(&mut parcel), cx))).await;
        assert!(polled.is_pending());
    }
}
