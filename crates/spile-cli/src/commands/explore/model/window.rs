//! The records that the screen scrolls over: a part of the stream, bounded, in offset order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use spile_client::TailRecord;
use spile_client::proto::{Gap, LogRecord, Resource};

/// The most rows.
pub(crate) const MAX_ROWS: usize = 4_000;

/// The most bytes of records, about.
pub(crate) const MAX_BYTES: usize = 16 << 20;

/// What a record takes beside its text, about.
const OVERHEAD_BYTES: usize = 400;

/// A row: a record, or a mark where some are missing.
#[derive(Clone, Debug)]
pub(crate) enum Row {
    Record(Box<Record>),
    Gap(Gap),
}

/// A record as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) offset: u64,
    pub(crate) record: LogRecord,
    pub(crate) resource: Arc<Resource>,
    /// It does not match, but stands near one that does.
    pub(crate) is_context: bool,
}

impl Record {
    pub(crate) fn new(record: &TailRecord<'_>, is_context: bool) -> Self {
        Self {
            offset: record.offset,
            record: record.record.clone(),
            resource: Arc::clone(record.resource),
            is_context,
        }
    }

    /// In the form in which it came.
    pub(crate) fn as_delivered(&self) -> TailRecord<'_> {
        TailRecord { offset: self.offset, record: &self.record, resource: &self.resource }
    }

    /// When it happened, or was seen first; Unix nanoseconds, 0 when neither is known.
    pub(crate) fn time_unix_nano(&self) -> u64 {
        match self.record.time_unix_nano {
            0 => self.record.observed_time_unix_nano,
            time => time,
        }
    }
}

impl Row {
    fn bytes(&self) -> usize {
        match self {
            Self::Gap(_) => OVERHEAD_BYTES,
            Self::Record(row) => {
                let LogRecord { body, attributes, .. } = &row.record;
                OVERHEAD_BYTES + body.len() + attributes.len() * 128
            }
        }
    }

    fn is_context(&self) -> bool {
        matches!(self, Self::Record(record) if record.is_context)
    }
}

/// Rows by offset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    rows: BTreeMap<u64, Row>,
    bytes: usize,
    /// Of these offsets it has all that match.
    covered: Option<Range<u64>>,
}

/// Which end of the window lost rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trimmed {
    pub(crate) front: bool,
    pub(crate) back: bool,
}

impl Window {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn get(&self, key: u64) -> Option<&Row> {
        self.rows.get(&key)
    }

    pub(crate) fn first(&self) -> Option<u64> {
        self.rows.keys().next().copied()
    }

    pub(crate) fn last(&self) -> Option<u64> {
        self.rows.keys().next_back().copied()
    }

    /// Of which offsets it has all that match.
    pub(crate) fn covered(&self) -> Option<Range<u64>> {
        self.covered.clone()
    }

    /// Everything that matches in this range is in the window.
    pub(crate) fn cover(&mut self, range: Range<u64>) {
        self.covered = Some(match self.covered.take() {
            Some(known) => known.start.min(range.start)..known.end.max(range.end),
            None => range,
        });
    }

    pub(crate) fn insert_record(&mut self, record: Record) {
        let key = record.offset;
        // What matches stays what matches.
        if record.is_context && self.rows.contains_key(&key) {
            return;
        }
        self.insert(key, Row::Record(Box::new(record)));
    }

    pub(crate) fn insert_gap(&mut self, gap: Gap) {
        self.insert(gap.from, Row::Gap(gap));
    }

    fn insert(&mut self, key: u64, row: Row) {
        self.bytes += row.bytes();
        if let Some(old) = self.rows.insert(key, row) {
            self.bytes -= old.bytes();
        }
    }

    /// Removes what only stands near others. Whether there was any.
    pub(crate) fn remove_context(&mut self) -> bool {
        let before = self.rows.len();
        self.rows.retain(|_, row| !row.is_context());
        self.bytes = self.rows.values().map(Row::bytes).sum();
        self.rows.len() < before
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    fn is_too_full(&self) -> bool {
        self.rows.len() > 1 && (self.rows.len() > MAX_ROWS || self.bytes > MAX_BYTES)
    }

    /// Whether much more would push rows out.
    pub(crate) fn is_nearly_full(&self) -> bool {
        self.rows.len() > MAX_ROWS / 4 * 3 || self.bytes > MAX_BYTES / 4 * 3
    }

    /// The row so many above, or the first.
    pub(crate) fn above(&self, key: u64, rows: usize) -> Option<u64> {
        self.rows.range(..=key).rev().nth(rows).map(|(key, _)| *key).or_else(|| self.first())
    }

    /// The row so many below, or the last.
    pub(crate) fn below(&self, key: u64, rows: usize) -> Option<u64> {
        self.rows.range(key..).nth(rows).map(|(key, _)| *key).or_else(|| self.last())
    }

    /// The row of this key, or the one behind it, or the last.
    pub(crate) fn nearest(&self, key: u64) -> Option<u64> {
        self.rows.range(key..).next().map(|(key, _)| *key).or_else(|| self.last())
    }

    /// How many rows are above, at most so many.
    pub(crate) fn count_above(&self, key: u64, at_most: usize) -> usize {
        self.rows.range(..key).rev().take(at_most).count()
    }

    /// How many rows are below, at most so many.
    pub(crate) fn count_below(&self, key: u64, at_most: usize) -> usize {
        self.rows.range(key.saturating_add(1)..).take(at_most).count()
    }

    /// The rows from this one down.
    pub(crate) fn from(&self, key: u64) -> impl Iterator<Item = (u64, &Row)> {
        self.rows.range(key..).map(|(key, row)| (*key, row))
    }

    /// The first record whose time is not before this.
    pub(crate) fn at_time(&self, unix_nano: u64) -> Option<u64> {
        let at = |row: &Row| matches!(row, Row::Record(record) if record.time_unix_nano() >= unix_nano);
        self.rows.iter().find(|(_, row)| at(row)).map(|(key, _)| *key)
    }

    /// Drops rows while there are too many: of the two ends the one that is farther from `key`.
    pub(crate) fn trim(&mut self, key: u64) -> Trimmed {
        let mut trimmed = Trimmed::default();
        if !self.is_too_full() {
            return trimmed;
        }
        let mut below = self.count_below(key, self.rows.len());
        while self.is_too_full() {
            let front = below * 2 < self.rows.len();
            let popped = if front { self.rows.pop_first() } else { self.rows.pop_last() };
            let Some((_, row)) = popped else { break };
            self.bytes -= row.bytes();
            below -= usize::from(!front && below > 0);
            trimmed.front |= front;
            trimmed.back |= !front;
        }
        let (first, last) = (self.first_match(), self.last());
        if let Some(covered) = &mut self.covered {
            if trimmed.front {
                covered.start = first.unwrap_or(covered.end).max(covered.start);
            }
            if trimmed.back {
                covered.end = last.map_or(covered.start, |last| last.saturating_add(1)).min(covered.end);
            }
        }
        trimmed
    }

    fn first_match(&self) -> Option<u64> {
        self.rows.iter().find(|(_, row)| !row.is_context()).map(|(key, _)| *key)
    }
}
