//! What the callers of an appender and its driver share: the batch that is being filled and those that wait to be sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep_until};

use super::ack::PendingAck;
use super::batch::{Batch, OpenBatch, encoded_len};
use crate::error::Error;
use crate::record::NewRecord;

/// The bounds of an appender.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) batch_bytes: usize,
    pub(super) batch_records: usize,
    pub(super) linger: Duration,
    /// Everything that is not acknowledged.
    pub(super) buffered_bytes: u32,
    /// What fits into one request.
    pub(super) message_bytes: usize,
}

#[derive(Debug)]
pub(super) struct Shared {
    limits: Limits,
    /// One permit for each byte that may be buffered. A batch holds those of its records until it is done, so this bounds
    /// everything below.
    room: Arc<Semaphore>,
    state: Mutex<State>,
    /// Tells the driver, and only it, that `state` has changed in a way that matters to it.
    changed: Notify,
    /// Whether the driver has ended.
    finished: watch::Sender<bool>,
}

#[derive(Debug)]
struct State {
    open: Option<OpenBatch>,
    sealed: VecDeque<Batch>,
    next_sequence: u64,
    /// The last record that was taken.
    last: Option<PendingAck>,
    closing: bool,
    failure: Option<Error>,
}

impl Shared {
    pub(super) fn new(limits: Limits, first_sequence: u64) -> Self {
        let room = Arc::new(Semaphore::new(limits.buffered_bytes as usize));
        Self {
            limits,
            room,
            state: Mutex::new(State {
                open: None,
                sealed: VecDeque::new(),
                next_sequence: first_sequence,
                last: None,
                closing: false,
                failure: None,
            }),
            changed: Notify::new(),
            finished: watch::Sender::new(false),
        }
    }

    /// Takes a record into the open batch.
    pub(super) async fn push(&self, record: NewRecord) -> Result<PendingAck, Error> {
        let bytes = encoded_len(&record);
        let permit = self.admit(bytes).await?;
        let mut state = self.lock();
        state.usable()?;
        let full = |open: &OpenBatch| open.bytes() + bytes > self.limits.batch_bytes;
        if state.open.as_ref().is_some_and(full) {
            state.seal_open();
        }
        let opens = state.open.is_none();
        let open = state.open.get_or_insert_with(OpenBatch::new);
        let pending = open.push(record, Some(permit));
        let complete =
            open.bytes() >= self.limits.batch_bytes || open.records() >= self.limits.batch_records as u64;
        if complete {
            state.seal_open();
        }
        state.last = Some(pending.clone());
        drop(state);
        // A record that joins an open batch changes nothing for the driver, which knows already when to send it.
        if opens || complete {
            self.changed.notify_one();
        }
        Ok(pending)
    }

    /// Takes records as a batch of their own.
    pub(super) async fn push_batch(&self, records: Vec<NewRecord>) -> Result<PendingAck, Error> {
        if records.is_empty() {
            return Err(Error::Setting { setting: "batch", reason: "it holds no record".to_owned() });
        }
        let bytes = records.iter().map(encoded_len).sum();
        let permit = self.admit(bytes).await?;
        let mut batch = OpenBatch::new();
        let mut permit = Some(permit);
        for record in records {
            batch.push(record, permit.take());
        }
        let pending = batch.pending(0);
        let mut state = self.lock();
        state.usable()?;
        state.seal_open();
        state.open = Some(batch);
        state.seal_open();
        state.last = Some(pending.clone());
        drop(state);
        self.changed.notify_one();
        Ok(pending)
    }

    /// Waits until there is room for so many bytes.
    async fn admit(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Error> {
        let limit = self.limits.message_bytes.min(self.limits.buffered_bytes as usize);
        let too_large = Error::RecordTooLarge { bytes, limit };
        let permits = u32::try_from(bytes).map_err(|_| too_large.clone())?;
        if bytes > limit {
            return Err(too_large);
        }
        let room = Arc::clone(&self.room);
        match room.acquire_many_owned(permits).await {
            Ok(permit) => Ok(permit),
            Err(_) => Err(self.lock().usable().err().unwrap_or(Error::Closed)),
        }
    }

    /// Lets the open batch go without waiting for more; gives the wait for the last record that was taken.
    pub(super) fn seal(&self) -> Result<Option<PendingAck>, Error> {
        let mut state = self.lock();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        state.seal_open();
        let last = state.last.clone();
        drop(state);
        self.changed.notify_one();
        Ok(last)
    }

    /// Takes no more records.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.room.close();
        self.changed.notify_one();
    }

    /// Ends with an error: for everything that waits here, and everything that comes.
    pub(super) fn fail(&self, error: Error) {
        let mut state = self.lock();
        state.seal_open();
        for batch in state.sealed.drain(..) {
            batch.resolve(Some(Err(error.clone())));
        }
        state.failure = Some(error);
        drop(state);
        self.room.close();
    }

    /// The next batch to send, once it is complete or old enough; `None` when there will be none. Cancel-safe.
    pub(super) async fn next_batch(&self) -> Option<Batch> {
        loop {
            let changed = self.changed.notified();
            let due = {
                let mut state = self.lock();
                let due = state.open.as_ref().map(|open| open.opened() + self.limits.linger);
                if state.closing || due.is_some_and(|due| due <= Instant::now()) {
                    state.seal_open();
                }
                if let Some(batch) = state.sealed.pop_front() {
                    return Some(batch);
                }
                if state.closing {
                    return None;
                }
                due
            };
            match due {
                None => changed.await,
                Some(due) => tokio::select! {
                    () = changed => {}
                    () = sleep_until(due) => {}
                },
            }
        }
    }

    /// The driver has ended.
    pub(super) fn finish(&self) {
        self.finished.send_replace(true);
    }

    /// Waits until the driver has ended.
    pub(super) async fn finished(&self) {
        let ended = self.finished.subscribe().wait_for(|finished| *finished).await.is_ok();
        debug_assert!(ended, "the sender lives as long as this");
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under the lock can leave it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn usable(&self) -> Result<(), Error> {
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None if self.closing => Err(Error::Closed),
            None => Ok(()),
        }
    }

    fn seal_open(&mut self) {
        if let Some(open) = self.open.take() {
            self.sealed.push_back(open.seal(self.next_sequence));
            self.next_sequence += 1;
        }
    }
}
