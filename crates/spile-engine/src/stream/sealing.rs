//! What becomes of records in time: from the journal to segments, from small segments to larger ones; and what is known of them.

use std::sync::{PoisonError, TryLockError};

use super::Stream;
use crate::journal::{Damage, Journal, ReadError};
use crate::limits::{Retention, SealPolicy};
use crate::offset::Offset;
use crate::segments::{ChangeError, SealedRange, Verified};

/// How much of a journal is read at a time to verify it, bytes.
const VERIFY_BYTES: usize = 4 << 20;

impl Stream {
    /// Seals what the policy says should be in segments by now, and merges small segments. At once if another call is at it. Blocks, for as
    /// long as that takes.
    pub fn keep_sealed(&self, policy: &SealPolicy, now_unix_nano: u64) -> Result<SealedRange, ChangeError> {
        let _sealing = match self.0.sealing.try_lock() {
            Ok(sealing) => sealing,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(SealedRange::default()),
        };
        self.trim_to_sealed()?;
        let sealed =
            if self.is_due(policy, now_unix_nano) { self.seal_all()? } else { SealedRange::default() };
        while self.0.segments.compact()? {}
        Ok(sealed)
    }

    /// Seals everything that is in the journal now. Blocks, for as long as that takes.
    pub fn seal(&self) -> Result<SealedRange, ChangeError> {
        let _sealing = self.0.sealing.lock().unwrap_or_else(PoisonError::into_inner);
        self.seal_all()
    }

    /// The stream's own retention; `None` when the engine's holds.
    #[must_use]
    pub fn own_retention(&self) -> Option<Retention> {
        self.0.segments.manifest().retention
    }

    /// Gives the stream a retention of its own, or takes it away. Durable when this returns. Blocks on the disk.
    pub fn set_own_retention(&self, retention: Option<Retention>) -> Result<(), ChangeError> {
        self.0.segments.set_retention(retention)
    }

    /// Reads all that is stored and holds it against its checksums. Blocks, for as long as that takes.
    pub fn verify(&self) -> std::io::Result<Verified> {
        let mut verified = self.0.segments.verify().map_err(std::io::Error::other)?;
        let mut next = self.0.reader.head();
        while next < self.tail() {
            match self.0.reader.read(next, self.tail(), VERIFY_BYTES, &|_| true) {
                Ok(run) => {
                    verified.records += run.frames.iter().map(|frame| frame.len() as u64).sum::<u64>();
                    verified.bytes +=
                        run.frames.iter().map(|frame| frame.records().len() as u64).sum::<u64>();
                    next = run.next;
                }
                Err(ReadError::Corrupt { file, at, from, to, reason }) => {
                    verified.damages.push(Damage { file: file.as_ref().into(), at, from, to, reason });
                    next = to;
                }
                Err(ReadError::Gap { to, .. }) => next = to,
                // It was sealed meanwhile.
                Err(ReadError::Trimmed { head }) => next = head,
                Err(error) => return Err(std::io::Error::other(error)),
            }
        }
        Ok(verified)
    }

    /// Notes that all of the journal is durable if nothing came since the last call, once. Blocks on the disk.
    pub(crate) fn mark_if_idle(&self) {
        let tail = self.tail();
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, marked) = *idle;
        idle.0 = tail;
        if seen != tail || marked == tail || self.0.read_only.get().is_some() {
            return;
        }
        match self.change_journal(Journal::mark) {
            None => {}
            Some(Ok(())) => idle.1 = tail,
            Some(Err(error)) => {
                tracing::debug!(stream = self.name(), %error, "the journal could not be marked");
            }
        }
    }

    /// Its segments.
    #[cfg(test)]
    pub(crate) fn segments(&self) -> &crate::segments::Segments {
        &self.0.segments
    }

    /// Takes out of the journal what lies in segments: the end of a sealing that a crash cut short. Blocks.
    pub(crate) fn trim_sealed(&self) -> Result<(), ChangeError> {
        if self.0.reader.head() < self.0.segments.sealed_to() {
            self.0.segments.confirm()?;
        }
        self.trim_to_sealed()
    }

    /// Takes out of the journal what was sealed, should that have failed then. Blocks.
    pub(super) fn trim_to_sealed(&self) -> Result<(), ChangeError> {
        let sealed_to = self.0.segments.sealed_to();
        if self.0.reader.head() < sealed_to { self.trim_journal(sealed_to) } else { Ok(()) }
    }

    fn is_due(&self, policy: &SealPolicy, now_unix_nano: u64) -> bool {
        let waits = self.0.reader.head().max(self.0.segments.sealed_to()) < self.tail();
        let oldest = self.0.reader.oldest_append().unwrap_or(now_unix_nano);
        waits
            && (self.0.reader.stored_bytes() >= policy.bytes
                || now_unix_nano.saturating_sub(oldest) >= policy.age_nanos)
    }

    fn seal_all(&self) -> Result<SealedRange, ChangeError> {
        // A file that ends here can go as a whole when it is sealed.
        let ended = self.change_journal(Journal::end_file).ok_or(ChangeError::Closed)?;
        ended.map_err(|error| ChangeError::Journal(error.to_string()))?;
        let tail = self.tail();
        let mut all = SealedRange::default();
        loop {
            let sealed = self.0.segments.seal(&self.0.reader, tail)?;
            all = SealedRange { records: all.records + sealed.records, sealed_to: sealed.sealed_to };
            self.trim_journal(sealed.sealed_to)?;
            if sealed.sealed_to >= tail || sealed.records == 0 {
                return Ok(all);
            }
        }
    }

    fn trim_journal(&self, up_to: Offset) -> Result<(), ChangeError> {
        let trimmed = self.change_journal(|journal| journal.trim(up_to)).ok_or(ChangeError::Closed)?;
        trimmed.map_err(|error| ChangeError::Journal(error.to_string()))?;
        Ok(())
    }
}
