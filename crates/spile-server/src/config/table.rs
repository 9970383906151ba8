//! The table of settings: every name, meaning, default, unit and bound, once.

use super::setting::{Kind, List, Setting};

/// A heading of `--help` and of the file, with its settings.
pub(super) struct Section {
    pub(super) heading: &'static str,
    pub(super) settings: &'static [Setting],
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// All settings, in the order in which they are shown.
pub(super) const SECTIONS: &[Section] =
    &[ADDRESSES, DATA, SYSLOG, STREAMS, CONNECTIONS, STOPPING, DIAGNOSTICS];

/// All settings without their headings.
pub(super) fn settings() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.iter().flat_map(|section| section.settings)
}

const ADDRESSES: Section = Section {
    heading: "Addresses",
    settings: &[
        Setting {
            name: "listen",
            help: "The main port: gRPC and HTTP on one address.",
            default: "127.0.0.1:50051",
            kind: Kind::Address(|c, v| c.listen = v),
        },
        Setting {
            name: "otlp-listen",
            help: "A further address that serves OTLP and nothing else, over gRPC and HTTP alike, for senders that want its usual \
                   ports: 127.0.0.1:4317 and 127.0.0.1:4318. May be given several times; in the environment, addresses are \
                   separated by commas. The main port serves OTLP in any case.",
            default: "",
            kind: Kind::List(List::Addresses(|c, v| c.otlp_listen = v)),
        },
        Setting {
            name: "admin-listen",
            help: "The admin port: /metrics, /livez, /readyz and gRPC health. It never serves records.",
            default: "127.0.0.1:9464",
            kind: Kind::Address(|c, v| c.admin_listen = v),
        },
        Setting {
            name: "allow-unauthenticated",
            help: "Let `listen` be an address that other hosts can reach, although callers are not identified: whoever \
                   reaches the port may read and write every stream. Put a proxy that checks callers in front.",
            default: "false",
            kind: Kind::Switch(|c, v| c.allow_unauthenticated = v),
        },
        Setting {
            name: "jaeger-url",
            help: "Where Jaeger's pages are, as browsers reach it: the viewer links records to their traces there. Empty: no links.",
            default: "",
            kind: Kind::WebAddress(|c, v| c.jaeger_url = v),
        },
    ],
};

const DATA: Section = Section {
    heading: "Data",
    settings: &[
        Setting {
            name: "data-dir",
            help: "The directory where records are kept. It is made if it is missing.",
            default: "spile-data",
            kind: Kind::Path(|c, v| c.data_dir = v),
        },
        Setting {
            name: "follow",
            help: "Follow the files that match this glob pattern, new ones included. May be given several times; in the \
                   environment, patterns are separated by colons.",
            default: "",
            kind: Kind::List(List::Patterns(|c, v| c.follow = v)),
        },
        Setting {
            name: "source",
            help: "Read a table or query of a database, then its new rows: postgres://user@host/db?table=logs&cursor=id or \
                   sqlite:///path/to.db?query=SELECT...&cursor=id. docs/sources.md has all parameters. May be given several \
                   times; in the environment, one a line.",
            default: "",
            kind: Kind::List(List::Databases(|c, v| c.sources = v)),
        },
        Setting {
            name: "retain-bytes",
            help: "Keep at most this much of each stream on disk; the oldest records go first, whole segments at a time. A \
                   stream may have a retention of its own.",
            default: "10GiB",
            kind: Kind::BytesOrOff(MIB..=1024 * TIB, |c, v| c.retention.max_bytes = v),
        },
        Setting {
            name: "retain-age",
            help: "Remove records that are older than this.",
            default: "off",
            kind: Kind::TimeOrOff("1m", "36500d", |c, v| c.retention.max_age = v),
        },
        Setting {
            name: "seal-bytes",
            help: "When the journal of a stream has this size, its records move to a segment: a compressed Parquet file.",
            default: "64MiB",
            kind: Kind::Bytes(64 * KIB..=16 * GIB, |c, v| c.sealing.bytes = v),
        },
        Setting {
            name: "seal-age",
            help: "When the oldest record in the journal is this old, what is there moves to a segment. Small segments are merged.",
            default: "10m",
            kind: Kind::Time("1s", "365d", |c, v| c.sealing.age = v),
        },
        Setting {
            name: "seal-at-drain",
            help: "Also when the server stops: then the data directory holds nothing but segments, which other programs can read.",
            default: "false",
            kind: Kind::Switch(|c, v| c.sealing.at_drain = v),
        },
        Setting {
            name: "journal-file-bytes",
            help: "A journal file is full at this size, and the next one begins.",
            default: "64MiB",
            kind: Kind::Bytes(64 * KIB..=GIB, |config, value| config.journal_file_bytes = value),
        },
        Setting {
            name: "repair",
            help: "Start although a journal is corrupt: what cannot be read is set aside in a folder `quarantine` and told to \
                   readers as a gap. Without it the server refuses to start and names the file and the place.",
            default: "false",
            kind: Kind::Switch(|config, value| config.repair = value),
        },
        Setting {
            name: "ring-bytes",
            help: "Recent records kept in memory for each stream. Readers that are further behind read from disk.",
            default: "64MiB",
            kind: Kind::Bytes(MIB..=64 * GIB, |c, v| c.limits.ring_bytes = v),
        },
    ],
};

const SYSLOG: Section = Section {
    heading: "Syslog",
    settings: &[
        Setting {
            name: "syslog-listen",
            help: "Take syslog in (RFC 5424 and 3164) at this address: over TCP and UDP, or the one that is named. 514 is the usual \
                   port. May be given several times; in the environment, addresses are separated by commas.",
            default: "",
            kind: Kind::List(List::Syslog(|c, v| c.syslog.listen = v)),
        },
        Setting {
            name: "syslog-stream",
            help: "The stream that syslog goes to. It is made if it is missing.",
            default: "default",
            kind: Kind::Stream(|c, v| c.syslog.stream = v),
        },
        Setting {
            name: "syslog-zone",
            help: "The zone of times that name none, as RFC 3164 has them: local, UTC, an offset as +02:00, or a name as Europe/Berlin.",
            default: "UTC",
            kind: Kind::Zone(|c, v| c.syslog.zone = v),
        },
        Setting {
            name: "syslog-max-connections",
            help: "Syslog connections open at once; more are refused.",
            default: "1024",
            kind: Kind::Count(1..=100_000, |c, v| c.syslog.max_connections = size(v)),
        },
        Setting {
            name: "syslog-udp-buffer",
            help: "How much the system keeps of syslog datagrams that are not read yet; it may grant less (net.core.rmem_max).",
            default: "4MiB",
            kind: Kind::Bytes(64 * KIB..=GIB, |c, v| c.syslog.udp_buffer_bytes = size(v)),
        },
    ],
};

const STREAMS: Section = Section {
    heading: "Streams",
    settings: &[
        Setting {
            name: "max-stream-age",
            help: "A stream ends with its cursor at this age, give or take 10 %; clients resume unseen.",
            default: "15m",
            kind: Kind::Time("1s", "30d", |c, v| c.limits.max_stream_age = v),
        },
        Setting {
            name: "progress-interval",
            help: "A stream that delivers nothing says how far it has scanned at least this often.",
            default: "15s",
            kind: Kind::Time("100ms", "10m", |c, v| c.limits.progress_interval = v),
        },
        Setting {
            name: "stall-limit",
            help: "A stream whose reader takes nothing for this long is ended.",
            default: "60s",
            kind: Kind::Time("100ms", "1d", |c, v| c.limits.stall_limit = v),
        },
        Setting {
            name: "max-request-bytes",
            help: "The largest message that a client may send.",
            default: "8MiB",
            kind: Kind::Bytes(64 * KIB..=64 * MIB, |c, v| c.limits.max_request_bytes = size(v)),
        },
        Setting {
            name: "max-otlp-request-bytes",
            help: "The largest request by OTLP or Loki's push API, before and after decompression.",
            default: "64MiB",
            kind: Kind::Bytes(64 * KIB..=GIB, |c, v| c.limits.receive.max_request_bytes = size(v)),
        },
        Setting {
            name: "receive-memory-bytes",
            help: "Memory for all requests by OTLP and Loki's push API that are being taken in. When it is used up, more are \
                   refused and sent again by their senders.",
            default: "512MiB",
            kind: Kind::Bytes(MIB..=256 * GIB, |c, v| c.limits.receive.memory_bytes = size(v)),
        },
        Setting {
            name: "batch-target-bytes",
            help: "Records that wait are sent together in messages of about this size; nothing ever waits for a batch to fill.",
            default: "64KiB",
            kind: Kind::Bytes(KIB..=2 * MIB, |c, v| c.limits.batch_target_bytes = size(v)),
        },
    ],
};

const CONNECTIONS: Section = Section {
    heading: "Connections",
    settings: &[
        Setting {
            name: "max-connections",
            help: "Connections open at once on the main port; more are refused with the reason.",
            default: "4096",
            kind: Kind::Count(1..=1_000_000, |c, v| c.limits.connection.max_connections = size(v)),
        },
        Setting {
            name: "max-concurrent-streams",
            help: "Calls open at once on one connection; clients hold further ones back.",
            default: "256",
            kind: Kind::Count(1..=65_536, |c, v| c.limits.connection.max_concurrent_streams = window(v)),
        },
        Setting {
            name: "max-local-error-resets",
            help: "Calls on one connection that the server had to reset because of the client's errors, before the connection \
                   is closed.",
            default: "1024",
            kind: Kind::Count(16..=65_536, |c, v| c.limits.connection.max_local_error_resets = size(v)),
        },
        Setting {
            name: "max-pending-accept-resets",
            help: "Calls on one connection that the client reset before the server could look at them, before the connection \
                   is closed.",
            default: "20",
            kind: Kind::Count(1..=65_536, |c, v| c.limits.connection.max_pending_accept_resets = size(v)),
        },
        Setting {
            name: "stream-window",
            help: "How much a client may send ahead on one call.",
            default: "1MiB",
            kind: Kind::Bytes(64 * KIB..=GIB, |c, v| c.limits.connection.stream_window_bytes = window(v)),
        },
        Setting {
            name: "connection-window",
            help: "How much a client may send ahead on one connection; at least `stream-window`.",
            default: "16MiB",
            kind: Kind::Bytes(64 * KIB..=GIB, |c, v| c.limits.connection.connection_window_bytes = window(v)),
        },
        Setting {
            name: "max-header-list",
            help: "The size of a request's header list.",
            default: "16KiB",
            kind: Kind::Bytes(8 * KIB..=MIB, |c, v| c.limits.connection.max_header_list_bytes = window(v)),
        },
        Setting {
            name: "send-buffer",
            help: "How much is written ahead for one call whose reader is slow.",
            default: "256KiB",
            kind: Kind::Bytes(16 * KIB..=16 * MIB, |c, v| c.limits.connection.send_buffer_bytes = size(v)),
        },
        Setting {
            name: "keepalive-interval",
            help: "A connection is pinged after this long without a sign of life.",
            default: "60s",
            kind: Kind::Time("1s", "1d", |c, v| c.limits.connection.keepalive_interval = v),
        },
        Setting {
            name: "keepalive-timeout",
            help: "A connection that does not answer the ping within this is closed.",
            default: "20s",
            kind: Kind::Time("100ms", "1h", |c, v| c.limits.connection.keepalive_timeout = v),
        },
        Setting {
            name: "first-byte-timeout",
            help: "A new connection must have shown what it speaks within this, and a HTTP/1.1 request must have sent its header.",
            default: "10s",
            kind: Kind::Time("100ms", "1h", |c, v| c.limits.connection.first_byte_timeout = v),
        },
        Setting {
            name: "max-connection-age",
            help: "A connection is asked to go elsewhere at this age, give or take 10 %; its calls go on until they end. It lets \
                   clients spread over new servers.",
            default: "1h",
            kind: Kind::TimeOrOff("1s", "30d", |c, v| c.limits.connection.max_age = v),
        },
        Setting {
            name: "max-connection-idle",
            help: "A connection without a call for this long is asked to go.",
            default: "15m",
            kind: Kind::TimeOrOff("1s", "30d", |c, v| c.limits.connection.max_idle = v),
        },
    ],
};

const STOPPING: Section = Section {
    heading: "Stopping",
    settings: &[
        Setting {
            name: "drain-delay",
            help: "How long the server goes on, unready, before it stops accepting; for load balancers that look only now and then.",
            default: "0s",
            kind: Kind::Time("0s", "10m", |c, v| c.limits.drain_delay = v),
        },
        Setting {
            name: "drain-grace",
            help: "How long calls and connections may take to end by themselves on SIGTERM. A second signal ends at once.",
            default: "25s",
            kind: Kind::Time("0s", "1h", |c, v| c.limits.drain_grace = v),
        },
    ],
};

const DIAGNOSTICS: Section = Section {
    heading: "Diagnostics",
    settings: &[
        Setting {
            name: "log-format",
            help: "The form of the server's own log, on stderr.",
            default: "text",
            kind: Kind::LogFormat(|c, v| c.log.format = v),
        },
        Setting {
            name: "log-filter",
            help: "What is logged: a level, or levels by module, for instance info,spile_server=debug.",
            default: "info",
            kind: Kind::LogFilter(|c, v| c.log.filter = v),
        },
    ],
};

/// A bounded value as a size in memory.
fn size(value: u64) -> usize {
    usize::try_from(value).expect("the table's bounds fit the address space")
}

/// A bounded value as HTTP/2 counts it.
fn window(value: u64) -> u32 {
    u32::try_from(value).expect("the table bounds HTTP/2 settings below 2^31")
}
