//! What is looked after now and then: retention, the sizes in the metrics, and streams that take no appends.

use std::time::Duration;

use spile_engine::{Engine, Retention, SealPolicy};
use tokio::time::MissedTickBehavior;

use crate::context::ServerContext;
use crate::readiness::Scope;

/// How often.
const EVERY: Duration = Duration::from_secs(2);

/// The part that is unready while a stream takes no appends.
const STORAGE: &str = "storage";

/// Keeps house for ever.
pub(super) async fn keep(engine: Engine, context: ServerContext, retention: Retention) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (engine, now) = (engine.clone(), context.clock.now_unix_nano());
        let kept = tokio::task::spawn_blocking(move || {
            engine.retain(&retention, now);
            engine.mark_idle();
            look(&engine)
        });
        match kept.await {
            Ok(look) => tell(&context, &look),
            Err(error) => tracing::error!(%error, "housekeeping failed"),
        }
    }
}

/// Moves records to segments for ever.
pub(super) async fn seal(engine: Engine, context: ServerContext, policy: SealPolicy) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (engine, now) = (engine.clone(), context.clock.now_unix_nano());
        let sealed = tokio::task::spawn_blocking(move || engine.keep_sealed(&policy, now)).await;
        match sealed {
            Ok(sealed) => {
                context.metrics.sealed_records.inc_by(sealed.records);
                context.metrics.seal_failures.inc_by(sealed.failures);
            }
            Err(error) => tracing::error!(%error, "sealing failed"),
        }
    }
}

/// What one look at all streams found.
#[derive(Debug, Default)]
struct Look {
    journal_bytes: u64,
    segment_bytes: u64,
    segments: u64,
    /// Streams that take no appends, with the reason.
    read_only: Vec<String>,
}

fn look(engine: &Engine) -> Look {
    let mut look = Look::default();
    for stream in engine.streams(None, usize::MAX) {
        let status = stream.status();
        look.journal_bytes += status.stored_bytes - status.segment_bytes;
        look.segment_bytes += status.segment_bytes;
        look.segments += status.segments;
        look.read_only.extend(status.read_only.map(|reason| format!("stream {}: {reason}", stream.name())));
    }
    look
}

fn tell(context: &ServerContext, look: &Look) {
    let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    context.metrics.journal_bytes.set(gauge(look.journal_bytes));
    context.metrics.segment_bytes.set(gauge(look.segment_bytes));
    context.metrics.segments.set(gauge(look.segments));
    context.metrics.read_only_streams.set(i64::try_from(look.read_only.len()).unwrap_or(i64::MAX));
    if !look.read_only.is_empty() {
        context.readiness.lower(STORAGE, Scope::All, look.read_only.join("; "));
    }
}
