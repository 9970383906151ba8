//! A response body that tells its call what passes through it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::call::Call;

#[derive(Debug)]
pub(super) struct ObservedBody {
    inner: Body,
    call: Call,
}

impl ObservedBody {
    pub(super) fn new(inner: Body, call: Call) -> Self {
        Self { inner, call }
    }
}

impl http_body::Body for ObservedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let frame = {
            let _entered = this.call.span().enter();
            ready!(Pin::new(&mut this.inner).poll_frame(cx))
        };
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    this.call.sent(data.len());
                    if this.inner.is_end_stream() {
                        // The transport will not ask again.
                        this.call.body_ended();
                    }
                } else if let Some(trailers) = frame.trailers_ref() {
                    this.call.trailed(trailers);
                }
            }
            Some(Err(_)) | None => this.call.body_ended(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
