//! The tap: a response body that pulls a stream as fast as its reader takes it, and no faster.
//!
//! HTTP/2 asks the body for more only while the reader's window is open, so a slow reader costs its cursor and one message.
//! Dropping the body frees everything in that instant. A body whose window stays shut is not polled at all; that is why the
//! flow sits behind a lock where the watchdog (`taps`) can take it away.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use spile_proto::v1::EndReason;

use super::ends;
use super::flow::{Ending, Part};
use super::taps::{Patience, Registration, Watched};
use crate::metrics::{EndLabels, MethodLabel, Metrics};
use crate::status::{ErrorReason, error};
use crate::transport::StreamHandle;

/// What the watchdog sees of a stream.
pub(super) struct Shared {
    flow: Mutex<State>,
    patience: Patience,
    handle: Option<StreamHandle>,
    meter: Meter,
}

/// What a tap gives out: a stream of records, or a session of several. Dropping it frees all that it holds.
pub(super) trait Pour: Send {
    /// The next part. After one that is no message it is not polled again.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Part>;

    /// Where to resume; empty when nothing is read.
    fn cursor(&self) -> String;

    /// All that can still be said to a reader who comes back when it was ended like this.
    fn farewell(&self, ending: &Ending) -> Part;

    /// Why it ended, once it has.
    fn end_reason(&self) -> EndReason;

    /// How many records were given out since this was last asked.
    fn take_given(&mut self) -> u64;

    /// How far its reader is behind the tail, if it goes towards it.
    fn lag(&self) -> Option<u64>;
}

enum State {
    Running(Box<dyn Pour>),
    /// The watchdog has freed the stream; this is the last part, should the reader come back for it.
    Stalled(Part),
    /// The HTTP stream is being reset. A body that ends looks whole, so this one does not.
    Broken,
    Ended,
}

impl State {
    /// What is left behind the last part.
    fn after(last: &Part) -> Self {
        if matches!(last, Part::Broken) { Self::Broken } else { Self::Ended }
    }
}

/// A streaming response body.
pub(super) struct Tap {
    shared: Arc<Shared>,
    _registration: Registration,
}

impl Tap {
    pub(super) fn new(shared: Arc<Shared>, registration: Registration) -> Self {
        Self { shared, _registration: registration }
    }
}

impl Shared {
    pub(super) fn new(pour: impl Pour + 'static, handle: Option<StreamHandle>, meter: Meter) -> Arc<Self> {
        Arc::new(Self {
            flow: Mutex::new(State::Running(Box::new(pour))),
            patience: Patience::default(),
            handle,
            meter,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Part>> {
        self.patience.came_back();
        let mut state = self.state();
        let part = match &mut *state {
            State::Running(flow) => {
                let part = ready!(flow.poll(cx));
                self.meter.gave_out(&mut **flow);
                if !matches!(part, Part::Messages(_)) {
                    self.meter.ended(flow.end_reason());
                    *state = State::after(&part);
                }
                part
            }
            State::Stalled(farewell) => {
                let farewell = std::mem::replace(farewell, Part::Done);
                *state = State::after(&farewell);
                farewell
            }
            State::Broken => return Poll::Pending,
            State::Ended => return Poll::Ready(None),
        };
        self.patience.given_out();
        Poll::Ready(Some(part))
    }
}

impl Watched for Shared {
    fn not_read_for(&self) -> Duration {
        self.patience.not_read_for()
    }

    /// Frees what the stream holds. Its reader can still come for the last part.
    fn stall(&self) {
        let mut state = self.state();
        if let State::Running(flow) = &*state {
            let ending = Ending::new(EndReason::Stalled, error(ErrorReason::Stalled).into());
            let farewell = flow.farewell(&ending);
            tracing::info!(
                method = self.meter.method,
                cursor = flow.cursor(),
                "reader stalled, its stream is freed"
            );
            *state = State::Stalled(farewell);
            self.meter.ended(EndReason::Stalled);
        }
    }

    fn is_stalled(&self) -> bool {
        matches!(*self.state(), State::Stalled(_))
    }

    fn reset(&self) {
        if let Some(handle) = &self.handle {
            handle.reset();
        }
    }
}

impl http_body::Body for Tap {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(match ready!(self.shared.poll(cx)) {
            Some(Part::Messages(messages)) => Some(Ok(Frame::data(messages))),
            Some(Part::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Some(Part::Done) | None => None,
            Some(Part::Broken) => {
                self.shared.reset();
                return Poll::Pending;
            }
        })
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        if matches!(*state, State::Running(_)) {
            self.shared.meter.ended(EndReason::Cancelled);
        }
        *state = State::Ended;
    }
}

/// Counts what only the stream itself knows; calls, bytes and times are counted around it (`observe`).
pub(super) struct Meter {
    metrics: Arc<Metrics>,
    method: &'static str,
}

impl Meter {
    pub(super) fn new(metrics: Arc<Metrics>, method: &'static str) -> Self {
        Self { metrics, method }
    }

    fn gave_out(&self, flow: &mut dyn Pour) {
        let records = flow.take_given();
        if records > 0 {
            let label = MethodLabel { method: self.method };
            self.metrics.sent_records.get_or_create(&label).inc_by(records);
            if let Some(lag) = flow.lag() {
                self.metrics.lag_records.get_or_create(&label).observe(lag as f64);
            }
        }
    }

    fn ended(&self, reason: EndReason) {
        let labels = EndLabels { method: self.method, reason: ends::name(reason) };
        self.metrics.stream_ends.get_or_create(&labels).inc();
    }
}
