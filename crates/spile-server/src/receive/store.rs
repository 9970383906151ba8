//! Makes the records of a request durable. All of them become visible together.

use std::time::Duration;

use spile_engine::{Append, AppendError};
use tokio::time::timeout;
use tonic::Status;

use super::ReceiveState;
use super::drafts::{Laid, Refused};
use crate::metrics::SourceLabel;
use crate::status::{ErrorReason, error};
use crate::write::{errors, stream_or_new};

/// How long a request waits for its place in the line of appends. Exporters give up after 10 s, and then send it again.
const LINE_TIMEOUT: Duration = Duration::from_secs(5);

/// Stores what was laid down and says what was refused. An answer means that the records are durable.
pub(crate) async fn store(
    state: &ReceiveState,
    stream: &str,
    source: &'static str,
    laid: Laid,
) -> Result<Refused, Status> {
    // Held until everything is stored.
    let Laid { drafts, refused, charge: _charge } = laid;
    let metrics = &state.context.metrics;
    let label = SourceLabel { source };
    // The stream's name is checked even if there is nothing for it.
    let stream = stream_or_new(&state.engine, stream).await?;
    if !drafts.is_empty() {
        let received_unix_nano = state.context.clock.now_unix_nano();
        let append = Append { drafts, producer: None, received_unix_nano };
        let bytes = append.encoded_bytes() as u64;
        let joined = timeout(LINE_TIMEOUT, stream.enqueue(append)).await.map_err(|_| line_is_full())?;
        let acked = joined.map_err(|why| errors::append_status(&why))?;
        let ack =
            acked.await.unwrap_or(Err(AppendError::Closed)).map_err(|why| errors::append_status(&why))?;
        metrics.appended_records.get_or_create(&label).inc_by(ack.records);
        metrics.appended_bytes.get_or_create(&label).inc_by(bytes);
    }
    if refused.records > 0 {
        metrics.refused_records.get_or_create(&label).inc_by(refused.records);
        tracing::warn!(source, stream = stream.name(), records = refused.records, first = %refused.first, "records were refused");
    }
    Ok(refused)
}

fn line_is_full() -> Status {
    let why = format!("appends that came before have waited {} s for the disk", LINE_TIMEOUT.as_secs());
    error(ErrorReason::Overloaded).quota("waiting-bytes", why).into()
}
