//! Every bound of the server, with its unit. The values come from the settings table (`config/table.rs`), which also
//! holds the defaults and the permitted range of each.

use std::time::Duration;

use rand::RngExt;

/// How far a jittered age may lie from its setting, as a fraction: 10 %.
const AGE_JITTER: f64 = 0.10;

/// The bounds that handlers and streams look at. Shared by all of them, never changed while the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The largest message that a client may send to Spile's own services, in bytes after the gRPC frame header.
    pub max_request_bytes: usize,
    /// A streaming response message is sent when it has grown to this many bytes, or earlier when nothing more waits.
    pub batch_target_bytes: usize,
    /// The age at which a stream ends with its cursor, before jitter. See [`Limits::jittered_stream_age`].
    pub max_stream_age: Duration,
    /// A stream that delivers nothing says how far it has scanned at least this often.
    pub progress_interval: Duration,
    /// A stream whose reader takes nothing for this long is ended.
    pub stall_limit: Duration,
    /// Recent frames kept in memory for each stream, in bytes.
    pub ring_bytes: u64,
    /// How long the server stays up, unready, before it stops accepting; for load balancers that look only now and then.
    pub drain_delay: Duration,
    /// How long streams and connections may take to end by themselves once draining.
    pub drain_grace: Duration,
    /// The bounds of whole requests of records.
    pub receive: ReceiveLimits,
    /// The bounds of one connection and of their number.
    pub connection: ConnectionLimits,
}

/// The bounds of requests by OTLP and Loki's push API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiveLimits {
    /// The largest request, in bytes before and after decompression.
    pub max_request_bytes: usize,
    /// Memory for all requests that are being taken in, in bytes. When it is used up, more are refused, to be sent again.
    pub memory_bytes: usize,
}

/// The bounds that the transport looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections open at once on the main port; more are refused.
    pub max_connections: usize,
    /// HTTP/2 streams open at once on a connection; more are refused with REFUSED_STREAM.
    pub max_concurrent_streams: u32,
    /// Streams that this side had to reset because of the peer's errors before the connection is closed.
    pub max_local_error_resets: usize,
    /// Streams reset by the peer before they were looked at, before the connection is closed.
    pub max_pending_accept_resets: usize,
    /// How many bytes a client may send ahead on one stream.
    pub stream_window_bytes: u32,
    /// How many bytes a client may send ahead on one connection.
    pub connection_window_bytes: u32,
    /// The size of a request's header list, in bytes as HTTP/2 counts them.
    pub max_header_list_bytes: u32,
    /// Bytes written ahead for one stream whose reader is slow.
    pub send_buffer_bytes: usize,
    /// A ping is sent after this long without a sign of life.
    pub keepalive_interval: Duration,
    /// A connection that does not answer the ping within this is closed.
    pub keepalive_timeout: Duration,
    /// A new connection must have shown what it speaks, and a HTTP/1.1 request its header, within this.
    pub first_byte_timeout: Duration,
    /// The age, before jitter, at which a connection is asked to go elsewhere (GOAWAY); its streams go on. None: never.
    pub max_age: Option<Duration>,
    /// A connection without an open stream for this long is asked to go. None: never.
    pub max_idle: Option<Duration>,
}

impl Limits {
    /// The age at which one stream ends: [`Limits::max_stream_age`] ± 10 %, so that streams opened together do not all
    /// come back together.
    pub fn jittered_stream_age(&self) -> Duration {
        jittered(self.max_stream_age)
    }
}

/// `age` ± 10 %, drawn anew at each call.
pub(crate) fn jittered(age: Duration) -> Duration {
    age.mul_f64(rand::rng().random_range(1.0 - AGE_JITTER..=1.0 + AGE_JITTER))
}
