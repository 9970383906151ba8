//! The offsets of records as messages write them, and the order that they must keep.

use spile_proto::v1::Order;

use super::batch::TailBatch;
use crate::error::Error;

/// The offset of each record of a message.
#[derive(Clone, Debug)]
pub(super) enum Offsets {
    /// They follow each other.
    From(u64),
    /// So far behind the first.
    Deltas(u64, Vec<u32>),
    /// One by one.
    Listed(Vec<u64>),
}

impl Offsets {
    /// Each record must have exactly one.
    pub(super) fn new(records: usize, first: u64, deltas: Vec<u32>, listed: Vec<u64>) -> Result<Self, Error> {
        if !listed.is_empty() {
            if first != 0 || !deltas.is_empty() {
                return Err(Error::Protocol("a message gives offsets in two ways".to_owned()));
            }
            check_length(records, listed.len())?;
            return Ok(Self::Listed(listed));
        }
        if deltas.is_empty() {
            check_span(first, records as u64)?;
            return Ok(Self::From(first));
        }
        check_length(records, deltas.len())?;
        check_span(first, deltas.iter().copied().max().unwrap_or(0).into())?;
        Ok(Self::Deltas(first, deltas))
    }

    pub(super) fn at(&self, index: usize) -> u64 {
        match self {
            Self::From(first) => first + index as u64,
            Self::Deltas(first, deltas) => first + u64::from(deltas[index]),
            Self::Listed(offsets) => offsets[index],
        }
    }
}

fn check_length(records: usize, offsets: usize) -> Result<(), Error> {
    if records != offsets {
        return Err(Error::Protocol(format!("{offsets} offsets for {records} records")));
    }
    Ok(())
}

fn check_span(first: u64, span: u64) -> Result<(), Error> {
    if first.checked_add(span).is_none() {
        return Err(Error::Protocol("an offset is above the largest".to_owned()));
    }
    Ok(())
}

/// Holds the records of a tail against the order that was asked for, from one message and from one call to the next: what
/// comes twice or goes back is never passed on.
#[derive(Debug)]
pub(crate) struct OrderCheck {
    order: Order,
    last: Option<u64>,
}

impl OrderCheck {
    pub(crate) fn new(order: Order) -> Self {
        Self { order, last: None }
    }

    /// Takes in the offsets of the next message.
    pub(crate) fn accept(&mut self, batch: &TailBatch) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        // A server that does not know the order gives the one that it knows.
        if self.order != Order::Unspecified && !batch.lists_offsets() {
            return Err(Error::Protocol("the server does not know this order of reading".to_owned()));
        }
        let follows: fn(u64, u64) -> bool = match self.order {
            Order::Unspecified => |before, after| before < after,
            Order::NewestFirst => |before, after| before > after,
            // Times may be equal or corrected on the way: only the server knows.
            Order::ByTime => |_, _| true,
        };
        for offset in batch.offsets() {
            if let Some(last) = self.last.replace(offset)
                && !follows(last, offset)
            {
                let order = if self.order == Order::NewestFirst { "fall" } else { "rise" };
                let message = format!("offset {offset} came behind offset {last}, where they must {order}");
                return Err(Error::Protocol(message));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
