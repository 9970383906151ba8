//! The records around a position: what led to a record, and what followed it.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::future::poll_fn;

use super::Stream;
use crate::cursor::{GapCause, LossPolicy};
use crate::filter::Filter;
use crate::frame::{Picked, Row, Rows};
use crate::journal::ReadError;
use crate::offset::Offset;
use crate::subscription::{Delivery, Start, Subscription, SubscriptionPlan};

/// What is asked for around a position.
#[derive(Clone, Debug)]
pub struct ContextPlan {
    /// The position.
    pub position: Offset,
    /// How many matching records before it; the nearest.
    pub before: usize,
    /// How many matching records at and behind it; the nearest.
    pub after: usize,
    /// Which records count.
    pub filter: Filter,
}

/// What lies around a position.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// In offset order.
    pub rows: Rows,
    /// Ranges among them that cannot be read: from, to, why.
    pub gaps: Vec<(Offset, Offset, GapCause)>,
}

/// The nearest records of one side, within a number and a number of bytes.
struct Side {
    rows: VecDeque<Row>,
    bytes: usize,
    max_bytes: usize,
}

impl Side {
    fn new(max_bytes: usize) -> Self {
        Self { rows: VecDeque::new(), bytes: 0, max_bytes }
    }

    /// Whether another record would be too much; one is never.
    fn is_full(&self, row: &Row) -> bool {
        !self.rows.is_empty() && self.bytes + row.field_bytes() > self.max_bytes
    }

    fn push(&mut self, row: Row) {
        self.bytes += row.field_bytes();
        self.rows.push_back(row);
    }

    fn pop_first(&mut self) {
        self.bytes -= self.rows.pop_front().map_or(0, |row| row.field_bytes());
    }
}

impl Stream {
    /// The records around a position that match. Of either side at most [`Limits::context_bytes`](crate::Limits::context_bytes) of records come,
    /// the nearest, but one at least. Dropping the future stops it.
    ///
    /// # Errors
    /// If the disk fails.
    pub async fn context(&self, plan: ContextPlan) -> Result<Surroundings, ReadError> {
        let mut found = Surroundings::default();
        let max_bytes = self.limits().context_bytes;
        if plan.before > 0 {
            let (filter, count) = (plan.filter.clone(), plan.before as u64);
            let start = self.clone().locate_last(filter, count, plan.position).await?;
            let mut side = Side::new(max_bytes);
            if start < plan.position {
                let reading = self.reading(start, Some(plan.position), None, &plan.filter);
                collect(reading, &mut found, |picked, at| {
                    let row = Row::of(picked.frame(), at, picked.frame().resource_def(at).cloned());
                    while side.is_full(&row) {
                        side.pop_first();
                    }
                    side.push(row);
                    true
                })
                .await?;
            }
            side.rows.iter().for_each(|row| found.rows.push(row));
        }
        if plan.after > 0 {
            let mut side = Side::new(max_bytes);
            let reading = self.reading(plan.position, None, Some(plan.after as u64), &plan.filter);
            collect(reading, &mut found, |picked, at| {
                let row = Row::of(picked.frame(), at, picked.frame().resource_def(at).cloned());
                let takes = !side.is_full(&row);
                if takes {
                    side.push(row);
                }
                takes
            })
            .await?;
            side.rows.iter().for_each(|row| found.rows.push(row));
        }
        Ok(found)
    }

    fn reading(
        &self,
        start: Offset,
        end: Option<Offset>,
        limit: Option<u64>,
        filter: &Filter,
    ) -> Subscription {
        let plan = SubscriptionPlan {
            start: Start::At(start),
            follow: false,
            filter: filter.clone(),
            limit,
            loss_policy: LossPolicy::CatchUp,
        };
        let mut reading = self.subscribe(plan);
        end.into_iter().for_each(|end| reading.end_before(end));
        reading
    }
}

/// Gives every record to `take` until that says no, or the reading ends; notes the gaps.
async fn collect(
    mut reading: Subscription,
    found: &mut Surroundings,
    mut take: impl FnMut(&Picked, usize) -> bool,
) -> Result<(), ReadError> {
    while let Some(delivery) = poll_fn(|cx| reading.poll_delivery(cx)).await {
        match delivery? {
            Delivery::Records(picked) => {
                if !picked.indexes().all(|at| take(&picked, at)) {
                    break;
                }
            }
            Delivery::Gap { from, to, cause } => found.gaps.push((from, to, cause)),
            Delivery::CaughtUp | Delivery::End(_) => {}
        }
    }
    Ok(())
}
