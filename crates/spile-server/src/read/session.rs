//! A running `Explore`: requests come in while answers go out.
//!
//! A session is polled like any other stream, by its reader's open window, and holds what up to three tails hold: the `read`, one `fetch` beside
//! it, and one `context`. Requests are taken before anything is read, so that what is asked now is what is worked on now; a newer request
//! drops the one before it of its kind, wherever that is. Nothing waits in a line.

mod lane;
mod refusal;

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures_core::Stream as _;
use http::Request;
use spile_engine::frame::BodyChecksum;
use spile_engine::stream::Surroundings;
use spile_proto::v1::explore_request::Action;
use spile_proto::v1::explore_response::{Answer, Paused, Resumed, SessionEnd};
use spile_proto::v1::{EndReason, ExploreRequest, ExploreResponse, TailRequest};
use tokio::time::Instant;
use tonic::{Status, Streaming};

use super::encode;
use super::flow::{Clocks, Ending, Given, Part};
use super::tap::Pour;
use super::{ReadState, context};
use crate::grpc;
use crate::status::{ErrorReason, error};
use lane::{Lane, Step};

/// The largest request, bytes: a filter's longest expression and some names.
const MAX_REQUEST_BYTES: usize = 64 << 10;

/// The most records of one `fetch`.
const MAX_FETCH: u64 = 10_000;

/// After so many requests in a row the session lets others run.
const REQUESTS_PER_POLL: usize = 32;

type Finding = Pin<Box<dyn Future<Output = Result<Surroundings, Status>> + Send>>;

/// Everything that a session holds.
pub(super) struct Session {
    state: ReadState,
    /// `None` when the caller has closed its side.
    requests: Option<Streaming<ExploreRequest>>,
    /// The number of the last request.
    last: u64,
    read: Lane,
    fetch: Lane,
    context: Option<(u64, Finding)>,
    /// Whether it is the `fetch`'s turn, should both have something.
    fetch_first: bool,
    clocks: Clocks,
    ending: Option<Ending>,
    told: bool,
    /// All that was given out, and what of it since that was last asked.
    given: Given,
    uncounted: u64,
}

impl Session {
    /// # Errors
    /// If the requests are compressed in a way that is not known.
    pub(super) fn new(
        state: ReadState,
        requests: Request<Body>,
        deadline: Option<Instant>,
    ) -> Result<Self, Status> {
        let requests = grpc::request_stream(requests, MAX_REQUEST_BYTES)?;
        let max_age = state.context.limits.jittered_stream_age();
        Ok(Self {
            clocks: Clocks::start(&state.context, deadline, None, Some(max_age)),
            state,
            requests: Some(requests),
            last: 0,
            read: Lane::default(),
            fetch: Lane::default(),
            context: None,
            fetch_first: false,
            ending: None,
            told: false,
            given: Given::default(),
            uncounted: 0,
        })
    }

    /// Takes requests until one is to be answered at once.
    fn poll_requests(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        for _ in 0..REQUESTS_PER_POLL {
            let Some(requests) = &mut self.requests else { return Poll::Pending };
            match Pin::new(requests).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(request))) => {
                    if let Some(answer) = self.take(request) {
                        return Poll::Ready(answer);
                    }
                }
                Poll::Ready(Some(Err(status))) => {
                    let status = grpc::explain(status, MAX_REQUEST_BYTES);
                    self.ending = Some(Ending::new(EndReason::Unspecified, status));
                    return Poll::Pending;
                }
                Poll::Ready(None) => {
                    self.requests = None;
                    self.read.end_at_tail();
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Does what a request asks for. Returns what is to be answered at once.
    fn take(&mut self, request: ExploreRequest) -> Option<Bytes> {
        let ExploreRequest { number, action } = request;
        if number <= self.last {
            let why = format!("{number} is not greater than {}, that of the request before", self.last);
            let status = error(ErrorReason::InvalidField).field("number", why).into_status();
            return Some(encode::explored(number, refusal::answer(&status, "")));
        }
        self.last = number;
        match action {
            Some(Action::Read(request)) => {
                self.read.open(number, lane::open(self.state.clone(), number, request));
                None
            }
            Some(Action::Fetch(request)) => {
                let state = self.state.clone();
                let opening = async move { lane::open(state, number, check_fetch(request)?).await };
                self.fetch.end();
                self.fetch.open(number, opening);
                None
            }
            Some(Action::Context(request)) => {
                let state = self.state.clone();
                let finding = async move { context::find(&state, request).await };
                self.context = Some((number, Box::pin(finding)));
                None
            }
            Some(Action::Pause(_)) => {
                self.read.pause(true);
                Some(encode::explored(number, Answer::Paused(Paused { cursor: self.cursor() })))
            }
            Some(Action::Resume(_)) => {
                self.read.pause(false);
                Some(encode::explored(number, Answer::Resumed(Resumed {})))
            }
            None => {
                let why = "is missing or not known to this server; use read, pause, resume, fetch or context";
                let status = error(ErrorReason::InvalidField).field("action", why).into_status();
                Some(encode::explored(number, refusal::answer(&status, "")))
            }
        }
    }

    /// The next answer of what is under way.
    fn poll_answers(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        if let Some((number, finding)) = &mut self.context
            && let Poll::Ready(found) = finding.as_mut().poll(cx)
        {
            let number = *number;
            self.context = None;
            return Poll::Ready(match found {
                Ok(found) => self.give_context(number, &found),
                Err(status) => encode::explored(number, refusal::answer(&status, "context.")),
            });
        }
        let closed = self.requests.is_none();
        let mut lanes = [(&mut self.read, "read"), (&mut self.fetch, "fetch")];
        self.fetch_first = !self.fetch_first;
        if self.fetch_first {
            lanes.reverse();
        }
        let polled = lanes.into_iter().find_map(|(lane, kind)| match lane.poll(cx, kind, closed) {
            Poll::Ready(step) => Some(step),
            Poll::Pending => None,
        });
        polled.map_or(Poll::Pending, |Step { answer, given }| {
            self.count(given);
            Poll::Ready(answer)
        })
    }

    fn give_context(&mut self, number: u64, found: &Surroundings) -> Bytes {
        let checksum = found.rows.extend_checksum(BodyChecksum::default());
        self.count(Given { records: found.rows.len() as u64, checksum });
        encode::explored_context(number, found)
    }

    fn count(&mut self, given: Given) {
        self.uncounted += given.records;
        self.given.records += given.records;
        self.given.checksum = self.given.checksum.then(given.checksum);
    }

    /// Whether all that was asked for is answered, and nothing more will be.
    fn is_done(&self) -> bool {
        self.requests.is_none() && self.context.is_none() && self.read.is_idle() && self.fetch.is_idle()
    }

    /// How many records all readings have looked at.
    fn scanned(&self) -> u64 {
        self.read.scanned() + self.fetch.scanned()
    }

    /// The last answer, then the trailers.
    fn next_of_ending(&mut self, ending: &Ending) -> Part {
        if std::mem::replace(&mut self.told, true) {
            return self.farewell(ending);
        }
        let end = SessionEnd {
            reason: ending.reason.into(),
            cursor: self.cursor(),
            records: self.given.records,
            scanned: self.scanned(),
            checksum: self.given.checksum.crc32c,
        };
        Part::Messages(encode::explored(0, Answer::End(end)))
    }
}

impl Pour for Session {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Part> {
        if self.ending.is_none() {
            self.ending = self.clocks.poll_end(cx);
        }
        let mut next = Poll::Pending;
        if self.ending.is_none() {
            next = self.poll_requests(cx);
        }
        if self.ending.is_none() && next.is_pending() {
            next = self.poll_answers(cx);
        }
        if self.ending.is_none() && next.is_pending() && self.is_done() {
            self.ending = Some(Ending::ok(EndReason::Closed));
        }
        if let Some(ending) = self.ending.clone() {
            return Poll::Ready(self.next_of_ending(&ending));
        }
        if next.is_pending() {
            // Only while nothing is being read: what is read makes progress of its own.
            next = self.clocks.poll_progress(cx).map(|()| grpc::message(&ExploreResponse::default()));
        }
        next.map(|answer| {
            self.clocks.restart_progress();
            Part::Messages(answer)
        })
    }

    fn cursor(&self) -> String {
        self.read.cursor()
    }

    fn farewell(&self, ending: &Ending) -> Part {
        let Given { records, checksum } = self.given;
        Part::Trailers(ending.trailers(records, self.scanned(), checksum, self.cursor()))
    }

    fn end_reason(&self) -> EndReason {
        self.ending.as_ref().map_or(EndReason::Unspecified, |ending| ending.reason)
    }

    fn take_given(&mut self) -> u64 {
        std::mem::take(&mut self.uncounted)
    }

    fn lag(&self) -> Option<u64> {
        self.read.lag()
    }
}

/// What a fetch may ask for.
fn check_fetch(request: TailRequest) -> Result<TailRequest, Status> {
    let wrong = |field: &str, why: String| Err(error(ErrorReason::InvalidField).field(field, why).into());
    if request.follow {
        return wrong("follow", "a fetch reads what is stored; leave it unset, or use read".to_owned());
    }
    if !(1..=MAX_FETCH).contains(&request.limit) {
        return wrong("limit", format!("{} is out of range; use 1 to {MAX_FETCH}", request.limit));
    }
    Ok(request)
}
