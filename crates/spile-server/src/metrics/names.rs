//! Every metric: its name, what it means, and its labels.

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// The name, without the suffixes that the text format adds to counters (`_total`) and infos (`_info`).
    pub name: &'static str,
    /// Its type in the text format.
    pub kind: &'static str,
    /// Its labels, in order.
    pub labels: &'static [&'static str],
    /// What it means, a sentence.
    pub help: &'static str,
}

impl Spec {
    /// The help as the registry wants it: it adds the period.
    pub(super) fn help_without_period(&self) -> &'static str {
        self.help.strip_suffix('.').unwrap_or(self.help)
    }
}

macro_rules! metrics {
    ($($constant:ident: $kind:literal $name:literal [$($label:literal),*] $help:literal;)+) => {
        $(#[doc = $help] pub const $constant: Spec = Spec { name: $name, kind: $kind, labels: &[$($label),*], help: $help };)+

        /// All metrics, in the order in which they are documented.
        pub const ALL: &[Spec] = &[$($constant),+];
    };
}

metrics! {
    REQUESTS: "counter" "spile_requests" ["method", "code"]
        "Calls that have ended, by gRPC method or path of plain HTTP (else `http` or `unknown`) and code.";
    ACTIVE_STREAMS: "gauge" "spile_active_streams" ["method"]
        "Streaming calls and long polls that are open.";
    TIME_TO_FIRST_MESSAGE: "histogram" "spile_time_to_first_message_seconds" ["method"]
        "Time from a streaming call's arrival to its first response message, in seconds.";
    SENT_RECORDS: "counter" "spile_sent_records" ["method"]
        "Records delivered to readers.";
    SENT_BYTES: "counter" "spile_sent_bytes" ["method"]
        "Bytes of response messages given to the transport.";
    LAG: "histogram" "spile_lag_records" ["method"]
        "How many records a reader was behind the tail when it was given a message.";
    STREAM_ENDS: "counter" "spile_stream_ends" ["method", "reason"]
        "Streaming calls that have ended, by reason (`limit`, `until`, `end-of-history`, `max-age`, `drain`, `stalled`, `deadline`, `cancelled`, `error`).";
    STALLED_STREAMS: "gauge" "spile_stalled_streams" []
        "Streaming calls whose reader takes nothing at present.";
    APPENDED_RECORDS: "counter" "spile_appended_records" ["source"]
        "Records made durable, by where they came from (`append`, `upload`, `follow`, `database`, `syslog`, `otlp`, `loki`).";
    REFUSED_RECORDS: "counter" "spile_refused_records" ["source"]
        "Records of requests that were taken, which could not be kept themselves (`otlp`, `loki`).";
    APPENDED_BYTES: "counter" "spile_appended_bytes" ["source"]
        "Encoded bytes of the records made durable.";
    FSYNC: "histogram" "spile_journal_fsync_seconds" []
        "Time that a sync of the journal to disk took, in seconds.";
    JOURNAL_BYTES: "gauge" "spile_journal_bytes" []
        "Bytes of all journals on disk.";
    SEGMENT_BYTES: "gauge" "spile_segment_bytes" []
        "Bytes of all segments.";
    SEGMENTS: "gauge" "spile_segments" []
        "Segments of all streams.";
    SEALED_RECORDS: "counter" "spile_sealed_records" []
        "Records moved from journals to segments.";
    SEAL_FAILURES: "counter" "spile_seal_failures" []
        "Attempts to seal or merge segments that failed; each is tried again.";
    READ_ONLY_STREAMS: "gauge" "spile_read_only_streams" []
        "Streams that take no appends since their storage failed.";
    FOLLOWED_FILES: "gauge" "spile_followed_files" []
        "Files that are followed.";
    FOLLOWED_LINES: "counter" "spile_followed_lines" []
        "Lines read from followed files.";
    DATABASES: "gauge" "spile_databases" ["state"]
        "Databases that are sources, by what they are doing (`reading` rows, `following`: all are read, `waiting` for a transaction or the lag, `failing`).";
    DATABASE_ROWS: "counter" "spile_database_rows" []
        "Rows read from databases. After a failure some are read again; none is stored twice.";
    DATABASE_FAILURES: "counter" "spile_database_failures" ["reason"]
        "Times that reading a database failed and was begun anew, by reason (`connect`, `query`, `shape` of the table, `append`).";
    SYSLOG_MESSAGES: "counter" "spile_syslog_messages" ["transport"]
        "Syslog messages received, by transport (`tcp`, `udp`).";
    SYSLOG_DROPPED: "counter" "spile_syslog_dropped" []
        "Syslog datagrams that the system threw away because they came faster than they were received, where it tells (Linux).";
    OPEN_CONNECTIONS: "gauge" "spile_open_connections" ["port"]
        "Connections that are open, by port (`main`, `admin`, `otlp`, `syslog`).";
    ACCEPTED_CONNECTIONS: "counter" "spile_accepted_connections" ["port"]
        "Connections accepted.";
    REFUSED_CONNECTIONS: "counter" "spile_refused_connections" ["port"]
        "Connections refused because as many as permitted were open.";
    CLOSED_CONNECTIONS: "counter" "spile_closed_connections" ["port", "reason"]
        "Connections that have ended, by reason (`finished`, `failed`, `no-first-byte`, `cut-off` by a watchdog, `drain`; of syslog also `slow`, `idle`).";
    BUILD: "info" "spile_build" ["version"]
        "The server's version.";
    UPTIME: "gauge" "spile_uptime_seconds" []
        "Time since the server started, in seconds.";
    TOKIO_TASKS: "gauge" "spile_tokio_tasks" []
        "Tasks alive on the server's runtime.";
    RESIDENT_MEMORY: "gauge" "process_resident_memory_bytes" []
        "Resident memory of the process, in bytes; 0 where the system does not tell.";
}
