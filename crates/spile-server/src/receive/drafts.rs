//! The records of a request, laid down in frames; those that cannot be kept are counted, with the reason of the first.

use std::sync::Arc;

use spile_engine::frame::PushError;
use spile_engine::{FrameDraft, ResourceDef};
use tonic::Status;

use super::budget::Charge;
use crate::status::{ErrorReason, error};

/// The most records of one request: small records cost more than their bytes.
const MAX_RECORDS: u64 = 1 << 20;

/// The most that the records of a request may have as they are stored, in sizes of the largest request: what its scopes say is stored with each of
/// their records.
const MAX_STORED_FACTOR: usize = 2;

/// What a record in a frame costs beside its bytes, about.
const RECORD_OVERHEAD_BYTES: usize = 48;

/// Frames in the making.
pub(crate) struct Drafts {
    full: Vec<FrameDraft>,
    current: FrameDraft,
    received_unix_nano: u64,
    charge: Charge,
    /// Room that is left for records as they are stored, bytes.
    room: usize,
    taken: u64,
    refused: Refused,
}

/// What could not be kept of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) records: u64,
    /// Where the first of them was, and what was wrong with it.
    pub(crate) first: String,
}

/// What is to be stored of a request.
pub(crate) struct Laid {
    pub(crate) drafts: Vec<FrameDraft>,
    pub(crate) refused: Refused,
    /// The memory that the request has taken.
    pub(crate) charge: Charge,
}

impl Drafts {
    /// Without records yet. The charge of the request, which has at most `max_bytes`, grows with them.
    pub(crate) fn new(charge: Charge, max_bytes: usize, received_unix_nano: u64) -> Self {
        Self {
            full: Vec::new(),
            current: FrameDraft::default(),
            received_unix_nano,
            charge,
            room: max_bytes.saturating_mul(MAX_STORED_FACTOR),
            taken: 0,
            refused: Refused::default(),
        }
    }

    /// Adds an encoded record, or counts it as refused; `place` says where it is in the request.
    ///
    /// # Errors
    /// When the request as a whole is too much.
    pub(crate) fn push(
        &mut self,
        record: &[u8],
        resource: Option<&Arc<ResourceDef>>,
        place: impl FnOnce() -> String,
    ) -> Result<(), Status> {
        let mut pushed = self.current.push_encoded(record, resource, self.received_unix_nano);
        if pushed == Err(PushError::Full) {
            self.end_frame()?;
            pushed = self.current.push_encoded(record, resource, self.received_unix_nano);
        }
        match pushed {
            Ok(()) => self.taken += 1,
            Err(why) => return self.refuse(1, || format!("{}: {why}", place())),
        }
        self.check_count()
    }

    /// Counts records as refused; `why` says where the first is and what is wrong with it.
    pub(crate) fn refuse(&mut self, records: u64, why: impl FnOnce() -> String) -> Result<(), Status> {
        if self.refused.records == 0 && records > 0 {
            self.refused.first = why();
        }
        self.refused.records += records;
        self.check_count()
    }

    /// The frames.
    pub(crate) fn finish(mut self) -> Result<Laid, Status> {
        self.end_frame()?;
        let Self { full, charge, refused, .. } = self;
        Ok(Laid { drafts: full, refused, charge })
    }

    fn end_frame(&mut self) -> Result<(), Status> {
        let frame = std::mem::take(&mut self.current);
        if !frame.is_empty() {
            let room = self.room.checked_sub(frame.encoded_bytes());
            self.room =
                room.ok_or_else(|| too_much("its records, with what their scopes say, have too many bytes"))?;
            self.charge.grow(frame.encoded_bytes() + frame.len() * RECORD_OVERHEAD_BYTES)?;
            self.full.push(frame);
        }
        Ok(())
    }

    fn check_count(&self) -> Result<(), Status> {
        if self.taken + self.refused.records <= MAX_RECORDS {
            return Ok(());
        }
        Err(too_much(&format!("at most {MAX_RECORDS} records are taken in one request")))
    }
}

fn too_much(why: &str) -> Status {
    error(ErrorReason::TooLarge).message(format!("{why}; send smaller batches")).into()
}
