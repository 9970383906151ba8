//! The transport, with a service whose responses never end by themselves.

#![allow(clippy::unwrap_used)]

mod abuse;
mod closing;
mod silence;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http_body::Frame;
use tokio::sync::mpsc;

use super::StreamHandle;
use crate::deadline::SelfGoverned;
use crate::services::Services;

/// A method of the contract whose response streams; the tests answer it themselves.
const STREAM: &str = "/spile.v1.ReadService/Tail";

/// A service whose responses never end by themselves.
#[derive(Clone)]
struct Endless {
    /// Responses that are alive.
    alive: Arc<AtomicUsize>,
    opened: mpsc::Sender<StreamHandle>,
    /// Whether responses are full of bytes, rather than silent.
    gushes: bool,
}

impl Endless {
    fn new(gushes: bool) -> (Self, mpsc::Receiver<StreamHandle>) {
        let (opened, handles) = mpsc::channel(1024);
        (Self { alive: Arc::default(), opened, gushes }, handles)
    }

    fn services(&self) -> Services {
        let this = self.clone();
        Services::new().method(STREAM, post(move |request: Request| this.respond(request)))
    }

    async fn respond(self, request: Request) -> Response {
        let handle = request.extensions().get::<StreamHandle>().unwrap().clone();
        self.alive.fetch_add(1, Ordering::SeqCst);
        self.opened.send(handle).await.unwrap();
        let mut response = Response::new(Body::new(EndlessBody { service: self, _request: request }));
        response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
        response.extensions_mut().insert(SelfGoverned);
        response
    }

    fn alive(&self) -> usize {
        self.alive.load(Ordering::SeqCst)
    }
}

/// Keeps the request's body, so that the client's half stays open as well.
struct EndlessBody {
    service: Endless,
    _request: Request,
}

impl http_body::Body for EndlessBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.service.gushes {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; 16 * 1024])))))
    }
}

impl Drop for EndlessBody {
    fn drop(&mut self) {
        self.service.alive.fetch_sub(1, Ordering::SeqCst);
    }
}
