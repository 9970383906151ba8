//! Between hyper and the router: gives each request its handles and counts it while its response lasts.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, Version};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::Service;

use super::executor::Slot;
use super::handle::{ConnectionHandle, OpenStream};

#[derive(Debug, Clone)]
pub(super) struct ConnectionService {
    router: Router,
    connection: ConnectionHandle,
    slot: Slot,
}

impl ConnectionService {
    pub(super) fn new(router: Router, connection: ConnectionHandle, slot: Slot) -> Self {
        Self { router, connection, slot }
    }
}

impl Service<Request<Incoming>> for ConnectionService {
    type Response = Response<CountedBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let stream = self.connection.new_stream_handle();
        let open = self.connection.open_stream();
        self.slot.put(stream.clone());
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.connection.clone());
        let stream = if request.version() == Version::HTTP_2 { stream } else { stream.alone() };
        request.extensions_mut().insert(stream);
        let response = tower::Service::call(&mut self.router.clone(), request);
        Box::pin(async move { Ok(response.await?.map(|inner| CountedBody { inner, _open: open })) })
    }
}

/// A response body that keeps its stream counted as open.
#[derive(Debug)]
pub(super) struct CountedBody {
    inner: Body,
    _open: OpenStream,
}

impl http_body::Body for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
