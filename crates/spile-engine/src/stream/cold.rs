//! Reading what memory does not hold: from the journal or from segments, whichever has it.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::Stream;
use crate::filter::Filter;
use crate::frame::Summary;
use crate::journal::{ReadError, ReadRun};
use crate::offset::Offset;

impl Stream {
    /// Reads frames from disk that `filter` may match.
    pub(crate) async fn read_disk(
        self,
        from: Offset,
        up_to: Offset,
        filter: Filter,
    ) -> Result<ReadRun, ReadError> {
        let ahead = filter.clone();
        let read = move |stream: &Self| stream.read_forward(from, up_to, &filter);
        self.on_disk_then(read, move |stream, run: &ReadRun| {
            if !run.frames.is_empty() && run.next < up_to && run.next < stream.0.reader.head() {
                stream.0.segments.read_ahead(run.next, up_to, &ahead);
            }
        })
        .await
    }

    /// Reads frames from disk that `filter` may match, going back from `before`.
    pub(crate) async fn read_disk_back(self, before: Offset, filter: Filter) -> Result<ReadRun, ReadError> {
        self.on_disk(move |stream| stream.read_backward(before, &filter)).await
    }

    fn read_forward(&self, from: Offset, up_to: Offset, filter: &Filter) -> Result<ReadRun, ReadError> {
        let max_bytes = self.0.limits.cold_read_bytes;
        loop {
            let journal = self.0.reader.head();
            if from < journal {
                self.check_retained(from)?;
                let sealed_to = self.0.segments.sealed_to();
                if from >= sealed_to && from < self.0.reader.head() {
                    return Err(ReadError::Gap { from: sealed_to, to: journal });
                }
                return self.0.segments.read(from, up_to.min(journal), max_bytes, filter);
            }
            let want = |summary: &Summary| filter.may_match(summary);
            match self.0.reader.read(from, up_to, max_bytes, &want) {
                // It was sealed in between.
                Err(ReadError::Trimmed { .. }) if from >= self.head() => {}
                other => return other,
            }
        }
    }

    fn read_backward(&self, before: Offset, filter: &Filter) -> Result<ReadRun, ReadError> {
        let max_bytes = self.0.limits.cold_read_bytes;
        loop {
            if before <= self.0.reader.head() {
                self.check_retained(before)?;
                let sealed_to = self.0.segments.sealed_to();
                if before > sealed_to {
                    return Err(ReadError::Gap { from: sealed_to, to: before });
                }
                return self.0.segments.read_back(before, max_bytes, filter);
            }
            let want = |summary: &Summary| filter.may_match(summary);
            match self.0.reader.read_back(before, max_bytes, &want) {
                Err(ReadError::Trimmed { .. }) if before >= self.head() => {}
                other => return other,
            }
        }
    }

    fn check_retained(&self, offset: Offset) -> Result<(), ReadError> {
        let head = self.head();
        if offset < head { Err(ReadError::Trimmed { head }) } else { Ok(()) }
    }

    /// Runs a read on a thread where blocking is allowed, when it is this reader's turn.
    pub(super) async fn on_disk<T: Clone + Send + 'static>(
        self,
        read: impl FnOnce(&Self) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        self.on_disk_then(read, |_, _| {}).await
    }

    /// As `on_disk`; `then` runs when the reader has what was read.
    async fn on_disk_then<T: Clone + Send + 'static>(
        self,
        read: impl FnOnce(&Self) -> Result<T, ReadError> + Send + 'static,
        then: impl FnOnce(&Self, &T) + Send + 'static,
    ) -> Result<T, ReadError> {
        if self.is_deleted() {
            return Err(ReadError::Deleted);
        }
        let turn = Arc::clone(&self.0.cold_reads).acquire_owned().await;
        let (done, result) = oneshot::channel();
        let blocking = Arc::clone(&self.0.blocking);
        blocking.run(Box::new(move || {
            let _turn = turn;
            // What was missed of a stream that is deleted is not damaged.
            let run = read(&self).map_err(|error| if self.is_deleted() { ReadError::Deleted } else { error });
            let copy = run.clone();
            // The reader may have gone; then nobody needs what was read, or what comes next.
            if done.send(run).is_ok()
                && let Ok(run) = copy
            {
                then(&self, &run);
            }
        }));
        result.await.unwrap_or_else(|_| Err(ReadError::Io("the read was given up before its end".into())))
    }
}
