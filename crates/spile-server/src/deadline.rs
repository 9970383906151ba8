//! Deadlines: read from `grpc-timeout`, enforced on the whole call.
//!
//! The layer ends a call whose response has not begun. It also guards the response bodies of services that know nothing of
//! deadlines and draining; a stream that ends itself, with its cursor, says so with [`SelfGoverned`].

mod guard;

#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName};
use tokio::time::{Instant, timeout_at};

use crate::context::ServerContext;
use crate::methods;
use crate::protocol::is_grpc;
use crate::status::{ErrorReason, error};

const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// The specification's bound of the number's length.
const MAX_DIGITS: usize = 8;

/// When the caller stops waiting. Found in the request's extensions if the caller has set one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Instant);

impl Deadline {
    /// What is left; zero once it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// In a response's extensions: the body itself ends at the deadline and when the server drains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelfGoverned;

/// Reads `grpc-timeout`: one to eight digits and a unit of `H`, `M`, `S`, `m`, `u` or `n`.
///
/// # Errors
/// What is wrong with the value.
pub fn parse_timeout(value: &str) -> Result<Duration, String> {
    let wrong = || format!("{value:?} is not one to eight digits and a unit of H, M, S, m, u or n");
    let unit = value.chars().last().ok_or_else(wrong)?;
    let digits = &value[..value.len() - unit.len_utf8()];
    if digits.is_empty() || digits.len() > MAX_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    match unit {
        'H' => Ok(Duration::from_secs(number * 3_600)),
        'M' => Ok(Duration::from_secs(number * 60)),
        'S' => Ok(Duration::from_secs(number)),
        'm' => Ok(Duration::from_millis(number)),
        'u' => Ok(Duration::from_micros(number)),
        'n' => Ok(Duration::from_nanos(number)),
        _ => Err(wrong()),
    }
}

/// The layer: puts the [`Deadline`] into the request's extensions and holds the call to it.
pub(crate) async fn enforce(
    State(context): State<ServerContext>,
    mut request: Request,
    next: Next,
) -> Response {
    if !is_grpc(request.headers()) {
        return next.run(request).await;
    }
    let deadline = match deadline_of(request.headers()) {
        Ok(deadline) => deadline,
        Err(text) => {
            return error(ErrorReason::InvalidDeadline).field("grpc-timeout", text).into_status().into_http();
        }
    };
    let server_streams = methods::find(request.uri().path()).is_some_and(|method| method.server_streams);
    let response = match deadline {
        None => next.run(request).await,
        Some(deadline) => {
            request.extensions_mut().insert(deadline);
            match timeout_at(deadline.0, next.run(request)).await {
                Ok(response) => response,
                Err(_) => return error(ErrorReason::DeadlineExceeded).into_status().into_http(),
            }
        }
    };
    if !server_streams || response.extensions().get::<SelfGoverned>().is_some() {
        return response;
    }
    guard::guard(response, deadline, &context.drain)
}

fn deadline_of(headers: &HeaderMap) -> Result<Option<Deadline>, String> {
    let Some(value) = headers.get(GRPC_TIMEOUT) else { return Ok(None) };
    let text = value.to_str().map_err(|_| "is not ASCII".to_owned())?;
    // Eight digits of hours are 11,000 years, which an Instant holds.
    Ok(Some(Deadline(Instant::now() + parse_timeout(text)?)))
}
