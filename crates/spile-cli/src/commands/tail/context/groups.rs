//! Which records are printed around those that match. Pure: offsets in, windows out.
//!
//! ```text
//!          before  match  after        before  match  after
//!   ───────[────────●──────)─────────────[───────●──────┊──────)────►  offsets
//!          └── one window ─┘    `--`     └── printed ───┘ owed │
//!                                                      next  until
//! ```
//!
//! Whether a record behind the last match known is context or another match only the tail can tell; until it has, the record is owed.

use super::fetch::MAX_RECORDS;

/// Offsets that are printed without a hole; few enough to be held in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: u64,
    /// Behind the last.
    pub(super) to: u64,
    /// Whether records before it, but behind those printed last, are left out.
    pub(super) apart: bool,
}

/// How far it was printed, and how far it is to be.
#[derive(Debug)]
pub(super) struct Groups {
    before: u64,
    after: u64,
    /// Behind the last record that was printed or is about to be.
    next: u64,
    /// Behind the last record that the last match brings with it.
    until: u64,
    printed: bool,
}

impl Groups {
    pub(super) fn new(before: u64, after: u64) -> Self {
        Self { before, after, next: 0, until: 0, printed: false }
    }

    /// Behind the last record that was printed; what is before it is done with.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// How many records are to come behind the last match.
    pub(super) fn owed(&self) -> u64 {
        self.until.saturating_sub(self.next)
    }

    /// The windows around further matches: ascending, all those that there are up to the last of them. Matches before `next` were
    /// printed already.
    pub(super) fn around(&mut self, matches: &[u64]) -> Vec<Window> {
        let first = matches.partition_point(|offset| *offset < self.next);
        let mut windows: Vec<Window> = Vec::new();
        for (index, offset) in matches.iter().copied().enumerate().skip(first) {
            // What is left behind the match before, now that it is known that nothing in it matches.
            if self.owed() > 0 {
                self.add(self.next, self.until.min(offset), &mut windows);
            }
            let from = offset.saturating_sub(self.before).max(self.next);
            self.add(from, offset.saturating_add(1), &mut windows);
            self.until = offset.saturating_add(1).saturating_add(self.after);
            debug_assert!(index + 1 == matches.len() || matches[index + 1] > offset, "offsets rise");
        }
        windows
    }

    /// What is owed of the records before `offset`, of which it is known that none matches.
    pub(super) fn owed_before(&mut self, offset: u64) -> Option<Window> {
        let to = self.until.min(offset);
        let mut window = Vec::new();
        if to > self.next {
            self.add(self.next, to, &mut window);
        }
        window.pop()
    }

    /// Records up to `next` were printed in order behind the last, the last match among them at `last_match`.
    pub(super) fn advance(&mut self, next: u64, last_match: Option<u64>) {
        self.next = self.next.max(next);
        if let Some(offset) = last_match {
            self.until = offset.saturating_add(1).saturating_add(self.after);
        }
    }

    fn add(&mut self, from: u64, to: u64, windows: &mut Vec<Window>) {
        let mut apart = self.printed && from > self.next;
        let mut from = from;
        while from < to {
            from = match windows.last_mut() {
                Some(last) if !apart && last.to - last.from < MAX_RECORDS => {
                    last.to = to.min(last.from + MAX_RECORDS);
                    last.to
                }
                _ => {
                    let end = to.min(from + MAX_RECORDS);
                    windows.push(Window { from, to: end, apart: std::mem::take(&mut apart) });
                    end
                }
            };
        }
        self.printed = true;
        self.next = to;
    }
}

#[cfg(test)]
mod tests;
