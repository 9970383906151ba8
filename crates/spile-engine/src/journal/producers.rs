//! Who appended what last: the table that makes a repeated batch a duplicate instead of a second copy.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::layout::Numbers;
use super::{MAX_PRODUCER_NAME_BYTES, MAX_PRODUCERS};
use crate::offset::Offset;

/// Says that a batch ends in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerMark {
    /// Who sent the batch; 1 to 128 bytes.
    pub producer: Arc<str>,
    /// The batch's number, increasing per producer.
    pub sequence: u64,
    /// How many records of the frame lie before the batch's end.
    pub end: u32,
    /// How many records the batch has; the first ones may lie in earlier frames of the same commit.
    pub records: u32,
}

/// The last batch of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerState {
    /// The batch's number.
    pub sequence: u64,
    /// Where its records start.
    pub first_offset: Offset,
    /// How many there are.
    pub records: u32,
}

/// The last batch of each of the producers that appended most recently. Beyond `MAX_PRODUCERS` the one whose
/// last batch is the oldest is forgotten: a batch that it repeats is then stored again.
#[derive(Clone, Debug, Default)]
pub struct Producers {
    states: HashMap<Arc<str>, ProducerState>,
    /// By age: where the last batch ends.
    by_end: BTreeSet<(Offset, Arc<str>)>,
}

impl Producers {
    /// The producer's last batch, if it is remembered.
    #[must_use]
    pub fn get(&self, producer: &str) -> Option<&ProducerState> {
        self.states.get(producer)
    }

    /// How many producers are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Takes in a mark of the frame that starts at `frame`.
    pub(super) fn apply(&mut self, frame: Offset, mark: &ProducerMark) {
        let end = frame.plus(u64::from(mark.end));
        let state = ProducerState {
            sequence: mark.sequence,
            first_offset: Offset(end.since(Offset(u64::from(mark.records)))),
            records: mark.records,
        };
        self.set(Arc::clone(&mark.producer), state);
    }

    fn set(&mut self, producer: Arc<str>, state: ProducerState) {
        if let Some(old) = self.states.insert(Arc::clone(&producer), state) {
            self.by_end.remove(&(end_of(&old), Arc::clone(&producer)));
        }
        self.by_end.insert((end_of(&state), producer));
        if self.states.len() > MAX_PRODUCERS
            && let Some((_, oldest)) = self.by_end.pop_first()
        {
            self.states.remove(&oldest);
        }
    }

    /// The table's bytes, oldest batch first: per producer what a mark has, with offsets in place of counts.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut table = Vec::with_capacity(self.states.len() * 48);
        for (_, producer) in &self.by_end {
            let state = &self.states[producer];
            put_name(&mut table, producer);
            table.extend_from_slice(&state.sequence.to_le_bytes());
            table.extend_from_slice(&state.first_offset.0.to_le_bytes());
            table.extend_from_slice(&state.records.to_le_bytes());
        }
        table
    }

    pub(super) fn decode(mut table: &[u8]) -> Option<Self> {
        let mut producers = Self::default();
        while !table.is_empty() {
            let producer = take_name(&mut table)?;
            let (state, rest) = table.split_at_checked(20)?;
            let mut numbers = Numbers(state);
            let state = ProducerState {
                sequence: numbers.u64(),
                first_offset: Offset(numbers.u64()),
                records: numbers.u32(),
            };
            producers.set(producer, state);
            table = rest;
        }
        Some(producers)
    }
}

fn end_of(state: &ProducerState) -> Offset {
    state.first_offset.plus(u64::from(state.records))
}

/// The bytes of marks whose names were checked.
pub(super) fn encode_marks(marks: &[ProducerMark]) -> Vec<u8> {
    let mut out = Vec::new();
    for mark in marks {
        put_name(&mut out, &mark.producer);
        out.extend_from_slice(&mark.sequence.to_le_bytes());
        out.extend_from_slice(&mark.end.to_le_bytes());
        out.extend_from_slice(&mark.records.to_le_bytes());
    }
    out
}

/// Reads back marks whose checksum was checked.
pub(super) fn decode_marks(mut bytes: &[u8]) -> Option<Vec<ProducerMark>> {
    let mut marks = Vec::new();
    while !bytes.is_empty() {
        let producer = take_name(&mut bytes)?;
        let (mark, rest) = bytes.split_at_checked(16)?;
        let mut numbers = Numbers(mark);
        marks.push(ProducerMark {
            producer,
            sequence: numbers.u64(),
            end: numbers.u32(),
            records: numbers.u32(),
        });
        bytes = rest;
    }
    Some(marks)
}

fn put_name(out: &mut Vec<u8>, producer: &str) {
    debug_assert!(producer.len() <= MAX_PRODUCER_NAME_BYTES, "checked at commit");
    out.push(producer.len() as u8);
    out.extend_from_slice(producer.as_bytes());
}

fn take_name(bytes: &mut &[u8]) -> Option<Arc<str>> {
    let (&length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    *bytes = rest;
    Some(std::str::from_utf8(name).ok()?.into())
}
