//! A response body that ends at a deadline and when the server drains, for services that do not look at either.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::Status;

use super::Deadline;
use crate::drain::DrainSignal;
use crate::status::{ErrorReason, error};

struct Guarded {
    /// None once the body has been cut short.
    inner: Option<Body>,
    deadline: Option<Pin<Box<Sleep>>>,
    drained: Pin<Box<WaitForCancellationFutureOwned>>,
}

/// Guards the body of `response`.
pub(super) fn guard(response: Response, deadline: Option<Deadline>, drain: &DrainSignal) -> Response {
    let drained = Box::pin(drain.drained_owned());
    let deadline = deadline.map(|deadline| Box::pin(sleep_until(deadline.0)));
    response.map(|body| {
        if http_body::Body::is_end_stream(&body) {
            return body;
        }
        Body::new(Guarded { inner: Some(body), deadline, drained })
    })
}

impl Guarded {
    /// Why the body must end now, if it must.
    fn verdict(&mut self, cx: &mut Context<'_>) -> Option<ErrorReason> {
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Some(ErrorReason::DeadlineExceeded);
        }
        self.drained.as_mut().poll(cx).is_ready().then_some(ErrorReason::Draining)
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Some(inner) = &mut this.inner else { return Poll::Ready(None) };
        // What is ready is still delivered: a health watch says NOT_SERVING before it ends.
        if let Poll::Ready(frame) = Pin::new(inner).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        match this.verdict(cx) {
            None => Poll::Pending,
            Some(reason) => {
                this.inner = None;
                Poll::Ready(Some(Ok(Frame::trailers(trailers(&error(reason).into_status())))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        // The body may end early.
        SizeHint::default()
    }
}

fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    status.add_header(&mut trailers).expect("the table's statuses have valid messages and metadata");
    trailers
}
