//! Whole requests of records, as OTLP and Loki senders make them: read within bounds, decompressed, laid down in frames, and made durable before
//! the answer.
//!
//! All requests that are being taken in share one budget of memory. A request takes its part as its bytes come, so that announcing much costs
//! nobody anything; when nothing is left it is refused, to be sent again, and nothing waits for memory while it holds some.

pub(crate) mod body;
pub(crate) mod budget;
pub(crate) mod decompress;
pub(crate) mod drafts;
pub(crate) mod store;

#[cfg(test)]
mod tests;

use http::HeaderMap;
use spile_engine::Engine;
use tonic::Status;

use self::budget::Budget;
use crate::context::ServerContext;
use crate::status::{ErrorReason, error};

/// The header, or gRPC metadata, that names the stream. Without it `default` is meant.
pub(crate) const STREAM_HEADER: &str = "spile-stream";

/// What those who take in requests are given. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct ReceiveState {
    pub(crate) context: ServerContext,
    pub(crate) engine: Engine,
    pub(crate) budget: Budget,
}

impl ReceiveState {
    pub(crate) fn new(context: ServerContext, engine: Engine) -> Self {
        let budget = Budget::new(context.limits.receive.memory_bytes);
        Self { context, engine, budget }
    }

    /// The bound of one request, before and after decompression.
    pub(crate) fn max_bytes(&self) -> usize {
        self.context.limits.receive.max_request_bytes
    }
}

/// The name of the stream that a request is for; empty for `default`.
pub(crate) fn stream_name(headers: &HeaderMap) -> Result<String, Status> {
    let Some(name) = headers.get(STREAM_HEADER) else { return Ok(String::new()) };
    let name = name.to_str().map_err(|_| {
        error(ErrorReason::InvalidStreamName).field(STREAM_HEADER, "is not text").into_status()
    })?;
    Ok(name.to_owned())
}

/// Runs what takes long for its size beside the tasks that wait for the network.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Status> + Send + 'static,
) -> Result<T, Status> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| Err(error(ErrorReason::Internal).message(panic.to_string()).into()))
}
