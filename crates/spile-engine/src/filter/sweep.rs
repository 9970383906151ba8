//! One search over all bytes of a frame finds the records that are worth a look.
//!
//! A record can only match if its bytes contain one of a few texts. The texts are searched for in the frame's bytes as a
//! whole, at SIMD speed, and a hit is mapped back to its record, which is then asked in full: the hit may lie in another
//! field. No match is missed: it is itself a hit, and hits are looked for from the start of every record that is asked.

use std::ops::Range;

use super::ast::Expr;
use super::search::{MAX_SEARCHES, Place, Search};
use crate::frame::Frame;

/// Texts of which a record that matches contains at least one.
#[derive(Clone, Debug)]
pub(super) struct Sweep {
    searches: Vec<Search>,
}

impl Sweep {
    /// The best sweep for conditions that must all hold, if there is one.
    pub(super) fn for_all(conditions: &[Expr]) -> Option<Self> {
        Search::for_all(conditions, Place::Record).map(|searches| Self { searches })
    }

    /// Starts a sweep over a run of a frame's records.
    pub(super) fn over<'a>(&'a self, frame: &'a Frame, run: Range<usize>) -> Hits<'a> {
        let end = frame.record_span(run).end;
        Hits { sweep: self, frame, bytes: &frame.records()[..end], next: [0; MAX_SEARCHES] }
    }
}

/// Where a sweep has come to.
pub(super) struct Hits<'a> {
    sweep: &'a Sweep,
    frame: &'a Frame,
    bytes: &'a [u8],
    /// For each search the position behind the start of its next hit: 0 before it was searched, the maximum without a hit.
    next: [usize; MAX_SEARCHES],
}

impl Hits<'_> {
    /// The first record at or behind `at` that has a hit.
    pub(super) fn record_from(&mut self, at: usize) -> Option<usize> {
        let from = self.frame.record_span(at..at).start;
        for (search, next) in self.sweep.searches.iter().zip(&mut self.next) {
            if *next <= from {
                *next = search.find(self.bytes, from).map_or(usize::MAX, |hit| hit.start + 1);
            }
        }
        let next = self.next[..self.sweep.searches.len()].iter().min();
        let hit = next.filter(|next| **next != usize::MAX)? - 1;
        Some(self.frame.record_at_byte(hit))
    }
}
