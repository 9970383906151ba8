//! One call as it is observed: from its arrival to the last byte of its response, or to the moment the caller left.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use tonic::{Code, Status};
use tracing::{Span, field};

use super::RequestId;
use crate::methods::{self, Method};
use crate::metrics::{CodeLabels, MethodLabel, Metrics};
use crate::protocol::{is_grpc, shortened};
use crate::status::code_name;

/// Plain HTTP that is counted by itself. If it lasts: whether the time to its first byte says something.
const DOORS: &[(&str, Option<bool>)] = &[
    ("/v1/tail", Some(true)),
    ("/v1/poll", Some(false)),
    ("/v1/count", None),
    ("/v1/histogram", None),
    ("/v1/logs", None),
    ("/loki/api/v1/push", None),
];

/// The label of other requests that are not gRPC.
const HTTP: &str = "http";

/// What probes and scrapers call all day; the ends of these calls are logged at DEBUG.
const PROBES: &[&str] = &["/grpc.health.v1.Health/", "/livez", "/readyz", "/metrics"];

/// How much of a path that is not known goes into the log, in bytes.
const MAX_LOGGED_PATH_BYTES: usize = 128;

#[derive(Debug)]
pub(super) struct Call {
    metrics: Arc<Metrics>,
    label: &'static str,
    span: Span,
    is_probe: bool,
    started: Instant,
    sent_bytes: u64,
    sent_bytes_total: Counter,
    /// Set for streaming calls.
    streaming: Option<Streaming>,
    end: End,
}

#[derive(Debug)]
struct Streaming {
    active: Gauge,
    awaits_first_message: bool,
}

/// How the call ended, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Not yet: if this is the last that is known, the caller left.
    Open,
    Grpc(Code),
    Http(StatusCode),
}

impl Call {
    pub(super) fn start(
        metrics: &Arc<Metrics>,
        request: &Request,
        id: &RequestId,
        peer: Option<SocketAddr>,
    ) -> Self {
        let path = request.uri().path();
        let method = methods::find(path);
        let door = DOORS.iter().find(|(door, _)| *door == path && method.is_none());
        let label = match method {
            Some(method) => method.name.as_str(),
            None if let Some((door, _)) = door => door,
            None if is_grpc(request.headers()) => methods::UNKNOWN,
            None => HTTP,
        };
        let span = tracing::info_span!(
            "call",
            id = id.as_str(),
            method = label,
            path = (method.is_none() && door.is_none()).then(|| shortened(path, MAX_LOGGED_PATH_BYTES)),
            peer = peer.map(field::display),
            end_reason = field::Empty,
            records = field::Empty,
        );
        let awaits_first_message = match method {
            Some(method) => method.is_streaming().then(|| starts_with_first_message(method)),
            None => door.and_then(|(_, lasts)| *lasts),
        };
        let streaming = awaits_first_message.map(|awaits_first_message| {
            let active = metrics.active_streams.get_or_create_owned(&MethodLabel { method: label });
            active.inc();
            Streaming { active, awaits_first_message }
        });
        Self {
            sent_bytes_total: metrics.sent_bytes.get_or_create_owned(&MethodLabel { method: label }),
            metrics: Arc::clone(metrics),
            label,
            span,
            is_probe: PROBES.iter().any(|probe| path.starts_with(probe)),
            started: Instant::now(),
            sent_bytes: 0,
            streaming,
            end: End::Open,
        }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// The response's headers are there; for an error, or a plain HTTP response, they say how the call ends.
    pub(super) fn response_began(&mut self, response: &Response) {
        if !is_grpc(response.headers()) {
            self.end = End::Http(response.status());
        } else if let Some(status) = Status::from_header_map(response.headers()) {
            self.end = End::Grpc(status.code());
        }
    }

    /// A part of the response's body was given to the transport.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.sent_bytes += bytes as u64;
        self.sent_bytes_total.inc_by(bytes as u64);
        if let Some(streaming) = &mut self.streaming
            && std::mem::take(&mut streaming.awaits_first_message)
        {
            let label = MethodLabel { method: self.label };
            let elapsed = self.started.elapsed().as_secs_f64();
            self.metrics.time_to_first_message_seconds.get_or_create(&label).observe(elapsed);
        }
    }

    /// The response's trailers were given to the transport.
    pub(super) fn trailed(&mut self, trailers: &HeaderMap) {
        if let Some(status) = Status::from_header_map(trailers) {
            self.end = End::Grpc(status.code());
        }
    }

    /// The response's body is over. Without trailers before it, a gRPC call has no status, which is a mistake of the handler's.
    pub(super) fn body_ended(&mut self) {
        if self.end == End::Open {
            self.end = End::Grpc(Code::Unknown);
        }
    }

    fn log(&self, code: &'static str) {
        // Whole microseconds read well; more would be noise.
        let duration_ms = self.started.elapsed().as_micros() as f64 / 1e3;
        let bytes = self.sent_bytes;
        let _entered = self.span.enter();
        match self.end {
            End::Open => tracing::debug!(code, duration_ms, bytes, "caller went away"),
            End::Grpc(status) if is_fault(status) => {
                tracing::error!(code, duration_ms, bytes, "call failed");
            }
            _ if self.is_probe => tracing::debug!(code, duration_ms, bytes, "call ended"),
            _ => tracing::info!(code, duration_ms, bytes, "call ended"),
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(streaming) = &self.streaming {
            streaming.active.dec();
        }
        if self.end == End::Open && std::thread::panicking() {
            self.end = End::Grpc(Code::Internal);
        }
        let code = match self.end {
            End::Open => code_name(Code::Cancelled),
            End::Grpc(code) => code_name(code),
            End::Http(status) => http_class(status),
        };
        self.metrics.requests.get_or_create(&CodeLabels { method: self.label, code }).inc();
        self.log(code);
    }
}

/// Whether the time to the first response message says something: not where the client has to stream first.
fn starts_with_first_message(method: &Method) -> bool {
    method.server_streams && !method.client_streams
}

/// Whether a person has to look at the server because of this code.
fn is_fault(code: Code) -> bool {
    matches!(code, Code::Internal | Code::DataLoss | Code::Unknown)
}

/// The label of an HTTP status: its class is enough, and bounded.
fn http_class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
