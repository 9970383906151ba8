//! What one reading has brought: its messages taken apart, and held against what the server says it sent.

use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{End, EndReason, RecordBatch, TailResponse};

use super::batch::{ResourceTable, TailBatch};
use super::event::TailEvent;
use crate::checksum::BodyChecksum;
use crate::error::Error;

/// The messages of one reading on one call.
#[derive(Debug, Default)]
pub(crate) struct Received {
    resources: ResourceTable,
    checksum: BodyChecksum,
    records: u64,
    end: Option<End>,
}

impl Received {
    /// What a message tells, if anything, and the cursor behind it.
    pub(crate) fn accept(&mut self, response: TailResponse) -> Result<(Option<TailEvent>, String), Error> {
        let TailResponse { cursor, payload } = response;
        if self.end.is_some() {
            return Err(Error::Protocol("a message came after the end".to_owned()));
        }
        let event = match payload {
            // Without one, what follows a break could be told twice.
            Some(Payload::Batch(_)) if cursor.is_empty() => {
                return Err(Error::Protocol("records came without a cursor".to_owned()));
            }
            Some(Payload::Batch(batch)) => self.accept_batch(batch)?.map(TailEvent::Batch),
            Some(Payload::Gap(gap)) => Some(TailEvent::Gap(gap)),
            Some(Payload::Progress(progress)) => Some(TailEvent::Progress(progress)),
            Some(Payload::CaughtUp(mark)) => Some(TailEvent::CaughtUp(mark)),
            Some(Payload::End(end)) => {
                self.check("the end", end.checksum, end.records)?;
                self.end = Some(end);
                None
            }
            // A payload of a later version: the cursor counts all the same.
            None => None,
        };
        Ok((event, cursor))
    }

    fn accept_batch(&mut self, batch: RecordBatch) -> Result<Option<TailBatch>, Error> {
        for record in &batch.records {
            self.checksum.add(&record.body);
        }
        self.records += batch.records.len() as u64;
        let batch = self.resources.resolve(batch)?;
        Ok((!batch.is_empty()).then_some(batch))
    }

    /// How many records it brought.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// Why it ended, when it has told that.
    pub(crate) fn end(&self) -> Option<EndReason> {
        self.end.as_ref().map(End::reason)
    }

    /// Holds what came against what the server counts.
    pub(crate) fn check(&self, source: &str, checksum: u32, records: u64) -> Result<(), Error> {
        check(source, (self.records, self.checksum.value()), (records, checksum))
    }
}

/// Holds a count and a checksum of what came against those that the server tells.
pub(crate) fn check(source: &str, came: (u64, u32), told: (u64, u32)) -> Result<(), Error> {
    let ((came, checksum), (records, told)) = (came, told);
    if records != came {
        return Err(Error::Damaged(format!("{came} records arrived, {source} of the call counts {records}")));
    }
    if checksum != told {
        return Err(Error::Damaged(format!(
            "their checksum is {checksum:08x}, {source} of the call says {told:08x}"
        )));
    }
    Ok(())
}
