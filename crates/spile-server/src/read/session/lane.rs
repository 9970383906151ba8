//! One reading of a session: being opened, running, or over.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use spile_proto::v1::TailRequest;
use spile_proto::v1::explore_response::{Accepted, Answer};
use tonic::{Code, Status};

use super::refusal;
use crate::read::encode::{self, Defined};
use crate::read::flow::{Clocks, Flow, Form, Given, Part};
use crate::read::tap::Pour;
use crate::read::{ReadState, plan};

/// The readings of one kind in a session, one after the other.
#[derive(Default)]
pub(super) struct Lane {
    state: State,
    /// How many records those before looked at.
    scanned_before: u64,
}

enum State {
    /// A request is being checked, and where it starts looked for.
    Opening(Opening),
    Running(Running),
    /// Over, or nothing yet: where it stood.
    Over(String),
}

/// A request that is on its way to a reading.
struct Opening {
    number: u64,
    flow: Pin<Box<dyn Future<Output = Result<Flow, Status>> + Send>>,
    /// Whether the reading is to be paused when it begins.
    paused: bool,
    /// What was read before. It stands still, and goes on if the request is refused.
    before: Option<Running>,
}

/// A reading, and the number of its request.
struct Running {
    number: u64,
    flow: Box<Flow>,
    paused: bool,
}

/// An answer, and the records in it.
pub(super) struct Step {
    pub(super) answer: Bytes,
    pub(super) given: Given,
}

impl Default for State {
    fn default() -> Self {
        State::Over(String::new())
    }
}

impl Lane {
    /// From now on reads what `flow` comes to. What is read now stands still until that is known.
    pub(super) fn open(
        &mut self,
        number: u64,
        flow: impl Future<Output = Result<Flow, Status>> + Send + 'static,
    ) {
        let before = match std::mem::take(&mut self.state) {
            State::Opening(opening) => opening.before,
            State::Running(running) => Some(running),
            State::Over(_) => None,
        };
        self.state = State::Opening(Opening { number, flow: Box::pin(flow), paused: false, before });
    }

    /// Ends what is read.
    pub(super) fn end(&mut self) {
        let over = match std::mem::take(&mut self.state) {
            State::Opening(opening) => opening.before,
            State::Running(running) => Some(running),
            State::Over(_) => None,
        };
        over.iter().for_each(|running| self.scanned_before += running.scanned());
        self.state = State::Over(over.map(|running| running.flow.cursor()).unwrap_or_default());
    }

    /// The next answer. `kind` is what a request for it is called; `closed`: what follows the tail ends there.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, kind: &str, closed: bool) -> Poll<Step> {
        match &mut self.state {
            State::Over(_) => Poll::Pending,
            State::Opening(opening) => {
                let opened = ready!(opening.flow.as_mut().poll(cx));
                Poll::Ready(self.opened(opened, kind, closed))
            }
            State::Running(running) if running.paused => {
                running.flow.poll_paused(cx).map(Step::without_records)
            }
            State::Running(running) => match ready!(running.flow.poll_part(cx)) {
                Part::Messages(answer) => {
                    let given = std::mem::take(&mut running.flow.given);
                    Poll::Ready(Step { answer, given })
                }
                Part::Trailers(_) | Part::Done | Part::Broken => self.came_to_its_end(),
            },
        }
    }

    fn opened(&mut self, opened: Result<Flow, Status>, kind: &str, closed: bool) -> Step {
        let State::Opening(Opening { number, paused, before, .. }) = std::mem::take(&mut self.state) else {
            unreachable!("only what was opening has opened");
        };
        match opened {
            Ok(flow) => {
                let accepted = accepted(&flow);
                before.iter().for_each(|before| self.scanned_before += before.scanned());
                self.state = State::Running(Running { number, flow: Box::new(flow), paused });
                if closed {
                    self.end_at_tail();
                }
                Step::without_records(encode::explored(number, Answer::Accepted(accepted)))
            }
            Err(status) => {
                self.state = before.map_or_else(State::default, State::Running);
                let prefix = format!("{kind}.");
                Step::without_records(encode::explored(number, refusal::answer(&status, &prefix)))
            }
        }
    }

    /// The reading is over, and has said so unless it failed.
    fn came_to_its_end(&mut self) -> Poll<Step> {
        let State::Running(running) = &mut self.state else { return Poll::Pending };
        let (number, ending) = (running.number, running.flow.ending.take());
        self.end();
        match ending.map(|ending| ending.status) {
            Some(status) if status.code() != Code::Ok => {
                let refused = encode::explored(number, refusal::answer(&status, ""));
                Poll::Ready(Step::without_records(refused))
            }
            _ => Poll::Pending,
        }
    }

    /// Stops reading, or goes on.
    pub(super) fn pause(&mut self, pause: bool) {
        match &mut self.state {
            State::Opening(opening) => {
                opening.paused = pause;
                opening.before.iter_mut().for_each(|before| before.paused = pause);
            }
            State::Running(running) => running.paused = pause,
            State::Over(_) => {}
        }
    }

    /// The caller will ask for nothing more: what follows the tail ends there, and what is paused stays where it is.
    pub(super) fn end_at_tail(&mut self) {
        match &mut self.state {
            State::Running(running) if running.paused => self.end(),
            State::Running(running) => running.flow.reader.end_at_tail(),
            State::Opening(_) | State::Over(_) => {}
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Over(_))
    }

    /// Where it stands; empty when it has not begun.
    pub(super) fn cursor(&self) -> String {
        match &self.state {
            State::Opening(_) => String::new(),
            State::Running(running) => running.flow.cursor(),
            State::Over(cursor) => cursor.clone(),
        }
    }

    /// How many records all its readings have looked at.
    pub(super) fn scanned(&self) -> u64 {
        let running = match &self.state {
            State::Opening(opening) => opening.before.as_ref(),
            State::Running(running) => Some(running),
            State::Over(_) => None,
        };
        self.scanned_before + running.map_or(0, Running::scanned)
    }

    pub(super) fn lag(&self) -> Option<u64> {
        match &self.state {
            State::Running(running) => running.flow.reader.lag(),
            State::Opening(_) | State::Over(_) => None,
        }
    }
}

impl Running {
    fn scanned(&self) -> u64 {
        self.flow.reader.scanned()
    }
}

fn accepted(flow: &Flow) -> Accepted {
    let reader = &flow.reader;
    let extent = reader.stream().extent();
    Accepted {
        start_cursor: reader.cursor(),
        head: extent.head.0,
        tail: extent.tail.0,
        total_records: reader.known_total(),
    }
}

impl Step {
    fn without_records(answer: Bytes) -> Self {
        Self { answer, given: Given::default() }
    }
}

/// The reading that a request asks for.
pub(super) async fn open(state: ReadState, number: u64, request: TailRequest) -> Result<Flow, Status> {
    let plan = plan::tail(&state.engine, request).await?;
    let form = Form::Explore(number, Defined::default());
    let clocks = |until| Clocks::of_reading(&state.context, until);
    Flow::open(&state.context, plan, form, clocks).await
}
