//! The memory that all requests being taken in share.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use crate::status::{ErrorReason, error};

/// What the budget is counted in, bytes.
const UNIT_BYTES: usize = 1024;

/// The budget. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    units: Arc<Semaphore>,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { units: Arc::new(Semaphore::new(bytes / UNIT_BYTES)), bytes }
    }

    /// A part of it that is empty yet.
    pub(crate) fn charge(&self) -> Charge {
        Charge { budget: self.clone(), permit: None, bytes: 0 }
    }

    /// Bytes that are left.
    #[cfg(test)]
    pub(crate) fn left(&self) -> usize {
        self.units.available_permits() * UNIT_BYTES
    }
}

/// What one request has taken; given back when dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    budget: Budget,
    permit: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Charge {
    /// Another part of the same budget, empty yet.
    pub(crate) fn sibling(&self) -> Self {
        self.budget.charge()
    }

    /// Takes so many bytes more, or says that the server has too much to do.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Status> {
        self.bytes += bytes;
        let held = self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = self.bytes.div_ceil(UNIT_BYTES).saturating_sub(held);
        if more == 0 {
            return Ok(());
        }
        let taken = u32::try_from(more)
            .ok()
            .and_then(|more| Arc::clone(&self.budget.units).try_acquire_many_owned(more).ok());
        match (taken, &mut self.permit) {
            (None, _) => return Err(self.exhausted()),
            (Some(taken), Some(permit)) => permit.merge(taken),
            (Some(taken), none) => *none = Some(taken),
        }
        Ok(())
    }

    fn exhausted(&self) -> Status {
        let why = format!("all {} bytes for requests that are being taken in are in use", self.budget.bytes);
        error(ErrorReason::Overloaded).quota("receive-memory", why).into()
    }
}
