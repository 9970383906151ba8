//! Tells a request stream that was broken off from one that ended.
//!
//! tonic takes a request stream that the caller resets with CANCEL for one that ended well. For a writing call that would be
//! wrong: the half of a line that had come would be stored as a whole one. So the reset is told as another error, which tonic
//! hands on.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
use tonic::Status;

use crate::status::{ErrorReason, error};

/// The layer: every error of the request's body becomes one that is not CANCELLED.
pub(super) async fn tell(request: Request, next: Next) -> Response {
    let told = request.map(|body| Body::new(body.map_err(|why| broken_off(&why))));
    next.run(told).await
}

fn broken_off(why: &axum::Error) -> Status {
    error(ErrorReason::InvalidMessage).message(format!("the request stream was broken off: {why}")).into()
}
