//! A running stream: its reader, its clocks, and how it ends.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use spile_engine::cursor::{End, GapCause};
use spile_engine::frame::BodyChecksum;
use spile_engine::journal::ReadError;
use spile_engine::subscription::Delivery;
use spile_proto::v1::{self, tail_response::Payload};
use tokio::time::{Instant, Sleep, sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::{Code, Status};

use super::encode::{self, Defined};
use super::ends;
use super::errors::read_status;
use super::message::Message;
use super::reader::{Place, Reader, Records};
use super::text::TextForm;
use crate::grpc;
use crate::status::{ErrorReason, error};

/// In which messages records leave.
#[derive(Debug)]
pub(super) enum Form {
    /// `spile.v1.TailResponse`, with the resources that were defined already.
    Tail(Defined),
    /// `example.LogEntry`: records only, one message each.
    Entries,
    /// Plain HTTP.
    Text(TextForm),
}

impl Form {
    /// What comes before everything else.
    pub(super) fn opening(&self) -> Option<Bytes> {
        match self {
            Self::Tail(_) | Self::Entries => None,
            Self::Text(form) => form.opening(),
        }
    }
}

/// The clocks and signals that end a stream or keep it talking.
pub(super) struct Clocks {
    pub(super) deadline: Option<Pin<Box<Sleep>>>,
    /// `None` for the article's contract: its clients have no cursor to resume at, so they are not sent away.
    pub(super) max_age: Option<Pin<Box<Sleep>>>,
    /// When no later record can match.
    pub(super) until: Option<Pin<Box<Sleep>>>,
    pub(super) drain: Pin<Box<WaitForCancellationFutureOwned>>,
    pub(super) progress: Pin<Box<Sleep>>,
    pub(super) progress_interval: Duration,
}

/// Everything that a stream holds. Dropping it frees all of it.
pub(super) struct Flow {
    pub(super) reader: Reader,
    pub(super) form: Form,
    pub(super) clocks: Clocks,
    pub(super) batch_target_bytes: usize,
    /// What comes before everything else.
    pub(super) opening: Option<Bytes>,
    /// An end of history is an end by `until`, because that has passed.
    pub(super) ends_by_until: bool,
    pub(super) checksum: BodyChecksum,
    /// What was pulled from the reader but did not fit in the message before.
    pub(super) pulled: Option<Delivery<Records>>,
    pub(super) ending: Option<Ending>,
    /// Records given out since this was last asked.
    pub(super) records_to_count: u64,
}

/// How a stream ended, and the status that says so.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) reason: v1::EndReason,
    pub(super) status: Status,
    /// Whether the last message was given out, so that only the trailers are missing.
    told: bool,
}

/// What a poll of a stream yields.
#[derive(Debug)]
pub(super) enum Part {
    /// Whole messages.
    Messages(Bytes),
    /// The end of a gRPC call.
    Trailers(HeaderMap),
    /// The end of plain HTTP: everything was said.
    Done,
    /// An end that could not be told: the reader has to notice that something is missing.
    Broken,
}

impl Flow {
    /// The next part. After the trailers it must not be polled again.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Part> {
        if let Some(opening) = self.opening.take() {
            return Poll::Ready(Part::Messages(opening));
        }
        loop {
            if self.ending.is_none() {
                self.ending = self.poll_signals(cx);
            }
            if self.ending.is_some() {
                return Poll::Ready(self.next_of_ending());
            }
            match self.poll_records(cx) {
                Poll::Ready(Some(messages)) => {
                    self.restart_progress();
                    return Poll::Ready(Part::Messages(messages));
                }
                Poll::Ready(None) => {}
                Poll::Pending => {
                    ready!(self.clocks.progress.as_mut().poll(cx));
                    self.restart_progress();
                    if let Some(progress) = self.progress() {
                        return Poll::Ready(Part::Messages(progress));
                    }
                }
            }
        }
    }

    /// Pulls deliveries until a message is full or nothing is ready. `None`: the end was reached.
    fn poll_records(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut message = Message::default();
        // Behind the records of this message; a gap that was pulled already is not behind it.
        let mut place = self.reader.place();
        while message.bytes() < self.batch_target_bytes {
            let delivery = match self.pulled.take() {
                Some(delivery) => delivery,
                None => match self.reader.poll_delivery(cx) {
                    Poll::Pending if message.is_empty() => return Poll::Pending,
                    Poll::Pending => break,
                    Poll::Ready(Some(Ok(delivery))) => delivery,
                    Poll::Ready(Some(Err(failure))) => {
                        self.ending = Some(Ending::failed(&failure));
                        break;
                    }
                    // `Delivery::End` came before and set the ending.
                    Poll::Ready(None) => break,
                },
            };
            let fits = match &delivery {
                Delivery::Records(records) => message.takes(records),
                _ => message.is_empty(),
            };
            if !fits {
                self.pulled = Some(delivery);
                break;
            }
            match delivery {
                Delivery::Records(records) => {
                    message.push(records);
                    place = self.reader.place();
                }
                Delivery::End(end) => {
                    self.ending = Some(Ending::ok(self.end_reason(end)));
                    return Poll::Ready(None);
                }
                Delivery::Gap { from, to, cause } => {
                    if let Some(message) = self.gap(from.0, to.0, cause) {
                        return Poll::Ready(Some(message));
                    }
                }
                Delivery::CaughtUp => {
                    if let Some(message) = self.caught_up() {
                        return Poll::Ready(Some(message));
                    }
                }
            }
        }
        if message.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(self.encode(&message, place))
    }

    /// `None`: it could not be, which ends the stream.
    fn encode(&mut self, message: &Message, place: Place) -> Option<Bytes> {
        let checksum = message.extend_checksum(self.checksum);
        let encoded = match &mut self.form {
            Form::Tail(defined) => message.batch(&self.reader.cursor_at(place), defined),
            Form::Entries => message.entries(),
            Form::Text(form) => match form.records(message, &self.reader) {
                Ok(text) => text,
                Err(why) => {
                    let status = error(ErrorReason::Internal).message(why.to_string()).into();
                    self.ending = Some(Ending::new(v1::EndReason::Unspecified, status));
                    return None;
                }
            },
        };
        self.checksum = checksum;
        self.records_to_count += message.records();
        Some(encoded)
    }

    fn gap(&self, from: u64, to: u64, cause: GapCause) -> Option<Bytes> {
        let gap = v1::Gap { from, to, cause: encode::gap_cause(cause).into() };
        self.control(Payload::Gap(gap))
    }

    fn caught_up(&self) -> Option<Bytes> {
        let tail = self.reader.stream().tail().0;
        self.control(Payload::CaughtUp(v1::CaughtUp { tail }))
    }

    fn progress(&self) -> Option<Bytes> {
        let progress = v1::Progress {
            next_offset: self.reader.position().0,
            tail: self.reader.stream().tail().0,
            scanned: self.reader.scanned(),
        };
        self.control(Payload::Progress(progress))
    }

    /// A message that not every form has.
    fn control(&self, payload: Payload) -> Option<Bytes> {
        match self.form {
            Form::Tail(_) => Some(encode::control(self.cursor(), payload)),
            Form::Entries => None,
            Form::Text(form) => form.mark(&self.cursor(), &payload),
        }
    }

    fn poll_signals(&mut self, cx: &mut Context<'_>) -> Option<Ending> {
        let clocks = &mut self.clocks;
        let mut passed = |clock: &mut Option<Pin<Box<Sleep>>>| {
            clock.as_mut().is_some_and(|clock| clock.as_mut().poll(cx).is_ready())
        };
        if passed(&mut clocks.deadline) {
            return Some(Ending::new(v1::EndReason::Deadline, error(ErrorReason::DeadlineExceeded).into()));
        }
        if passed(&mut clocks.until) {
            clocks.until = None;
            self.ends_by_until = true;
            self.reader.end_at_tail();
        }
        if passed(&mut clocks.max_age) {
            return Some(Ending::ok(v1::EndReason::MaxAge));
        }
        if clocks.drain.as_mut().poll(cx).is_ready() {
            return Some(Ending::new(v1::EndReason::Drain, error(ErrorReason::Draining).into()));
        }
        None
    }

    fn end_reason(&self, end: End) -> v1::EndReason {
        match end {
            End::Limit => v1::EndReason::Limit,
            End::EndOfHistory if self.ends_by_until => v1::EndReason::Until,
            End::EndOfHistory => v1::EndReason::EndOfHistory,
        }
    }

    /// The last message, where there is one, then the trailers.
    fn next_of_ending(&mut self) -> Part {
        let ending = self.ending.as_mut().expect("only called with an ending");
        let told = std::mem::replace(&mut ending.told, true);
        let ending = ending.clone();
        if !told && let Some(message) = self.end_message(&ending) {
            return Part::Messages(message);
        }
        match self.form {
            Form::Tail(_) | Form::Entries => Part::Trailers(self.trailers(&ending)),
            Form::Text(form) if form.tells_ends() || ending.status.code() == Code::Ok => Part::Done,
            Form::Text(_) => Part::Broken,
        }
    }

    fn end_message(&self, ending: &Ending) -> Option<Bytes> {
        let end = v1::End {
            reason: ending.reason.into(),
            records: self.reader.delivered(),
            scanned: self.reader.scanned(),
            checksum: self.checksum.crc32c,
        };
        match self.form {
            Form::Text(form) => form.end(&self.cursor(), &end, &ending.status),
            Form::Tail(_) | Form::Entries => self.control(Payload::End(end)),
        }
    }

    /// All that can still be said to a reader who comes back to a stream that was freed.
    pub(super) fn farewell(&self, ending: &Ending) -> Part {
        match self.form {
            Form::Tail(_) | Form::Entries => Part::Trailers(self.trailers(ending)),
            Form::Text(_) => self.end_message(ending).map_or(Part::Broken, Part::Messages),
        }
    }

    fn trailers(&self, ending: &Ending) -> HeaderMap {
        let mut trailers = grpc::trailers(&ending.status);
        trailers.insert("spile-records", HeaderValue::from(self.reader.delivered()));
        trailers.insert("spile-scanned", HeaderValue::from(self.reader.scanned()));
        let checksum = format!("{:08x}", self.checksum.crc32c);
        let text = [("spile-cursor", self.cursor()), ("spile-checksum", checksum)];
        for (name, value) in text {
            trailers.insert(name, HeaderValue::try_from(value).expect("base64url and hex are ASCII"));
        }
        trailers.insert("spile-end-reason", HeaderValue::from_static(ends::name(ending.reason)));
        trailers
    }

    pub(super) fn cursor(&self) -> String {
        self.reader.cursor()
    }

    fn restart_progress(&mut self) {
        let next = Instant::now() + self.clocks.progress_interval;
        self.clocks.progress.as_mut().reset(next);
    }
}

impl Ending {
    fn ok(reason: v1::EndReason) -> Self {
        Self::new(reason, Status::ok(""))
    }

    pub(super) fn new(reason: v1::EndReason, status: Status) -> Self {
        Self { reason, status, told: false }
    }

    /// The disk failed; everything given out so far stands, and the cursor is good.
    fn failed(failure: &ReadError) -> Self {
        Self::new(v1::EndReason::Unspecified, read_status(failure))
    }
}

impl Clocks {
    /// The clocks of a stream that begins now.
    pub(super) fn start(
        context: &crate::context::ServerContext,
        deadline: Option<Instant>,
        until: Option<Duration>,
        max_age: Option<Duration>,
    ) -> Self {
        let progress_interval = context.limits.progress_interval;
        Self {
            deadline: deadline.map(|at| Box::pin(sleep_until(at))),
            max_age: max_age.map(|age| Box::pin(sleep(age))),
            until: until.map(|left| Box::pin(sleep(left))),
            drain: Box::pin(context.drain.drained_owned()),
            progress: Box::pin(sleep(progress_interval)),
            progress_interval,
        }
    }
}
