//! The task of an appender: calls, one after the other, until everything is acknowledged or nothing can be.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::batch::Batch;
use super::call::{Call, CallEnd};
use super::shared::Shared;
use crate::client::Client;
use crate::error::Error;
use crate::retry::{Backoff, RetryPolicy, asked_wait, is_retryable};

/// What a driver needs to know.
pub(super) struct Driver {
    pub(super) client: Client,
    pub(super) shared: Arc<Shared>,
    pub(super) stream: String,
    pub(super) producer_id: String,
    /// Batches.
    pub(super) max_in_flight: usize,
    pub(super) ack_timeout: Duration,
}

impl Driver {
    pub(super) async fn run(self, retry: RetryPolicy) {
        let shared = Arc::clone(&self.shared);
        self.call_until_done(retry).await;
        shared.finish();
    }

    async fn call_until_done(mut self, retry: RetryPolicy) {
        let mut backoff = Backoff::new(retry);
        // Batches that may have been sent and are not acknowledged, in order: the next call begins with them.
        let mut unacked = VecDeque::new();
        loop {
            // A call is only opened for something.
            if unacked.is_empty() {
                match self.shared.next_batch().await {
                    Some(batch) => unacked.push_back(batch),
                    None => return,
                }
            }
            let end = Call::open(&self, &mut unacked, &mut backoff).run().await;
            let (error, floor) = match end {
                CallEnd::Done => return,
                CallEnd::Idle => continue,
                CallEnd::Failed(status) if is_retryable(&status) => {
                    let floor = asked_wait(&status);
                    (Error::from(status), floor)
                }
                CallEnd::Failed(status) => return self.fail(unacked, status.into()),
                CallEnd::Broken(error) => return self.fail(unacked, error),
                CallEnd::Silent => {
                    // The connection may be half dead.
                    self.client = self.client.separate();
                    (Error::Silent(self.ack_timeout), Duration::ZERO)
                }
            };
            let attempts = backoff.attempts();
            let Some(wait) = backoff.next_wait(floor) else {
                return self.fail(unacked, gave_up(attempts, error));
            };
            sleep(wait).await;
        }
    }

    fn fail(&self, unacked: VecDeque<Batch>, error: Error) {
        for batch in unacked {
            batch.resolve(Some(Err(error.clone())));
        }
        self.shared.fail(error);
    }
}

fn gave_up(attempts: u32, last: Error) -> Error {
    if attempts == 0 {
        return last;
    }
    Error::GaveUp { attempts, last: Box::new(last) }
}
