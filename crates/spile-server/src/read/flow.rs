//! A running stream: its reader, its clocks, and how it ends.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use spile_engine::cursor::End;
use spile_engine::frame::BodyChecksum;
use spile_engine::journal::ReadError;
use spile_engine::subscription::Delivery;
use spile_proto::v1::{self, tail_response::Payload};
use tokio::time::{Instant, Sleep, sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::{Code, Status};

use super::encode::{self, Defined, Envelope};
use super::ends;
use super::errors::read_status;
use super::message::Message;
use super::plan::{Reading, TailPlan};
use super::reader::{Place, Reader, Records};
use super::tap::Pour;
use super::text::TextForm;
use crate::context::ServerContext;
use crate::grpc;
use crate::status::{ErrorReason, error};

/// In which messages records leave.
#[derive(Debug)]
pub(super) enum Form {
    /// `spile.v1.TailResponse`, with the resources that were defined already.
    Tail(Defined),
    /// The same as answers to the request of this number, in `spile.v1.ExploreResponse`.
    Explore(u64, Defined),
    /// `example.LogEntry`: records only, one message each.
    Entries,
    /// Plain HTTP.
    Text(TextForm),
}

impl Form {
    /// What comes before everything else.
    pub(super) fn opening(&self) -> Option<Bytes> {
        match self {
            Self::Tail(_) | Self::Explore(..) | Self::Entries => None,
            Self::Text(form) => form.opening(),
        }
    }
}

/// The clocks and signals that end a stream or keep it talking.
pub(super) struct Clocks {
    pub(super) deadline: Option<Pin<Box<Sleep>>>,
    /// `None` for the article's contract: its clients have no cursor to resume at, so they are not sent away. Also for a reading of a session,
    /// which has an age of its own.
    pub(super) max_age: Option<Pin<Box<Sleep>>>,
    /// When no later record can match.
    pub(super) until: Option<Pin<Box<Sleep>>>,
    /// `None` for a reading of a session, which ends as a whole.
    pub(super) drain: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
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
    /// Given out since this was last asked.
    pub(super) given: Given,
}

/// Records that were given out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given {
    pub(super) records: u64,
    pub(super) checksum: BodyChecksum,
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
    /// Reads by this plan, from where reading starts as soon as that is known; `clocks` is given how long it is until no later record can match.
    pub(super) async fn open(
        context: &ServerContext,
        plan: TailPlan,
        form: Form,
        clocks: impl FnOnce(Option<Duration>) -> Clocks,
    ) -> Result<Self, Status> {
        let TailPlan { stream, mut reading, until_unix_nano } = plan;
        let mut until = until_unix_nano.map(|until| until.saturating_sub(context.clock.now_unix_nano()));
        let mut until_passed = until == Some(0);
        match &mut reading {
            // When `until` is past there is nothing to wait for.
            Reading::Forward(plan) => plan.follow &= !until_passed,
            // Other orders read what is stored, and wait for nothing.
            Reading::NewestFirst(_) | Reading::ByTime(_) => (until, until_passed) = (None, false),
        }
        let mut reader = Reader::open(&stream, reading);
        poll_fn(|cx| reader.poll_located(cx)).await.map_err(|failure| read_status(&failure))?;
        let until = until.filter(|_| !until_passed).map(Duration::from_nanos);
        Ok(Self {
            clocks: clocks(until),
            batch_target_bytes: context.limits.batch_target_bytes,
            opening: form.opening(),
            ends_by_until: until_passed,
            checksum: BodyChecksum::default(),
            pulled: None,
            ending: None,
            given: Given::default(),
            reader,
            form,
        })
    }

    /// The next part. After the trailers it must not be polled again.
    pub(super) fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Part> {
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
                    self.clocks.restart_progress();
                    return Poll::Ready(Part::Messages(messages));
                }
                Poll::Ready(None) => {}
                Poll::Pending => {
                    ready!(self.clocks.poll_progress(cx));
                    if let Some(progress) = self.progress() {
                        return Poll::Ready(Part::Messages(progress));
                    }
                }
            }
        }
    }

    /// What there is to tell while nothing is to be read.
    pub(super) fn poll_paused(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        loop {
            ready!(self.clocks.poll_progress(cx));
            if let Some(progress) = self.progress() {
                return Poll::Ready(progress);
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
                    if let Some(message) = self.control(Payload::Gap(encode::gap((from, to, cause)))) {
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
        let checksum = message.extend_checksum(BodyChecksum::default());
        let cursor = || self.reader.cursor_at(place);
        let encoded = match &mut self.form {
            Form::Tail(defined) => message.batch(Envelope::None, &cursor(), defined),
            Form::Explore(request, defined) => message.batch(Envelope::Explore(*request), &cursor(), defined),
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
        self.checksum = self.checksum.then(checksum);
        self.given.checksum = self.given.checksum.then(checksum);
        self.given.records += message.records();
        Some(encoded)
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
            Form::Tail(_) => Some(encode::control(Envelope::None, self.cursor(), payload)),
            Form::Explore(request, _) => {
                Some(encode::control(Envelope::Explore(request), self.cursor(), payload))
            }
            Form::Entries => None,
            Form::Text(form) => form.mark(&self.cursor(), &payload),
        }
    }

    fn poll_signals(&mut self, cx: &mut Context<'_>) -> Option<Ending> {
        if passed(&mut self.clocks.until, cx) {
            self.clocks.until = None;
            self.ends_by_until = true;
            self.reader.end_at_tail();
        }
        self.clocks.poll_end(cx)
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
            Form::Tail(_) | Form::Explore(..) | Form::Entries => Part::Trailers(self.trailers(&ending)),
            Form::Text(form) if form.tells_ends() || ending.status.code() == Code::Ok => Part::Done,
            Form::Text(_) => Part::Broken,
        }
    }

    fn end_message(&self, ending: &Ending) -> Option<Bytes> {
        if matches!(self.form, Form::Explore(..)) && ending.status.code() != Code::Ok {
            // The session refuses what failed, and goes on.
            return None;
        }
        let end = v1::End {
            reason: ending.reason.into(),
            records: self.reader.delivered(),
            scanned: self.reader.scanned(),
            checksum: self.checksum.crc32c,
        };
        match self.form {
            Form::Text(form) => form.end(&self.cursor(), &end, &ending.status),
            Form::Tail(_) | Form::Explore(..) | Form::Entries => self.control(Payload::End(end)),
        }
    }

    fn trailers(&self, ending: &Ending) -> HeaderMap {
        let (records, scanned) = (self.reader.delivered(), self.reader.scanned());
        ending.trailers(records, scanned, self.checksum, self.cursor())
    }
}

impl Pour for Flow {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Part> {
        self.poll_part(cx)
    }

    fn cursor(&self) -> String {
        self.reader.cursor()
    }

    fn farewell(&self, ending: &Ending) -> Part {
        match self.form {
            Form::Tail(_) | Form::Explore(..) | Form::Entries => Part::Trailers(self.trailers(ending)),
            Form::Text(_) => self.end_message(ending).map_or(Part::Broken, Part::Messages),
        }
    }

    fn end_reason(&self) -> v1::EndReason {
        self.ending.as_ref().map_or(v1::EndReason::Unspecified, |ending| ending.reason)
    }

    fn take_given(&mut self) -> u64 {
        std::mem::take(&mut self.given).records
    }

    fn lag(&self) -> Option<u64> {
        self.reader.lag()
    }
}

impl Ending {
    /// The trailers of a stream that ends like this.
    pub(super) fn trailers(
        &self,
        records: u64,
        scanned: u64,
        checksum: BodyChecksum,
        cursor: String,
    ) -> HeaderMap {
        let mut trailers = grpc::trailers(&self.status);
        trailers.insert("spile-records", HeaderValue::from(records));
        trailers.insert("spile-scanned", HeaderValue::from(scanned));
        let checksum = format!("{:08x}", checksum.crc32c);
        for (name, value) in [("spile-cursor", cursor), ("spile-checksum", checksum)] {
            trailers.insert(name, HeaderValue::try_from(value).expect("base64url and hex are ASCII"));
        }
        trailers.insert("spile-end-reason", HeaderValue::from_static(ends::name(self.reason)));
        trailers
    }

    pub(super) fn ok(reason: v1::EndReason) -> Self {
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

/// Whether there is such a signal and it has come.
fn passed(signal: &mut Option<Pin<Box<impl Future>>>, cx: &mut Context<'_>) -> bool {
    signal.as_mut().is_some_and(|signal| signal.as_mut().poll(cx).is_ready())
}

impl Clocks {
    /// The clocks of a stream that begins now.
    pub(super) fn start(
        context: &ServerContext,
        deadline: Option<Instant>,
        until: Option<Duration>,
        max_age: Option<Duration>,
    ) -> Self {
        let progress_interval = context.limits.progress_interval;
        Self {
            deadline: deadline.map(|at| Box::pin(sleep_until(at))),
            max_age: max_age.map(|age| Box::pin(sleep(age))),
            until: until.map(|left| Box::pin(sleep(left))),
            drain: Some(Box::pin(context.drain.drained_owned())),
            progress: Box::pin(sleep(progress_interval)),
            progress_interval,
        }
    }

    /// The end, if one of them says so.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Option<Ending> {
        if passed(&mut self.deadline, cx) {
            return Some(Ending::new(v1::EndReason::Deadline, error(ErrorReason::DeadlineExceeded).into()));
        }
        if passed(&mut self.max_age, cx) {
            return Some(Ending::ok(v1::EndReason::MaxAge));
        }
        if passed(&mut self.drain, cx) {
            return Some(Ending::new(v1::EndReason::Drain, error(ErrorReason::Draining).into()));
        }
        None
    }

    /// Ready when nothing was told for so long that something has to be.
    pub(super) fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.progress.as_mut().poll(cx));
        self.restart_progress();
        Poll::Ready(())
    }

    /// Something was told.
    pub(super) fn restart_progress(&mut self) {
        let next = Instant::now() + self.progress_interval;
        self.progress.as_mut().reset(next);
    }

    /// The clocks of a reading that is part of a session, which itself looks after everything else.
    pub(super) fn of_reading(context: &ServerContext, until: Option<Duration>) -> Self {
        Self { drain: None, ..Self::start(context, None, until, None) }
    }
}
