//! What readers of cold data share: opened segments, and frames made of row groups. Each within a bound of bytes; the least recently used go
//! first.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use object_store::path::Path;

use crate::filter::Filter;
use crate::frame::FormBytes;
use crate::segment::{OpenSegment, Rows, SegmentError};

/// Which frames: of a segment's row group, those that a filter may match; all of them without one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RowsKey {
    pub(crate) path: Path,
    pub(crate) group: usize,
    pub(crate) filter: Option<Filter>,
}

/// The caches of an engine.
pub(crate) struct ColdCache {
    segments: Lru<Path, Arc<OpenSegment>>,
    rows: Lru<RowsKey, Arc<Rows>>,
    /// What readers have made of the frames since.
    forms: FormBytes,
}

/// A cache with a bound. What is not in it is made by the one who asks first, while others who ask for the same wait.
struct Lru<K, V> {
    state: Mutex<State<K, V>>,
    limit: usize,
}

struct State<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// The keys by when they were last used.
    order: BTreeMap<u64, K>,
    clock: u64,
    bytes: usize,
}

struct Entry<V> {
    slot: Arc<Mutex<Option<V>>>,
    bytes: usize,
    used: u64,
}

/// Bytes that an entry takes beside its value.
const OVERHEAD_BYTES: usize = 512;

impl ColdCache {
    /// A cache that keeps so many bytes of opened segments, and of frames.
    pub(crate) fn new(segment_bytes: usize, frame_bytes: usize) -> Self {
        Self { segments: Lru::new(segment_bytes), rows: Lru::new(frame_bytes), forms: FormBytes::default() }
    }

    /// A segment, which `open` opens if it is not there.
    pub(crate) fn segment(
        &self,
        path: &Path,
        open: impl FnOnce() -> Result<OpenSegment, SegmentError>,
    ) -> Result<Arc<OpenSegment>, SegmentError> {
        self.segments.get_or(path, 0, || {
            let segment = open()?;
            let bytes = segment.memory_bytes();
            Ok((Arc::new(segment), bytes))
        })
    }

    /// Frames, which `read` reads if they are not there.
    pub(crate) fn rows(
        &self,
        key: &RowsKey,
        read: impl FnOnce() -> Result<Rows, SegmentError>,
    ) -> Result<Arc<Rows>, SegmentError> {
        let forms = self.forms.load(Ordering::Relaxed);
        self.rows.get_or(key, forms, || {
            let rows = read()?;
            rows.frames.iter().for_each(|frame| frame.count_forms_in(&self.forms));
            let bytes = rows.memory_bytes;
            Ok((Arc::new(rows), bytes))
        })
    }

    /// Bytes that are kept.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> (usize, usize) {
        (self.segments.lock().bytes, self.rows.lock().bytes)
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Lru<K, V> {
    fn new(limit: usize) -> Self {
        let state = State { entries: HashMap::new(), order: BTreeMap::new(), clock: 0, bytes: 0 };
        Self { state: Mutex::new(state), limit }
    }

    /// The value of a key. `beside` counts as used, too.
    fn get_or<E>(
        &self,
        key: &K,
        beside: usize,
        make: impl FnOnce() -> Result<(V, usize), E>,
    ) -> Result<V, E> {
        let slot = self.lock().touch(key);
        // A panic while it was made left nothing in the slot.
        let mut made = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = &*made {
            return Ok(value.clone());
        }
        match make() {
            Ok((value, bytes)) => {
                *made = Some(value.clone());
                drop(made);
                self.lock().grow(key, &slot, bytes + OVERHEAD_BYTES, self.limit.saturating_sub(beside));
                Ok(value)
            }
            Err(error) => {
                drop(made);
                self.lock().forget(key, &slot);
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        // Updates do not panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash, V> State<K, V> {
    /// The slot of a key, which is now the last used one.
    fn touch(&mut self, key: &K) -> Arc<Mutex<Option<V>>> {
        self.clock += 1;
        let used = self.clock;
        let entry =
            self.entries.entry(key.clone()).or_insert_with(|| Entry { slot: Arc::default(), bytes: 0, used });
        self.order.remove(&entry.used);
        entry.used = used;
        self.order.insert(used, key.clone());
        Arc::clone(&entry.slot)
    }

    /// Counts what was made, and lets the least recently used go.
    fn grow(&mut self, key: &K, slot: &Arc<Mutex<Option<V>>>, bytes: usize, limit: usize) {
        if let Some(entry) = self.entries.get_mut(key).filter(|entry| Arc::ptr_eq(&entry.slot, slot)) {
            self.bytes += bytes;
            entry.bytes += bytes;
        }
        while self.bytes > limit {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            let gone = self.entries.remove(&oldest).expect("what is in the order is among the entries");
            self.bytes -= gone.bytes;
        }
    }

    fn forget(&mut self, key: &K, slot: &Arc<Mutex<Option<V>>>) {
        if self.entries.get(key).is_some_and(|entry| Arc::ptr_eq(&entry.slot, slot) && entry.bytes == 0) {
            let gone = self.entries.remove(key).expect("it was just seen");
            self.order.remove(&gone.used);
        }
    }
}
