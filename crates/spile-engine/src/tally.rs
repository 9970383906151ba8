//! Counting the records that match, by time and severity: what is counted, and into what.

#[cfg(test)]
mod tests;

use crate::block::{BlockInfo, SeverityCounts};
use crate::filter::Filter;
use crate::frame::Frame;

/// The most buckets of time.
pub const MAX_BUCKETS: usize = 1_000;

/// Buckets of time: consecutive multiples of a width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// The start of the first one, Unix nanoseconds: a multiple of the width.
    first_unix_nano: u64,
    width_nanos: u64,
    count: usize,
}

impl Buckets {
    /// One bucket for all times.
    pub const ONE: Self = Self { first_unix_nano: 0, width_nanos: u64::MAX, count: 1 };

    /// The buckets of this width, nanoseconds, that cover the times from `first` to `last`, both included; `None` when these would be more
    /// than [`MAX_BUCKETS`], or none because of a width of 0 or a first time behind the last.
    #[must_use]
    pub fn covering(first: u64, last: u64, width_nanos: u64) -> Option<Self> {
        let at = first.checked_div(width_nanos)?;
        let count = (last / width_nanos).checked_sub(at)?.saturating_add(1);
        let count = usize::try_from(count).ok().filter(|&count| count <= MAX_BUCKETS && first <= last)?;
        Some(Self { first_unix_nano: at * width_nanos, width_nanos, count })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How wide each is, nanoseconds.
    #[must_use]
    pub fn width_nanos(&self) -> u64 {
        self.width_nanos
    }

    /// Where one starts, Unix nanoseconds.
    #[must_use]
    pub fn start_unix_nano(&self, nth: usize) -> u64 {
        self.first_unix_nano.saturating_add(self.width_nanos.saturating_mul(nth as u64))
    }

    /// The bucket of a time, if it lies in one.
    #[must_use]
    pub fn of(&self, unix_nano: u64) -> Option<usize> {
        let nth = if *self == Self::ONE {
            0
        } else {
            usize::try_from(unix_nano.checked_sub(self.first_unix_nano)? / self.width_nanos).ok()?
        };
        (nth < self.count).then_some(nth)
    }
}

/// How many records match, by bucket and severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    buckets: Buckets,
    /// For each bucket.
    pub counts: Vec<SeverityCounts>,
    /// How many records were looked at to know it; none where what is stored beside them told.
    pub scanned: u64,
}

impl Tally {
    pub(crate) fn new(buckets: Buckets) -> Self {
        Self { buckets, counts: vec![SeverityCounts::default(); buckets.count], scanned: 0 }
    }

    /// The buckets of time.
    #[must_use]
    pub fn buckets(&self) -> &Buckets {
        &self.buckets
    }

    /// How many records are in all buckets.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Takes in one record.
    pub(crate) fn add(&mut self, time_unix_nano: u64, severity: u8) {
        if let Some(nth) = self.buckets.of(time_unix_nano) {
            self.counts[nth][usize::from(severity)] += 1;
        }
    }

    /// Takes in the records of a frame that match, between two of its records. `picked` is room to work in.
    pub(crate) fn add_matching(
        &mut self,
        frame: &Frame,
        run: std::ops::Range<usize>,
        filter: &Filter,
        picked: &mut Vec<u32>,
    ) {
        picked.clear();
        filter.select(frame, run, picked);
        for &at in picked.iter() {
            self.add(frame.time_unix_nano(at as usize), frame.severity(at as usize));
        }
    }

    /// Takes in a block by what is known of it. Returns whether that decided it: none of its records matches, or severities are counted,
    /// decide alone, and all times lie in one bucket.
    pub(crate) fn add_known(&mut self, block: &BlockInfo, filter: &Filter) -> bool {
        let (earliest, latest) = (block.summary.min_time_unix_nano, block.summary.max_time_unix_nano);
        if earliest > latest || !filter.may_match(&block.summary) {
            return true;
        }
        let times = filter.min_time_unix_nano()..=filter.max_time_unix_nano();
        let decides =
            filter.reads_only_severity_and_time() && times.contains(&earliest) && times.contains(&latest);
        let Some(counts) = block.counts.as_ref().filter(|_| decides) else { return false };
        let mut matching = **counts;
        let numbered = matching.iter_mut().enumerate();
        let refused = numbered.filter(|(severity, _)| filter.severity_bits() & (1 << severity) == 0);
        refused.for_each(|(_, count)| *count = 0);
        self.add_counted(block, &matching)
    }

    /// Takes in a block of which the records that match are counted by severity. Returns whether that decided it: all times lie in one
    /// bucket, or none matches.
    pub(crate) fn add_counted(&mut self, block: &BlockInfo, matching: &SeverityCounts) -> bool {
        if matching.iter().all(|count| *count == 0) {
            return true;
        }
        let first = self.buckets.of(block.summary.min_time_unix_nano);
        let last = self.buckets.of(block.summary.max_time_unix_nano);
        // When both lie outside of the buckets what lies between may not.
        let Some(nth) = first.filter(|_| first == last) else { return false };
        self.counts[nth].iter_mut().zip(matching).for_each(|(count, more)| *count += more);
        true
    }
}
