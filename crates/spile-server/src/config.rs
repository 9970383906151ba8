//! The server's configuration: what it is ([`Config`]), and how it is put together from flags, environment and file.
//!
//! One table (`config/table.rs`) names every setting with its default, unit and bounds. Flags, `SPILE_*` variables, the
//! TOML file, `--help` and `--init-config` are all read from it.

mod cli;
mod file;
mod problems;
mod render;
mod resolve;
mod setting;
mod table;
pub(crate) mod value;

#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use cli::{Invocation, parse};
pub use problems::{Problem, Problems};

use crate::limits::{ConnectionLimits, Limits, ReceiveLimits};
use crate::source::database::address::DatabaseAddress;
use crate::source::syslog::SyslogOptions;
use crate::source::syslog::zone::Zone;

/// Everything that can be set. Made by [`parse`]; [`Config::default`] holds the defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The main port: gRPC and HTTP/1.1.
    pub listen: SocketAddr,
    /// Further addresses that serve OTLP and nothing else.
    pub otlp_listen: Vec<SocketAddr>,
    /// The admin port: metrics, probes and health, without records.
    pub admin_listen: SocketAddr,
    /// The main port may be bound elsewhere than on loopback although callers are not identified.
    pub allow_unauthenticated: bool,
    /// Where Jaeger's pages are, for the viewer's links.
    pub jaeger_url: Option<String>,
    /// Where records are kept.
    pub data_dir: PathBuf,
    /// Files to follow, as glob patterns.
    pub follow: Vec<String>,
    /// Databases to read.
    pub sources: Vec<DatabaseAddress>,
    /// Where syslog is taken in.
    pub syslog: SyslogOptions,
    /// What is kept of each stream.
    pub retention: Retention,
    /// When records move from the journal to segments.
    pub sealing: Sealing,
    /// When a journal file is full, bytes.
    pub journal_file_bytes: u64,
    /// Corrupt journals are repaired instead of refused.
    pub repair: bool,
    /// All bounds.
    pub limits: Limits,
    /// The server's own log.
    pub log: LogConfig,
}

/// What is kept of each stream; the oldest records go first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// At most this many bytes on disk; None: no limit.
    pub max_bytes: Option<u64>,
    /// Records older than this are removed; None: no limit.
    pub max_age: Option<Duration>,
}

/// When records move from the journal to segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealing {
    /// When a stream's journal has so many bytes.
    pub bytes: u64,
    /// When its oldest record is this old.
    pub age: Duration,
    /// Also when the server stops.
    pub at_drain: bool,
}

/// The server's own log, on stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// Its form.
    pub format: LogFormat,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`, for instance `info,spile_server=debug`.
    pub filter: String,
}

/// The form of the server's own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One line of text each, for people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        resolve::defaults()
    }
}

impl Config {
    /// A configuration in which nothing is set: what the table's settings are written to.
    fn unset() -> Self {
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        Self {
            listen: nowhere,
            otlp_listen: Vec::new(),
            admin_listen: nowhere,
            allow_unauthenticated: false,
            jaeger_url: None,
            data_dir: PathBuf::new(),
            follow: Vec::new(),
            sources: Vec::new(),
            syslog: SyslogOptions {
                listen: Vec::new(),
                stream: String::new(),
                zone: Zone::utc(),
                max_connections: 0,
                udp_buffer_bytes: 0,
            },
            retention: Retention { max_bytes: None, max_age: None },
            sealing: Sealing { bytes: 0, age: Duration::ZERO, at_drain: false },
            journal_file_bytes: 0,
            repair: false,
            limits: Limits {
                max_request_bytes: 0,
                batch_target_bytes: 0,
                max_stream_age: Duration::ZERO,
                progress_interval: Duration::ZERO,
                stall_limit: Duration::ZERO,
                ring_bytes: 0,
                drain_delay: Duration::ZERO,
                drain_grace: Duration::ZERO,
                receive: ReceiveLimits { max_request_bytes: 0, memory_bytes: 0 },
                connection: ConnectionLimits {
                    max_connections: 0,
                    max_concurrent_streams: 0,
                    max_local_error_resets: 0,
                    max_pending_accept_resets: 0,
                    stream_window_bytes: 0,
                    connection_window_bytes: 0,
                    max_header_list_bytes: 0,
                    send_buffer_bytes: 0,
                    keepalive_interval: Duration::ZERO,
                    keepalive_timeout: Duration::ZERO,
                    first_byte_timeout: Duration::ZERO,
                    max_age: None,
                    max_idle: None,
                },
            },
            log: LogConfig { format: LogFormat::Text, filter: String::new() },
        }
    }
}
