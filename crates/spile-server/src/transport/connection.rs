//! Serves one connection until it ends, is closed from outside, or breaks a time limit.

use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::task::TaskTracker;

use super::executor::{Slot, StreamExecutor};
use super::handle::ConnectionHandle;
use super::io::CountedStream;
use super::service::ConnectionService;
use crate::limits::{ConnectionLimits, jittered};

/// What every HTTP/2 client sends first: the preface (24 bytes) and the header of a SETTINGS frame (9 bytes).
const H2_OPENING_BYTES: u64 = 33;

/// A connection that was asked to leave and has had no open stream for this long is closed, even if its peer has not taken
/// the last bytes of an answer.
const LEAVE_TIME: Duration = Duration::from_secs(30);

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CloseReason {
    /// The peer or both sides ended it in order.
    Finished,
    /// It broke, or the peer broke the protocol.
    Failed,
    /// It did not show in time what it speaks.
    NoFirstByte,
    /// It was cut off from outside.
    CutOff,
}

impl CloseReason {
    /// The metric label's value.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::NoFirstByte => "no-first-byte",
            Self::CutOff => "cut-off",
        }
    }
}

/// Serves `stream` with `router`. The tasks of its streams go to `tasks`.
pub(super) async fn serve(
    stream: TcpStream,
    router: Router,
    handle: ConnectionHandle,
    tasks: TaskTracker,
    limits: &ConnectionLimits,
) -> CloseReason {
    let slot = Slot::default();
    let executor = StreamExecutor::new(tasks, handle.clone(), slot.clone());
    let builder = builder(executor, limits);
    let service = ConnectionService::new(router, handle.clone(), slot);
    let io = TokioIo::new(CountedStream::new(stream, handle.clone()));
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut watch = pin!(time_limits(&handle, limits));
    let mut leaving = false;
    loop {
        tokio::select! {
            biased;
            () = handle.closed() => return CloseReason::CutOff,
            result = connection.as_mut() => return finished(&handle, result),
            () = handle.asked_to_leave(), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            reason = watch.as_mut() => return reason,
        }
    }
}

fn finished(
    handle: &ConnectionHandle,
    result: Result<(), Box<dyn std::error::Error + Send + Sync>>,
) -> CloseReason {
    match result {
        Ok(()) => CloseReason::Finished,
        Err(error) => {
            tracing::debug!(peer = %handle.peer(), %error, "connection failed");
            CloseReason::Failed
        }
    }
}

/// hyper's builder with every protection set; some are off or unbounded when they are not.
fn builder(executor: StreamExecutor, limits: &ConnectionLimits) -> auto::Builder<StreamExecutor> {
    let mut builder = auto::Builder::new(executor);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.max_concurrent_streams)
        .max_local_error_reset_streams(limits.max_local_error_resets)
        .max_pending_accept_reset_streams(limits.max_pending_accept_resets)
        .initial_stream_window_size(limits.stream_window_bytes)
        .initial_connection_window_size(limits.connection_window_bytes)
        .max_header_list_size(limits.max_header_list_bytes)
        .max_send_buf_size(limits.send_buffer_bytes)
        .keep_alive_interval(limits.keepalive_interval)
        .keep_alive_timeout(limits.keepalive_timeout);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.first_byte_timeout)
        .max_buf_size(usize::try_from(limits.max_header_list_bytes).expect("u32 fits the address space"));
    builder
}

/// Asks the connection to leave when its time has come, and resolves when it has to be closed.
async fn time_limits(handle: &ConnectionHandle, limits: &ConnectionLimits) -> CloseReason {
    let opened = Instant::now();
    tokio::select! {
        () = silence(handle, opened + limits.first_byte_timeout) => return CloseReason::NoFirstByte,
        () = age(opened, limits.max_age) => handle.leave(),
        () = idle(handle, limits.max_idle) => handle.leave(),
        () = handle.asked_to_leave() => {}
    }
    sleep(LEAVE_TIME).await;
    idle(handle, Some(LEAVE_TIME)).await;
    handle.close();
    CloseReason::CutOff
}

/// Resolves at `deadline` if the peer has not shown by then what it speaks.
async fn silence(handle: &ConnectionHandle, deadline: Instant) {
    sleep_until(deadline).await;
    if has_shown_protocol(handle) {
        std::future::pending::<()>().await;
    }
}

/// Whether the peer has sent a request, or as much as an HTTP/2 client always sends. What HTTP/1.1 sends slowly beyond
/// that is bounded by hyper's header timeout.
fn has_shown_protocol(handle: &ConnectionHandle) -> bool {
    handle.has_had_stream() || handle.received_bytes() >= H2_OPENING_BYTES
}

async fn age(opened: Instant, limit: Option<Duration>) {
    match limit {
        Some(limit) => sleep_until(opened + jittered(limit)).await,
        None => std::future::pending().await,
    }
}

async fn idle(handle: &ConnectionHandle, limit: Option<Duration>) {
    let Some(limit) = limit else { return std::future::pending().await };
    loop {
        let idle_for = handle.idle_for();
        if idle_for >= limit {
            return;
        }
        sleep_until(Instant::now() + (limit - idle_for)).await;
    }
}
