//! The session as a stream of events: one call after the other, each going on with what was asked last.
//!
//! Like a tail it is pulled: no task runs beside its reader, and when nobody polls, nothing is read.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use spile_proto::v1::explore_request::{Action, Pause, Resume};
use spile_proto::v1::explore_response::{Accepted, Answer, Refusal};
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{
    ContextRequest, ContextResponse, EndReason, ExploreRequest, ExploreResponse, RecordBatch, TailRequest,
    TailResponse,
};
use tokio::time::{Instant, Sleep, sleep};
use tonic::{Response, Status, Streaming};

use super::Explore;
use super::event::ExploreEvent;
use super::lane::Lane;
use super::outbox::Outbox;
use crate::checksum::BodyChecksum;
use crate::client::{Client, Context};
use crate::error::Error;
use crate::retry::Backoff;
use crate::tail::{Interruption, Over, Silence, Verdict, check, give_up, judge};

type Opening = Pin<Box<dyn Future<Output = Result<Response<Streaming<ExploreResponse>>, Status>> + Send>>;
type Item = Result<ExploreEvent, Error>;

/// A session. Drop it to cancel: everything it holds is free in that instant.
///
/// It is a [`Stream`], ends after [`ExploreEvent::Closed`] or the first error, and makes its call anew by itself on everything else: with the
/// last `read` from its cursor on, paused if it was, and with what of `fetch` and `context` is not answered.
pub struct Explorer {
    client: Client,
    /// The number of the last request.
    last: u64,
    /// What is read, and what is to be read when it is accepted.
    read: Option<Lane>,
    next: Option<Lane>,
    fetch: Option<Lane>,
    context: Option<(u64, ContextRequest)>,
    /// The number of the pause that holds.
    paused: Option<u64>,
    closed: bool,
    outbox: Outbox,
    /// To be told before anything else.
    events: VecDeque<ExploreEvent>,
    silence: Silence,
    backoff: Backoff,
    state: State,
}

enum State {
    Idle,
    Waiting(Pin<Box<Sleep>>),
    Opening { call: Opening, again: bool },
    Reading(Box<Call>),
    Done,
}

/// A call that is being read, and what it brought.
struct Call {
    responses: Streaming<ExploreResponse>,
    since: Instant,
    records: u64,
    checksum: BodyChecksum,
    end: Option<EndReason>,
}

impl fmt::Debug for Explorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explorer")
            .field("client", &self.client)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

/// What is asked. Each gives the number by which events name it; asking is free, requests leave when the session is polled, and of those
/// that have not left the last of each kind counts.
impl Explorer {
    pub(super) fn new(session: Explore) -> Self {
        let Explore { client, heartbeat_timeout, retry } = session;
        Self {
            client,
            last: 0,
            read: None,
            next: None,
            fetch: None,
            context: None,
            paused: None,
            closed: false,
            outbox: Outbox::default(),
            events: VecDeque::new(),
            silence: Silence::new(heartbeat_timeout),
            backoff: Backoff::new(retry),
            state: State::Idle,
        }
    }

    /// Reads this in place of what is read, when it is accepted; until then, and if it is refused, events of the one before come.
    /// Takes a [`Tail`](crate::Tail), of which the request counts.
    pub fn read(&mut self, request: impl Into<TailRequest>) -> u64 {
        let request = request.into();
        let number = self.ask(Action::Read(request.clone()));
        self.next = Some(Lane::new(number, request));
        number
    }

    /// Stops reading: nothing more comes of the `read`, and the server reads nothing ahead.
    pub fn pause(&mut self) -> u64 {
        let number = self.ask(Action::Pause(Pause {}));
        self.paused = Some(number);
        number
    }

    /// Goes on reading.
    pub fn resume(&mut self) -> u64 {
        self.paused = None;
        self.ask(Action::Resume(Resume {}))
    }

    /// Reads this beside, once; its limit is 1 to 10,000. It takes the place of a `fetch` that is not over.
    pub fn fetch(&mut self, request: impl Into<TailRequest>) -> u64 {
        let request = request.into();
        let number = self.ask(Action::Fetch(request.clone()));
        self.fetch = Some(Lane::new(number, request));
        number
    }

    /// Asks for what stands around a record, in place of a `context` that is not answered.
    pub fn context(&mut self, request: ContextRequest) -> u64 {
        let number = self.ask(Action::Context(request.clone()));
        self.context = Some((number, request));
        number
    }

    /// Asks for nothing more: what was asked for is answered, a `read` that follows up to the tail, and the session ends.
    pub fn close(&mut self) {
        self.closed = true;
        self.outbox.close();
    }

    /// The next event; `None` after the end. Cancel-safe: nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<ExploreEvent, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The cursor behind the last event of the `read`; `None` until the server has told the first.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.read.as_ref()?.cursor.as_deref()
    }

    fn ask(&mut self, action: Action) -> u64 {
        self.last += 1;
        let kept = self.read.as_ref().map(|read| read.number);
        self.outbox.push(ExploreRequest { number: self.last, action: Some(action) }, kept);
        self.last
    }
}

impl Explorer {
    fn poll_opening(
        &mut self,
        mut call: Opening,
        again: bool,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Item>> {
        match call.as_mut().poll(cx) {
            Poll::Ready(Ok(response)) => {
                self.silence.heard();
                self.state = State::Reading(Box::new(Call::new(response.into_inner())));
                Poll::Ready(again.then_some(Ok(ExploreEvent::Reconnected)))
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

    fn poll_reading(&mut self, mut call: Box<Call>, cx: &mut TaskContext<'_>) -> Poll<Option<Item>> {
        let Poll::Ready(message) = Pin::new(&mut call.responses).poll_next(cx) else {
            self.state = State::Reading(call);
            return self.poll_silence(cx).map(Some);
        };
        self.silence.heard();
        let over = match message {
            Some(Ok(response)) => {
                let told = call.count(&response).and_then(|()| self.take(response));
                return Poll::Ready(match told {
                    Ok(event) => {
                        self.state = State::Reading(call);
                        event.map(Ok)
                    }
                    Err(error) => Some(Err(error)),
                });
            }
            Some(Err(status)) => Over { reason: call.end, status: Some(status) },
            None => Over { reason: call.end, status: None },
        };
        if call.since.elapsed() >= self.backoff.calm_after() {
            self.backoff.reset();
        }
        Poll::Ready(Some(self.go_on(judge(over))))
    }

    /// A call on which nothing comes is given up with its connection, which may be half dead.
    fn poll_silence(&mut self, cx: &mut TaskContext<'_>) -> Poll<Item> {
        ready!(self.silence.poll(cx));
        self.silence.heard();
        self.state = State::Done;
        self.client = self.client.separate();
        let cause = Interruption::Silent(self.silence.limit());
        Poll::Ready(self.go_on(Verdict::Resume { cause, floor: Duration::ZERO }))
    }

    /// What an answer tells. What follows a request that was replaced is not told.
    fn take(&mut self, response: ExploreResponse) -> Result<Option<ExploreEvent>, Error> {
        let ExploreResponse { request, answer } = response;
        match answer {
            Some(Answer::Accepted(accepted)) => Ok(self.begin(request, accepted)),
            Some(Answer::Tail(tail)) => self.take_tail(request, tail),
            Some(Answer::Context(found)) => self.take_context(request, found),
            Some(Answer::Paused(_)) => Ok(Some(ExploreEvent::Paused { request })),
            Some(Answer::Resumed(_)) => Ok(Some(ExploreEvent::Resumed { request })),
            Some(Answer::Refusal(refusal)) => Ok(self.refuse(request, refusal)),
            // The end is noted; an answer of a later version, or a sign of life, tells nothing.
            Some(Answer::End(_)) | None => Ok(None),
        }
    }

    fn begin(&mut self, request: u64, accepted: Accepted) -> Option<ExploreEvent> {
        if self.next.as_ref().is_some_and(|next| next.number == request) {
            self.read = self.next.take();
            // A reading begins unpaused.
            self.paused = self.paused.filter(|pause| *pause > request);
        }
        let lane = self.lane(request)?;
        lane.accept(&accepted).then_some(ExploreEvent::Accepted { request, accepted })
    }

    fn take_tail(&mut self, request: u64, tail: TailResponse) -> Result<Option<ExploreEvent>, Error> {
        let Some(lane) = self.lane(request) else { return Ok(None) };
        let (event, moved) = lane.take(tail)?;
        if lane.is_over() && self.fetch.as_ref().is_some_and(|fetch| fetch.number == request) {
            self.fetch = None;
        }
        if moved {
            self.backoff.reset();
        }
        Ok(event.map(|event| ExploreEvent::Tail { request, event }))
    }

    fn take_context(&mut self, request: u64, found: ContextResponse) -> Result<Option<ExploreEvent>, Error> {
        let Some((_, asked)) = self.context.take_if(|(number, _)| *number == request) else {
            return Ok(None);
        };
        self.backoff.reset();
        Ok(Some(ExploreEvent::Context { request, context: Context::of(found, &asked)? }))
    }

    fn refuse(&mut self, request: u64, refusal: Refusal) -> Option<ExploreEvent> {
        let is_it = |lane: &mut Lane| lane.number == request;
        let known = self.next.take_if(is_it).is_some()
            || self.read.take_if(is_it).is_some()
            || self.fetch.take_if(is_it).is_some()
            || self.context.take_if(|(number, _)| *number == request).is_some();
        known.then_some(ExploreEvent::Refused { request, refusal })
    }

    /// The reading of this number that is under way.
    fn lane(&mut self, number: u64) -> Option<&mut Lane> {
        [&mut self.read, &mut self.fetch].into_iter().flatten().find(|lane| lane.number == number)
    }

    fn go_on(&mut self, verdict: Verdict) -> Item {
        let (cause, floor) = match verdict {
            Verdict::Resume { cause, floor } => (cause, floor),
            Verdict::End(EndReason::Closed) => return Ok(ExploreEvent::Closed),
            Verdict::End(reason) => {
                return Err(Error::Protocol(format!("the session ended: {}", reason.as_str_name())));
            }
            Verdict::Fail(error) => return Err(error),
        };
        self.ask_again();
        if self.closed && self.is_answered() {
            return Ok(ExploreEvent::Closed);
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
        Ok(ExploreEvent::Reconnecting { attempt, wait, cause })
    }

    fn is_answered(&self) -> bool {
        let over = self.read.as_ref().is_none_or(Lane::is_over);
        over && self.next.is_none() && self.fetch.is_none() && self.context.is_none()
    }

    /// Makes ready for another call everything that is not answered, in the order in which it was asked.
    fn ask_again(&mut self) {
        let mut requests = Vec::new();
        if let Some(read) = self.read.as_mut().filter(|read| !read.is_over()) {
            match read.rest() {
                Some(rest) => requests.push((read.number, Action::Read(rest))),
                // It broke between its last record and its end.
                None => {
                    let (request, event) = (read.number, read.missing_end());
                    self.events.push_back(ExploreEvent::Tail { request, event });
                    self.read = None;
                }
            }
        }
        if let Some(next) = &mut self.next {
            requests.extend(next.rest().map(|rest| (next.number, Action::Read(rest))));
        }
        if let Some(fetch) = &mut self.fetch {
            match fetch.rest() {
                Some(rest) => requests.push((fetch.number, Action::Fetch(rest))),
                None => {
                    let (request, event) = (fetch.number, fetch.missing_end());
                    self.events.push_back(ExploreEvent::Tail { request, event });
                    self.fetch = None;
                }
            }
        }
        requests.extend(self.context.iter().map(|(number, asked)| (*number, Action::Context(asked.clone()))));
        requests.extend(self.paused.map(|number| (number, Action::Pause(Pause {}))));
        requests.sort_by_key(|(number, _)| *number);
        self.outbox = Outbox::default();
        for (number, action) in requests {
            self.outbox.push_beside(ExploreRequest { number, action: Some(action) });
        }
        if self.closed {
            self.outbox.close();
        }
    }

    fn open(&self) -> Opening {
        let mut client = self.client.reading();
        let outbox = self.outbox.clone();
        Box::pin(async move { client.explore(outbox).await })
    }
}

impl Call {
    fn new(responses: Streaming<ExploreResponse>) -> Self {
        let (checksum, since) = (BodyChecksum::default(), Instant::now());
        Self { responses, since, records: 0, checksum, end: None }
    }

    /// Counts what came, also of requests that were replaced, and holds it against what the end tells.
    fn count(&mut self, response: &ExploreResponse) -> Result<(), Error> {
        match &response.answer {
            Some(Answer::Tail(TailResponse { payload: Some(Payload::Batch(batch)), .. })) => self.add(batch),
            Some(Answer::Context(ContextResponse { batch: Some(batch), .. })) => self.add(batch),
            Some(Answer::End(end)) => {
                check("the end", (self.records, self.checksum.value()), (end.records, end.checksum))?;
                self.end = Some(end.reason());
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, batch: &RecordBatch) {
        batch.records.iter().for_each(|record| self.checksum.add(&record.body));
        self.records += batch.records.len() as u64;
    }
}

impl Stream for Explorer {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Item>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.events.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
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
                State::Reading(call) => ready!(this.poll_reading(call, cx)),
                State::Done => return Poll::Ready(None),
            };
            if let Some(event) = event {
                return Poll::Ready(Some(event));
            }
        }
    }
}
