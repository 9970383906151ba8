//! Metrics of the process itself, read when they are asked for.

use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::runtime::Handle;

use super::{names, registered};

#[derive(Debug)]
pub(super) struct ProcessMetrics {
    uptime_seconds: Gauge,
    tokio_tasks: Gauge,
    resident_memory_bytes: Gauge,
}

impl ProcessMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        Self {
            uptime_seconds: registered(registry, &names::UPTIME),
            tokio_tasks: registered(registry, &names::TOKIO_TASKS),
            resident_memory_bytes: registered(registry, &names::RESIDENT_MEMORY),
        }
    }

    pub(super) fn update(&self, uptime: Duration) {
        let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.uptime_seconds.set(gauge(uptime.as_secs()));
        self.tokio_tasks.set(gauge(Handle::current().metrics().num_alive_tasks() as u64));
        self.resident_memory_bytes.set(gauge(resident_memory_bytes().unwrap_or(0)));
    }
}

/// `VmRSS` of Linux's process status.
fn resident_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
