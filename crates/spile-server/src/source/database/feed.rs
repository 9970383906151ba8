//! Rows into the stream: batches that end between two positions, each numbered, its position written down before it is appended.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::address::DatabaseAddress;
use super::position::Position;
use super::progress::{Progress, ProgressError};
use super::row::{Records, Row};
use super::trouble::Trouble;
use crate::ingest::decoder::Batch;
use crate::ingest::drafts::Drafts;
use crate::ingest::pipeline::AppendPipeline;
use crate::ingest::place::Place;
use crate::source::Sink;

/// The label of rows in the metrics.
const LABEL: &str = "database";

/// A batch is sent when it has so many encoded bytes.
const BATCH_BYTES: usize = 256 << 10;

/// How many encoded bytes of one database may be on their way.
const WINDOW_BYTES: usize = 2 << 20;

/// Rows of one position are stored together, and may have so many encoded bytes.
const MAX_POSITION_BYTES: usize = 8 << 20;

/// The way of a database's rows into its stream.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) sink: Sink,
    producer: Arc<str>,
    progress: Progress,
    pipeline: AppendPipeline,
    /// Behind the last batch that was sent.
    position: Option<Position>,
    /// The number of the next batch.
    next: u64,
    drafts: Drafts,
    /// The position of the rows laid down last, of which more may come.
    laid_down: Option<Position>,
}

impl Feed {
    /// Finds out how far the database is read.
    pub(super) async fn open(
        address: &DatabaseAddress,
        folder: &Path,
        sink: Sink,
    ) -> Result<Self, ProgressError> {
        let producer: Arc<str> = address.producer().into();
        let (folder, id, shown) = (folder.to_path_buf(), Arc::clone(&producer), address.to_string());
        let stream_id = sink.stream.id();
        let load = move || Progress::load(&folder, &id, &shown, stream_id);
        let progress = blocking(load).await?;
        let (number, position) = progress.durable(sink.stream.last_sequence(&producer).map(number_of))?;
        let pipeline = pipeline(&sink, &producer, number);
        let drafts = Drafts::default();
        Ok(Self { sink, producer, progress, pipeline, position, next: number + 1, drafts, laid_down: None })
    }

    /// Behind which position rows are to be read.
    pub(super) fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// Notes the columns that positions are made of.
    pub(super) fn set_cursor(&mut self, columns: &[String]) -> Result<(), Trouble> {
        Ok(self.progress.set_cursor(columns)?)
    }

    /// Takes rows, which ascend. Waits while too many are on their way.
    pub(super) async fn take(&mut self, rows: Vec<Row>, records: &mut Records) -> Result<(), Trouble> {
        let now = self.sink.context.clock.now_unix_nano();
        self.sink.context.metrics.database_rows.inc_by(rows.len() as u64);
        for Row { position, cells, .. } in rows {
            if self.laid_down.as_ref() != Some(&position) {
                if self.drafts.bytes() >= BATCH_BYTES {
                    self.send().await?;
                }
            } else if self.drafts.bytes() > MAX_POSITION_BYTES {
                return Err(Trouble::Shape(format!(
                    "more than {} MiB of rows have the same cursor ({position}); add a column to `cursor` that tells them apart",
                    MAX_POSITION_BYTES >> 20
                )));
            }
            let (record, resource) = records.record(&cells, now);
            self.drafts.push(record, resource.as_ref(), now);
            self.laid_down = Some(position);
        }
        Ok(())
    }

    /// Sends what is laid down, when no more rows of its last position can come.
    pub(super) async fn send(&mut self) -> Result<(), Trouble> {
        let Some(position) = self.laid_down.take() else { return Ok(()) };
        self.progress.intend(self.next, position.clone());
        self.progress.set_durable(self.pipeline.stored().place.start);
        self.write().await?;
        let received_unix_nano = self.sink.context.clock.now_unix_nano();
        let batch = Batch { drafts: self.drafts.take(), place: Place::behind(self.next), received_unix_nano };
        self.pipeline.send(batch).await?;
        self.position = Some(position);
        self.next += 1;
        Ok(())
    }

    /// Waits until everything that was sent is durable.
    pub(super) async fn flush(&mut self) -> Result<(), Trouble> {
        Ok(self.pipeline.flush().await?)
    }

    /// Writes down what is durable, so that it is known even when the journal has forgotten it.
    pub(super) async fn settle(&mut self) -> Result<(), Trouble> {
        self.pipeline.settle().await;
        if self.progress.set_durable(self.pipeline.stored().place.start) {
            self.write().await?;
        }
        Ok(())
    }

    /// Goes back to what is durable, after anything went wrong.
    pub(super) async fn recover(&mut self) -> Result<(), Trouble> {
        self.pipeline.settle().await;
        self.drafts = Drafts::default();
        self.laid_down = None;
        let last = self.sink.stream.last_sequence(&self.producer).map(number_of);
        let (number, position) = self.progress.durable(last)?;
        self.progress.set_durable(number);
        self.pipeline = pipeline(&self.sink, &self.producer, number);
        self.position = position;
        self.next = number + 1;
        Ok(())
    }

    /// As [`settle`](Self::settle), at the end, for which there is only so much time.
    pub(super) async fn end(&mut self, grace: Duration) {
        match tokio::time::timeout(grace, self.settle()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, "how far a database is read is told by the journal alone");
            }
            Err(_) => {
                tracing::warn!(?grace, "the last rows of a database may be read again; none is stored twice");
            }
        }
    }

    async fn write(&self) -> Result<(), Trouble> {
        let progress = self.progress.clone();
        Ok(blocking(move || progress.write()).await?)
    }
}

/// Nobody else appends under this id, so the first batch may follow whatever the journal remembers.
fn pipeline(sink: &Sink, producer: &Arc<str>, number: u64) -> AppendPipeline {
    let start = (Place::behind(number), None);
    let metrics = sink.context.metrics.clone();
    AppendPipeline::new(sink.stream.clone(), Some(Arc::clone(producer)), start, WINDOW_BYTES, metrics, LABEL)
}

fn number_of(sequence: u64) -> u64 {
    Place::of_sequence(sequence).start
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ProgressError> + Send + 'static,
) -> Result<T, ProgressError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| {
        Err(ProgressError::Io { path: "the data folder".into(), error: std::io::Error::other(panic) })
    })
}
