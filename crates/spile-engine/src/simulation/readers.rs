//! Readers that stop and go, and hold what comes against what must come.

use std::task::{Context, Poll, Waker};

use super::known::{Known, is_severe};
use super::oracle::SEVERE;
use crate::cursor::{GapCause, LossPolicy};
use crate::filter::Filter;
use crate::frame::Rows;
use crate::subscription::{Delivery, NewestFirst, NewestFirstPlan, Start, SubscriptionPlan};
use crate::{Offset, RecordView, Stream, Subscription};

/// A reader and what it must be given next.
pub(super) struct Reader {
    severe: bool,
    /// Offsets from it on, or below it, are still to come.
    next: u64,
    kind: Kind,
}

enum Kind {
    Forward(Box<Subscription>),
    NewestFirst(Box<NewestFirst>),
    /// It has read all there was.
    Done,
}

/// What one poll came to.
pub(super) enum Polled {
    Came,
    Nothing,
    Failed,
}

fn filter(severe: bool) -> Filter {
    Filter::all().and_level(if severe { SEVERE } else { 0 })
}

fn follow(stream: &Stream, from: u64, severe: bool) -> Kind {
    let (start, loss_policy) = (Start::At(Offset(from)), LossPolicy::CatchUp);
    let plan = SubscriptionPlan { start, follow: true, filter: filter(severe), limit: None, loss_policy };
    Kind::Forward(Box::new(stream.subscribe(plan)))
}

fn descend(stream: &Stream, before: u64, severe: bool) -> Kind {
    let plan = NewestFirstPlan { before: Some(Offset(before)), filter: filter(severe), limit: None };
    Kind::NewestFirst(Box::new(stream.newest_first(plan)))
}

impl Reader {
    pub(super) fn follow(stream: &Stream, from: u64, severe: bool) -> Self {
        Self { severe, next: from, kind: follow(stream, from, severe) }
    }

    pub(super) fn newest_first(stream: &Stream, severe: bool) -> Self {
        let tail = stream.tail().0;
        Self { severe, next: tail, kind: descend(stream, tail, severe) }
    }

    /// Where it stands, as its cursor says.
    pub(super) fn position(&self) -> u64 {
        match &self.kind {
            Kind::Forward(subscription) => subscription.position().0,
            Kind::NewestFirst(reader) => reader.position().0,
            Kind::Done => self.next,
        }
    }

    /// Goes on at its cursor, in another process.
    pub(super) fn resume(&mut self, stream: &Stream) {
        let position = self.position();
        self.kind = match &self.kind {
            Kind::Forward(_) => follow(stream, position, self.severe),
            Kind::NewestFirst(_) => descend(stream, position, self.severe),
            Kind::Done => Kind::Done,
        };
    }

    /// Takes what is ready.
    pub(super) fn poll(&mut self, known: &mut Known) -> Polled {
        let mut cx = Context::from_waker(Waker::noop());
        let polled = match &mut self.kind {
            Kind::Forward(subscription) => subscription.poll_delivery(&mut cx).map_ok(|delivery| {
                delivery.map(|picked| {
                    let frame = picked.frame();
                    let record = |at| (frame.offset_of(at).0, frame.record(at).body().to_owned());
                    picked.indexes().map(record).collect()
                })
            }),
            Kind::NewestFirst(reader) => {
                reader.poll_delivery(&mut cx).map_ok(|delivery| delivery.map(|rows| listed(&rows)))
            }
            Kind::Done => return Polled::Nothing,
        };
        match polled {
            Poll::Pending => Polled::Nothing,
            Poll::Ready(Some(Ok(delivery))) => {
                self.take(delivery, known);
                Polled::Came
            }
            Poll::Ready(Some(Err(_))) => Polled::Failed,
            Poll::Ready(None) => panic!("it was told of the end, and polled again"),
        }
    }

    fn take(&mut self, delivery: Delivery<Vec<(u64, String)>>, known: &mut Known) {
        let descends = matches!(self.kind, Kind::NewestFirst(_));
        match delivery {
            Delivery::Records(records) => {
                for (offset, body) in records {
                    assert!(!self.severe || is_severe(&body), "{body} is not what was asked for");
                    self.go_to(offset, known);
                    known.learn(offset, &body);
                    self.next = if descends { offset } else { offset + 1 };
                }
            }
            Delivery::Gap { from, to, cause } => {
                assert_eq!(cause, GapCause::Retention, "{from} to {to}");
                let near = if descends { to.0 } else { from.0 };
                self.go_to(near, known);
                self.next = if descends { from.0 } else { to.0 };
            }
            Delivery::CaughtUp => {}
            Delivery::End(_) => {
                assert!(descends, "a follower ended");
                self.next = self.position();
                self.kind = Kind::Done;
            }
        }
    }

    /// What is passed over on the way to an offset must be what the filter refuses.
    fn go_to(&mut self, offset: u64, known: &mut Known) {
        let descends = matches!(self.kind, Kind::NewestFirst(_));
        let passed = if descends {
            assert!(offset <= self.next, "{offset} came after {}", self.next);
            offset + 1..self.next
        } else {
            assert!(offset >= self.next, "{offset} came after {}", self.next);
            self.next..offset
        };
        for offset in passed {
            assert!(self.severe, "{offset} was passed over");
            known.pass_over(offset);
        }
    }
}

fn listed(rows: &Rows) -> Vec<(u64, String)> {
    let bodies = rows.bodies().map(|body| String::from_utf8_lossy(body).into_owned());
    rows.offsets().map(|offset| offset.0).zip(bodies).collect()
}
