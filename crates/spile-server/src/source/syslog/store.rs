//! Messages into the stream. A sender over TCP waits while they are not stored, and nothing that was read is given up before the server stops.

use std::time::Duration;

use spile_engine::{Append, AppendError};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::ingest::drafts::Drafts;
use crate::metrics::SourceLabel;
use crate::source::Sink;

/// The label of messages in the metrics.
const LABEL: SourceLabel = SourceLabel { source: "syslog" };

/// Between two attempts to store the same records.
const PAUSE: Duration = Duration::from_millis(500);

/// Why records were given up.
#[derive(Debug)]
pub(super) struct GivenUp;

/// Stores what is laid down. Returns when it is durable.
pub(super) async fn store(
    sink: &Sink,
    drafts: &mut Drafts,
    shutdown: &CancellationToken,
) -> Result<(), GivenUp> {
    let drafts = drafts.take();
    if drafts.is_empty() {
        return Ok(());
    }
    let received_unix_nano = sink.context.clock.now_unix_nano();
    let mut is_told = false;
    loop {
        let append = Append { drafts: drafts.clone(), producer: None, received_unix_nano };
        let bytes = append.encoded_bytes();
        match sink.stream.append(append).await {
            Ok(ack) => {
                if is_told {
                    tracing::info!("syslog messages are stored again");
                }
                let metrics = &sink.context.metrics;
                metrics.appended_records.get_or_create(&LABEL).inc_by(ack.records);
                metrics.appended_bytes.get_or_create(&LABEL).inc_by(bytes as u64);
                return Ok(());
            }
            Err(error @ AppendError::NotWritten(_)) if !shutdown.is_cancelled() => {
                if !std::mem::replace(&mut is_told, true) {
                    tracing::warn!(%error, "syslog messages are not stored; they are tried again, and their senders wait");
                }
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    () = sleep(PAUSE) => {}
                }
            }
            Err(error) => {
                tracing::error!(%error, "syslog messages are lost: the stream does not take them");
                return Err(GivenUp);
            }
        }
    }
}
