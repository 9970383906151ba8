//! The tap: a response body that pulls a stream as fast as its reader takes it, and no faster.
//!
//! HTTP/2 asks the body for more only while the reader's window is open, so a slow reader costs its cursor and one message.
//! Dropping the body frees everything in that instant. A body whose window stays shut is not polled at all; that is why the
//! flow sits behind a lock where the watchdog (`taps`) can take it away.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use spile_proto::v1::EndReason;
use tokio::time::Instant;

use super::ends;
use super::flow::{Ending, Part};
use super::taps::Registration;
use crate::metrics::{EndLabels, MethodLabel, Metrics};
use crate::status::{ErrorReason, error};
use crate::transport::StreamHandle;

/// `yielded_ms` while nothing is given out that the reader has not come back for.
const NOT_WAITING: u64 = u64::MAX;

/// What the watchdog sees of a stream.
pub(super) struct Shared {
    flow: Mutex<State>,
    started: Instant,
    /// When the last message was given out without the reader asking for more since, milliseconds after `started`.
    yielded_ms: AtomicU64,
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
    Ended,
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
            started: Instant::now(),
            yielded_ms: AtomicU64::new(NOT_WAITING),
            handle,
            meter,
        })
    }

    /// For how long the reader has left what it was given.
    pub(super) fn not_read_for(&self) -> Duration {
        match self.yielded_ms.load(Ordering::Relaxed) {
            NOT_WAITING => Duration::ZERO,
            at => self.started.elapsed().saturating_sub(Duration::from_millis(at)),
        }
    }

    /// Frees what the stream holds. Its reader can still come for the trailers.
    pub(super) fn stall(&self) {
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

    /// Whether [`stall`](Self::stall) freed it and its reader has not come back.
    pub(super) fn is_stalled(&self) -> bool {
        matches!(*self.state(), State::Stalled(_))
    }

    /// Ends the HTTP stream, whose reader's window stays shut.
    pub(super) fn reset(&self) {
        if let Some(handle) = &self.handle {
            handle.reset();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Part>> {
        self.yielded_ms.store(NOT_WAITING, Ordering::Relaxed);
        let mut state = self.state();
        let part = match &mut *state {
            State::Running(flow) => {
                let part = ready!(flow.poll(cx));
                self.meter.gave_out(&mut **flow);
                if !matches!(part, Part::Messages(_)) {
                    self.meter.ended(flow.end_reason());
                    *state = State::Ended;
                }
                part
            }
            State::Stalled(farewell) => {
                let farewell = std::mem::replace(farewell, Part::Done);
                *state = State::Ended;
                farewell
            }
            State::Ended => return Poll::Ready(None),
        };
        let now = self.started.elapsed().as_millis() as u64;
        self.yielded_ms.store(now, Ordering::Relaxed);
        Poll::Ready(Some(part))
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
                // A body that ends looks whole. The reset ends it otherwise, and nothing more is asked of it.
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
