//! The server's metrics: typed handles for those who count, and the text that `/metrics` gives.
//!
//! `metrics/names.rs` holds every name, meaning and label; `docs/metrics.md` repeats them, which a test compares.

mod labels;
pub mod names;
mod process;

#[cfg(test)]
mod tests;

use std::time::Instant;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry};

pub use labels::{
    CodeLabels, EndLabels, MethodLabel, PortLabel, PortReasonLabels, ReasonLabel, SourceLabel, StateLabel,
    TransportLabel,
};
use names::Spec;

/// A family of histograms that share their buckets.
pub type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// Handles to all metrics of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    started: Instant,
    process: process::ProcessMetrics,
    /// See [`names::REQUESTS`].
    pub requests: Family<CodeLabels, Counter>,
    /// See [`names::ACTIVE_STREAMS`].
    pub active_streams: Family<MethodLabel, Gauge>,
    /// See [`names::TIME_TO_FIRST_MESSAGE`].
    pub time_to_first_message_seconds: Histograms<MethodLabel>,
    /// See [`names::SENT_RECORDS`].
    pub sent_records: Family<MethodLabel, Counter>,
    /// See [`names::SENT_BYTES`].
    pub sent_bytes: Family<MethodLabel, Counter>,
    /// See [`names::LAG`].
    pub lag_records: Histograms<MethodLabel>,
    /// See [`names::STREAM_ENDS`].
    pub stream_ends: Family<EndLabels, Counter>,
    /// See [`names::STALLED_STREAMS`].
    pub stalled_streams: Gauge,
    /// See [`names::APPENDED_RECORDS`].
    pub appended_records: Family<SourceLabel, Counter>,
    /// See [`names::REFUSED_RECORDS`].
    pub refused_records: Family<SourceLabel, Counter>,
    /// See [`names::APPENDED_BYTES`].
    pub appended_bytes: Family<SourceLabel, Counter>,
    /// See [`names::FSYNC`].
    pub fsync_seconds: Histogram,
    /// See [`names::JOURNAL_BYTES`].
    pub journal_bytes: Gauge,
    /// See [`names::SEGMENT_BYTES`].
    pub segment_bytes: Gauge,
    /// See [`names::SEGMENTS`].
    pub segments: Gauge,
    /// See [`names::SEALED_RECORDS`].
    pub sealed_records: Counter,
    /// See [`names::SEAL_FAILURES`].
    pub seal_failures: Counter,
    /// See [`names::READ_ONLY_STREAMS`].
    pub read_only_streams: Gauge,
    /// See [`names::FOLLOWED_FILES`].
    pub followed_files: Gauge,
    /// See [`names::FOLLOWED_LINES`].
    pub followed_lines: Counter,
    /// See [`names::DATABASES`].
    pub databases: Family<StateLabel, Gauge>,
    /// See [`names::DATABASE_ROWS`].
    pub database_rows: Counter,
    /// See [`names::DATABASE_FAILURES`].
    pub database_failures: Family<ReasonLabel, Counter>,
    /// See [`names::SYSLOG_MESSAGES`].
    pub syslog_messages: Family<TransportLabel, Counter>,
    /// See [`names::SYSLOG_DROPPED`].
    pub syslog_dropped: Counter,
    /// See [`names::OPEN_CONNECTIONS`].
    pub open_connections: Family<PortLabel, Gauge>,
    /// See [`names::ACCEPTED_CONNECTIONS`].
    pub accepted_connections: Family<PortLabel, Counter>,
    /// See [`names::REFUSED_CONNECTIONS`].
    pub refused_connections: Family<PortLabel, Counter>,
    /// See [`names::CLOSED_CONNECTIONS`].
    pub closed_connections: Family<PortReasonLabels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics that have counted nothing, in a registry of their own.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register(names::BUILD.name, names::BUILD.help_without_period(), build);
        Self {
            started: Instant::now(),
            process: process::ProcessMetrics::register(&mut registry),
            requests: registered(&mut registry, &names::REQUESTS),
            active_streams: registered(&mut registry, &names::ACTIVE_STREAMS),
            time_to_first_message_seconds: histograms(
                &mut registry,
                &names::TIME_TO_FIRST_MESSAGE,
                fast_seconds,
            ),
            sent_records: registered(&mut registry, &names::SENT_RECORDS),
            sent_bytes: registered(&mut registry, &names::SENT_BYTES),
            lag_records: histograms(&mut registry, &names::LAG, record_counts),
            stream_ends: registered(&mut registry, &names::STREAM_ENDS),
            stalled_streams: registered(&mut registry, &names::STALLED_STREAMS),
            appended_records: registered(&mut registry, &names::APPENDED_RECORDS),
            refused_records: registered(&mut registry, &names::REFUSED_RECORDS),
            appended_bytes: registered(&mut registry, &names::APPENDED_BYTES),
            fsync_seconds: register(&mut registry, &names::FSYNC, fast_seconds()),
            journal_bytes: registered(&mut registry, &names::JOURNAL_BYTES),
            segment_bytes: registered(&mut registry, &names::SEGMENT_BYTES),
            segments: registered(&mut registry, &names::SEGMENTS),
            sealed_records: registered(&mut registry, &names::SEALED_RECORDS),
            seal_failures: registered(&mut registry, &names::SEAL_FAILURES),
            read_only_streams: registered(&mut registry, &names::READ_ONLY_STREAMS),
            followed_files: registered(&mut registry, &names::FOLLOWED_FILES),
            followed_lines: registered(&mut registry, &names::FOLLOWED_LINES),
            databases: registered(&mut registry, &names::DATABASES),
            database_rows: registered(&mut registry, &names::DATABASE_ROWS),
            database_failures: registered(&mut registry, &names::DATABASE_FAILURES),
            syslog_messages: registered(&mut registry, &names::SYSLOG_MESSAGES),
            syslog_dropped: registered(&mut registry, &names::SYSLOG_DROPPED),
            open_connections: registered(&mut registry, &names::OPEN_CONNECTIONS),
            accepted_connections: registered(&mut registry, &names::ACCEPTED_CONNECTIONS),
            refused_connections: registered(&mut registry, &names::REFUSED_CONNECTIONS),
            closed_connections: registered(&mut registry, &names::CLOSED_CONNECTIONS),
            registry,
        }
    }

    /// All metrics in the OpenMetrics text format. Must be called inside a tokio runtime.
    pub fn render(&self) -> String {
        self.process.update(self.started.elapsed());
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes what is written");
        text
    }
}

/// Registers a metric that needs no arguments.
fn registered<M: Metric + Clone + Default>(registry: &mut Registry, spec: &Spec) -> M {
    register(registry, spec, M::default())
}

fn histograms<L>(registry: &mut Registry, spec: &Spec, make: fn() -> Histogram) -> Histograms<L>
where
    Histograms<L>: Metric + Clone,
    L: Clone + std::hash::Hash + Eq,
{
    register(registry, spec, Family::new_with_constructor(make))
}

fn register<M: Metric + Clone>(registry: &mut Registry, spec: &Spec, metric: M) -> M {
    registry.register(spec.name, spec.help_without_period(), metric.clone());
    metric
}

/// 100 us to about 100 s, three buckets to a factor of eight.
fn fast_seconds() -> Histogram {
    Histogram::new(exponential_buckets(100e-6, 2.0, 21))
}

/// 1 to about 16 million records.
fn record_counts() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 8.0, 9))
}
