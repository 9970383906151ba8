//! Retention: the head moves on, files wholly below it go.
//!
//! The checkpoint names the new head before a file is removed. So it does not matter which removals survive a
//! crash: files below the head that are still there are removed when the journal is opened.

use std::io;

use super::checkpoint::Checkpoint;
use super::index::State;
use super::{CommitError, Journal};
use crate::offset::Offset;

impl Journal {
    /// Removes the oldest records until at most `max_bytes` of files are left, none of them appended before
    /// `oldest_unix_nano`; `None`: no bound. Returns the new head.
    ///
    /// Files are removed whole, and the one written to is ended when it reaches a quarter of either
    /// allowance, so up to about a quarter more or less is kept. Readers beside it either read on or are told
    /// `Trimmed`. After an error some of it may have been done; calling again does the rest.
    pub fn retain(
        &mut self,
        max_bytes: Option<u64>,
        oldest_unix_nano: Option<u64>,
        now_unix_nano: u64,
    ) -> io::Result<Offset> {
        let kept = Kept {
            bytes: max_bytes.unwrap_or(u64::MAX),
            since: oldest_unix_nano.unwrap_or(0),
            now: now_unix_nano,
        };
        let up_to = kept.head(&self.shared.read());
        let head = self.trim(up_to)?;
        if self.poisoned().is_some() || !kept.ends_file(&self.shared.read()) {
            return Ok(head);
        }
        self.roll().map_err(|error| match error {
            CommitError::NotWritten(error) => error,
            error => io::Error::other(error),
        })?;
        let up_to = kept.head(&self.shared.read());
        self.trim(up_to)
    }

    /// Ends the file that is written to, if it has records: a trim to the tail can then remove it as a whole.
    pub(crate) fn end_file(&mut self) -> Result<(), CommitError> {
        self.roll()
    }

    /// Moves the head to `up_to`, or to the tail if that is less, and removes the files that lie wholly below
    /// it. Never moves it back. Returns the head.
    pub fn trim(&mut self, up_to: Offset) -> io::Result<Offset> {
        let (head, tail) = {
            let state = self.shared.read();
            (up_to.min(state.tail).max(state.head), state.tail)
        };
        if head > self.checkpoint.get().head {
            self.checkpoint.write(Checkpoint { head, tail })?;
        }
        {
            let mut state = self.shared.write();
            state.head = head;
            while state.files.len() > 1 && state.files[0].next_offset <= head {
                self.doomed.extend(state.files.pop_front().map(|file| file.path));
            }
            state.gaps.retain(|gap| gap.to > head);
        }
        while let Some(path) = self.doomed.last() {
            match self.disk.remove(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => self.doomed.pop(),
            };
        }
        Ok(head)
    }
}

/// What is to be kept. Times are Unix nanoseconds.
struct Kept {
    bytes: u64,
    since: u64,
    now: u64,
}

impl Kept {
    /// Where the head must be.
    fn head(&self, state: &State) -> Offset {
        let mut head = state.head;
        let mut bytes = state.stored_bytes();
        for file in state.files.range(..state.files.len() - 1) {
            let too_old = file.appended.is_none_or(|(_, newest)| newest < self.since);
            if bytes <= self.bytes && !too_old {
                break;
            }
            bytes -= file.end;
            head = head.max(file.next_offset);
        }
        head
    }

    /// Whether the file that is written to holds so much that retention is better served by a new one.
    fn ends_file(&self, state: &State) -> bool {
        let active = state.active();
        let quarter_ago = self.now - self.now.saturating_sub(self.since) / 4;
        let too_old = active.appended.is_some_and(|(oldest, _)| self.since > 0 && oldest < quarter_ago);
        too_old || active.entry_bytes() > self.bytes / 4
    }
}
