//! Reads a stream to its end in the ways that there are, and says what came.

use std::future::poll_fn;

use super::world::drive;
use crate::cursor::{End, GapCause, LossPolicy};
use crate::filter::Filter;
use crate::subscription::{Delivery, NewestFirstPlan, Start, SubscriptionPlan};
use crate::{Offset, RecordView, Stream};

/// What came, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Came {
    /// Offsets and bodies.
    pub(super) records: Vec<(u64, String)>,
    pub(super) gaps: Vec<(u64, u64, GapCause)>,
    /// The reader's position at the end.
    pub(super) position: u64,
}

/// Reads forward to the tail. `work` does what blocks, if it is not done at once.
pub(super) fn forward(stream: &Stream, start: Start, filter: &Filter, mut work: impl FnMut()) -> Came {
    let plan = SubscriptionPlan {
        start,
        follow: false,
        filter: filter.clone(),
        limit: None,
        loss_policy: LossPolicy::CatchUp,
    };
    let mut subscription = stream.subscribe(plan);
    let mut came = Came::default();
    loop {
        let delivery = drive(poll_fn(|cx| {
            work();
            subscription.poll_delivery(cx)
        }));
        match delivery.unwrap().unwrap() {
            Delivery::Records(picked) => {
                let body = |at| picked.frame().record(at).body().to_owned();
                let records = picked.indexes().map(|at| (picked.frame().offset_of(at).0, body(at)));
                came.records.extend(records);
            }
            Delivery::Gap { from, to, cause } => came.gaps.push((from.0, to.0, cause)),
            Delivery::CaughtUp => panic!("it does not follow"),
            Delivery::End(end) => {
                assert_eq!(end, End::EndOfHistory);
                came.position = subscription.position().0;
                return came;
            }
        }
    }
}

/// Reads from the newest record down to the head.
pub(super) fn newest_first(stream: &Stream, before: Option<Offset>, filter: &Filter) -> Came {
    let plan = NewestFirstPlan { before, filter: filter.clone(), limit: None };
    let mut reader = stream.newest_first(plan);
    let mut came = Came::default();
    loop {
        match drive(poll_fn(|cx| reader.poll_delivery(cx))).unwrap().unwrap() {
            Delivery::Records(rows) => {
                let bodies = rows.bodies().map(|body| String::from_utf8_lossy(body).into_owned());
                came.records.extend(rows.offsets().map(|offset| offset.0).zip(bodies));
            }
            Delivery::Gap { from, to, cause } => came.gaps.push((from.0, to.0, cause)),
            Delivery::CaughtUp => panic!("it does not follow"),
            Delivery::End(end) => {
                assert_eq!(end, End::EndOfHistory);
                came.position = reader.position().0;
                return came;
            }
        }
    }
}
