//! The records that come next by time, in bounded memory, and what is still to be read for them.
//!
//! A zone is a block of the stream with a lower bound: the place before which all of its records were taken. Zones are read in the order of
//! their lower bounds. A record that is read is taken if there is room, or if a later one makes room for it: that one goes back to its zone, whose
//! lower bound becomes its place. So at any time everything before the lowest of the lower bounds is here, in order, or was given out already. When
//! the window is full of records before all lower bounds, they are given out, and there is room again.
//!
//! In a stream whose times ascend, more or less, each zone is read once. In the worst case, that of times without any order, all zones are read for
//! each window full of records.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::block::BlockInfo;
use crate::frame::{Frame, Row, Rows};
use crate::offset::Offset;
use crate::resource::ResourceDef;
use crate::time_key::TimeKey;

/// What a record is charged beyond its bytes: its places in the maps, and what the allocator adds.
const ROW_BYTES: usize = 160;

/// How many resources are remembered before those that no record names any more are dropped.
const MAX_IDLE_RESOURCES: usize = 1_024;

/// A block of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// Its offsets.
    pub(super) from: Offset,
    pub(super) to: Offset,
    /// No record of it lies before this place that was not taken.
    pub(super) lower: TimeKey,
    /// The block, if it is divided before it is read.
    pub(super) whole: Option<Box<BlockInfo>>,
}

/// The zone that is being read.
#[derive(Clone, Copy, Debug)]
struct Open {
    zone: usize,
    /// The first of its records that was not taken for want of room.
    left: Option<TimeKey>,
}

#[derive(Debug)]
struct Taken {
    row: Row,
    zone: usize,
    bytes: usize,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Window {
    zones: Vec<Zone>,
    /// The zones that have records left, by their lower bounds. The open one is among them.
    order: BTreeSet<(TimeKey, usize)>,
    open: Option<Open>,
    taken: BTreeMap<TimeKey, Taken>,
    bytes: usize,
    max_bytes: usize,
    /// One copy of each resource, whichever frame its records came in.
    resources: HashMap<u64, Arc<ResourceDef>>,
}

impl Window {
    /// A window over these zones that holds records of at most so many bytes, but one at least.
    pub(super) fn new(zones: Vec<Zone>, max_bytes: usize) -> Self {
        let order = zones.iter().enumerate().map(|(nth, zone)| (zone.lower, nth)).collect();
        Self {
            zones,
            order,
            open: None,
            taken: BTreeMap::new(),
            bytes: 0,
            max_bytes,
            resources: HashMap::new(),
        }
    }

    /// What its records are charged.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Opens the zone with the lowest bound; `None` when none has records left.
    pub(super) fn open_zone(&mut self) -> Option<Zone> {
        debug_assert!(self.open.is_none(), "one zone is read at a time");
        let &(_, zone) = self.order.first()?;
        self.open = Some(Open { zone, left: None });
        Some(self.zones[zone].clone())
    }

    /// Takes a record of the open zone, if it is its turn. The caller gives all of the zone that match, in any order.
    pub(super) fn offer(&mut self, frame: &Frame, at: usize) {
        let Some(Open { zone, left }) = self.open else { return };
        let key = TimeKey { unix_nano: frame.time_unix_nano(at), offset: frame.offset_of(at) };
        if key < self.zones[zone].lower || left.is_some_and(|left| left <= key) {
            return;
        }
        let bytes = frame.field(at).len() + ROW_BYTES;
        let full = self.bytes + bytes > self.max_bytes;
        if full && self.taken.last_key_value().is_some_and(|(last, _)| *last < key) {
            self.leave(zone, key);
            return;
        }
        let resource = frame.resource_def(at).map(|resource| self.interned(resource));
        self.bytes += bytes;
        self.taken.insert(key, Taken { row: Row::of(frame, at, resource), zone, bytes });
        while self.bytes > self.max_bytes && self.taken.len() > 1 {
            let (last, taken) = self.taken.pop_last().expect("there are two");
            self.bytes -= taken.bytes;
            self.leave(taken.zone, last);
        }
    }

    /// Leaves a record, and with it all later ones of its zone, to be read again.
    fn leave(&mut self, zone: usize, key: TimeKey) {
        match &mut self.open {
            Some(open) if open.zone == zone => open.left = Some(key),
            _ => {
                let lower = std::mem::replace(&mut self.zones[zone].lower, key);
                self.order.remove(&(lower, zone));
                self.order.insert((key, zone));
            }
        }
    }

    /// The open zone was not read to its end: it is read anew, behind what was taken of it before.
    pub(super) fn abandon_zone(&mut self) {
        let Some(Open { zone, .. }) = self.open.take() else { return };
        let lower = self.zones[zone].lower;
        let before = |key: &TimeKey, taken: &Taken| taken.zone != zone || *key < lower;
        let all = std::mem::take(&mut self.taken).into_iter();
        let kept = all.filter(|(key, taken)| before(key, taken));
        self.taken = kept.collect();
        self.bytes = self.taken.values().map(|taken| taken.bytes).sum();
    }

    /// These are read in the place of the open zone, which consists of them.
    pub(super) fn divide_zone(&mut self, parts: Vec<Zone>) {
        let Some(Open { zone, .. }) = self.open else { return };
        let lower = self.zones[zone].lower;
        self.close_zone();
        for mut part in parts {
            part.lower = part.lower.max(lower);
            self.order.insert((part.lower, self.zones.len()));
            self.zones.push(part);
        }
    }

    /// All records of the open zone that match were offered.
    pub(super) fn close_zone(&mut self) {
        let Some(Open { zone, left }) = self.open.take() else { return };
        let lower = self.zones[zone].lower;
        self.order.remove(&(lower, zone));
        // Behind the last place there is nothing; a record that is left later moves it back.
        self.zones[zone].lower = left.unwrap_or(TimeKey { unix_nano: u64::MAX, offset: Offset(u64::MAX) });
        self.order.extend(left.map(|left| (left, zone)));
        if self.resources.len() > MAX_IDLE_RESOURCES {
            self.resources.retain(|_, resource| Arc::strong_count(resource) > 1);
        }
    }

    /// Gives out the next records, as far as it is known that none comes between: up to `count`, and until they have `bytes`. Returns with
    /// them the place behind the last; `None` when there are none.
    pub(super) fn give_out(&mut self, count: u64, bytes: usize) -> Option<(Rows, TimeKey)> {
        let (mut rows, mut next) = (Rows::default(), None);
        while let Some(first) = self.taken.first_entry()
            && self.order.first().is_none_or(|(lower, _)| first.key() < lower)
            && (rows.len() as u64) < count
            && rows.records().len() < bytes
        {
            next = Some(first.key().next());
            let taken = first.remove();
            self.bytes -= taken.bytes;
            rows.push(&taken.row);
        }
        Some((rows, next?))
    }

    fn interned(&mut self, resource: &Arc<ResourceDef>) -> Arc<ResourceDef> {
        Arc::clone(self.resources.entry(resource.hash()).or_insert_with(|| Arc::clone(resource)))
    }
}
