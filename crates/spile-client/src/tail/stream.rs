//! The tail as a stream: one call after the other, each behind the cursor of the one before.
//!
//! ```text
//!            ┌──────────── wait ◄───────────┐ resumable end, break, silence
//!            ▼                              │
//!  idle ─► open ─────────► read ────────────┤
//!                                           └─► done (end or error)
//! ```
//!
//! Everything is pulled: no task runs beside the reader, and when nobody polls nothing is read.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use spile_proto::v1::start::Position;
use spile_proto::v1::{EndReason, Start, TailRequest, TailResponse};
use tokio::time::{Instant, Sleep, sleep};
use tonic::metadata::MetadataMap;
use tonic::{Response, Status, Streaming};

use super::Tail;
use super::call::{Call, Over, Step};
use super::event::{Interruption, TailEnd, TailEvent};
use super::interrupt::{Verdict, judge};
use super::offsets::OrderCheck;
use super::silence::Silence;
use crate::client::Client;
use crate::error::Error;
use crate::retry::Backoff;

type Opening = Pin<Box<dyn Future<Output = Result<Response<Streaming<TailResponse>>, Status>> + Send>>;
type Item = Result<TailEvent, Error>;

/// A tail that is read. Drop it to cancel: everything it holds is free in that instant.
///
/// It is a [`Stream`], ends after [`TailEvent::End`] or the first error, and resumes by itself on everything else.
pub struct TailStream {
    client: Client,
    /// What is asked for, but for what has been delivered already.
    request: TailRequest,
    cursor: Option<String>,
    /// All calls together.
    records: u64,
    /// What `records` comes to in the end, when the server knows it.
    total_records: Option<u64>,
    order: OrderCheck,
    silence: Silence,
    backoff: Backoff,
    state: State,
}

enum State {
    Idle,
    Waiting(Pin<Box<Sleep>>),
    Opening { call: Opening, again: bool },
    Reading { call: Box<Call>, since: Instant },
    Done,
}

impl fmt::Debug for TailStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TailStream")
            .field("client", &self.client)
            .field("cursor", &self.cursor)
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}

impl TailStream {
    pub(super) fn new(tail: Tail) -> Self {
        let Tail { client, request, heartbeat_timeout, retry } = tail;
        Self {
            client,
            order: OrderCheck::new(request.order()),
            request,
            cursor: None,
            records: 0,
            total_records: None,
            silence: Silence::new(heartbeat_timeout),
            backoff: Backoff::new(retry),
            state: State::Idle,
        }
    }

    /// The next event; `None` after the end. Cancel-safe: nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<TailEvent, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The cursor behind the last event that was given: another tail after it gives every later matching record once.
    /// `None` until the server has told the first.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// How many records were given so far, all calls together.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many records this tail gives of what was stored when its last call began, if the server knows that without looking
    /// at them. `None` until the first event.
    #[must_use]
    pub fn total_records(&self) -> Option<u64> {
        self.total_records
    }

    fn poll_opening(&mut self, mut call: Opening, again: bool, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        match call.as_mut().poll(cx) {
            Poll::Ready(Ok(response)) => {
                self.silence.heard();
                self.take_headers(response.metadata());
                self.state = State::Reading {
                    call: Box::new(Call::new(response.into_inner())),
                    since: Instant::now(),
                };
                Poll::Ready(again.then_some(Ok(TailEvent::Reconnected)))
            }
            Poll::Ready(Err(status)) => {
                self.silence.heard();
                let over = Over { reason: None, status: Some(status) };
                Poll::Ready(Some(self.go_on(judge(over))))
            }
            Poll::Pending => {
                self.state = State::Opening { call, again };
                self.poll_silence(cx).map(Some)
            }
        }
    }

    fn poll_reading(
        &mut self,
        mut call: Box<Call>,
        since: Instant,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Item>> {
        let Poll::Ready(step) = call.poll(cx) else {
            self.state = State::Reading { call, since };
            return self.poll_silence(cx).map(Some);
        };
        self.silence.heard();
        match step {
            Step::Message(event, cursor) => {
                self.state = State::Reading { call, since };
                if let Err(error) = self.advance(&event, cursor) {
                    self.state = State::Done;
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(event.map(Ok))
            }
            Step::Over(over) => {
                if since.elapsed() >= self.backoff.calm_after() {
                    self.backoff.reset();
                }
                Poll::Ready(Some(self.go_on(judge(over))))
            }
            Step::Broken(error) => Poll::Ready(Some(Err(error))),
        }
    }

    /// A call on which nothing comes is given up with its connection, which may be half dead.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Item> {
        ready!(self.silence.poll(cx));
        self.silence.heard();
        self.state = State::Done;
        self.client = self.client.separate();
        let limit = self.silence.limit();
        Poll::Ready(self.go_on(Verdict::Resume { cause: Interruption::Silent(limit), floor: Duration::ZERO }))
    }

    /// Before the first message, the server's start position is the cursor: records that arrive while a first call breaks
    /// are not missed, and `last N` is not counted again.
    fn take_headers(&mut self, headers: &MetadataMap) {
        if self.cursor.is_none()
            && let Some(cursor) = headers.get("spile-start-cursor")
            && let Ok(cursor) = cursor.to_str()
            && !cursor.is_empty()
        {
            self.cursor = Some(cursor.to_owned());
        }
        let total = headers.get("spile-total-records").and_then(|total| total.to_str().ok()?.parse().ok());
        self.total_records = total.map(|rest: u64| self.records.saturating_add(rest));
    }

    fn advance(&mut self, event: &Option<TailEvent>, cursor: String) -> Result<(), Error> {
        if let Some(TailEvent::Batch(batch)) = event {
            self.order.accept(batch)?;
            self.records += batch.len() as u64;
        }
        if !cursor.is_empty() && self.cursor.as_deref() != Some(&cursor) {
            self.backoff.reset();
            self.cursor = Some(cursor);
        }
        Ok(())
    }

    fn go_on(&mut self, verdict: Verdict) -> Item {
        let (cause, floor) = match verdict {
            Verdict::Resume { cause, floor } => (cause, floor),
            Verdict::End(reason) => return self.end(reason),
            Verdict::Fail(error) => return Err(error),
        };
        if self.remaining() == Some(0) {
            // The call broke between its last record and its end.
            return self.end(EndReason::Limit);
        }
        let attempt = self.backoff.attempts();
        let wait = match &cause {
            // The server is well and the last call got on: there is nothing to wait for.
            Interruption::Ended(EndReason::MaxAge | EndReason::Stalled) if attempt == 0 => {
                self.backoff.count_attempt();
                Some(floor)
            }
            _ => self.backoff.next_wait(floor),
        };
        let Some(wait) = wait else {
            return Err(give_up(attempt, cause));
        };
        self.state = State::Waiting(Box::pin(sleep(wait)));
        Ok(TailEvent::Reconnecting { attempt, wait, cause })
    }

    fn end(&self, reason: EndReason) -> Item {
        Ok(TailEvent::End(TailEnd { reason, records: self.records }))
    }

    /// What is left of the limit; `None` when there is none.
    fn remaining(&self) -> Option<u64> {
        let limit = self.request.limit;
        (limit > 0).then(|| limit.saturating_sub(self.records))
    }

    fn open(&self) -> Opening {
        let mut request = self.request.clone();
        request.limit = self.remaining().unwrap_or(0);
        if let Some(cursor) = &self.cursor {
            request.start = Some(Start { position: Some(Position::AfterCursor(cursor.clone())) });
        }
        let mut client = self.client.reading();
        Box::pin(async move { client.tail(request).await })
    }
}

impl Stream for TailStream {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        let this = &mut *self;
        loop {
            // Whoever goes on sets the next state: what does not is done.
            let event = match std::mem::replace(&mut this.state, State::Done) {
                State::Idle => {
                    let call = this.open();
                    this.state = State::Opening { call, again: false };
                    continue;
                }
                State::Waiting(mut wait) => {
                    if wait.as_mut().poll(cx).is_pending() {
                        this.state = State::Waiting(wait);
                        return Poll::Pending;
                    }
                    let call = this.open();
                    this.state = State::Opening { call, again: true };
                    continue;
                }
                State::Opening { call, again } => ready!(this.poll_opening(call, again, cx)),
                State::Reading { call, since } => ready!(this.poll_reading(call, since, cx)),
                State::Done => return Poll::Ready(None),
            };
            if let Some(event) = event {
                return Poll::Ready(Some(event));
            }
        }
    }
}

/// The error of one who has tried often enough.
pub(crate) fn give_up(attempts: u32, cause: Interruption) -> Error {
    let last = match cause {
        Interruption::Failed(status) => Error::Status(status),
        Interruption::Silent(limit) => Error::Silent(limit),
        ended @ Interruption::Ended(_) => Error::Protocol(ended.to_string()),
    };
    if attempts == 0 {
        return last;
    }
    Error::GaveUp { attempts, last: Box::new(last) }
}
