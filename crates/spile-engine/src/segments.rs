//! A stream's segments: what the manifest names, read, sealed, compacted and removed.
//!
//! Readers take the manifest as it is at that moment and need no lock. Changes are made one at a time: objects are put first, then the manifest is
//! committed, then what it no longer names is removed. A reader that finds a file gone looks at the newer manifest.

mod blocks;
pub(crate) mod cache;
mod change;
mod compact;
mod open;
mod pass;
mod retain;
mod seal;
mod settle;
#[cfg(test)]
mod tests;
mod verify;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use object_store::ObjectStore;
use object_store::path::Path;

pub(crate) use blocks::{Part, blocks};
pub(crate) use cache::ColdCache;
pub use change::ChangeError;
pub(crate) use open::SegmentsOptions;
pub use seal::SealedRange;
pub(crate) use settle::settle;
pub use verify::Verified;

use crate::filter::Filter;
use crate::limits::Limits;
use crate::manifest::{Manifest, ManifestStore, SegmentTotals};
use crate::offset::Offset;
use crate::segment::{OpenSegment, SegmentError, SegmentMeta};

/// The segments of one stream. Cheap to clone; clones are the same.
#[derive(Clone)]
pub(crate) struct Segments(Arc<Inner>);

struct Inner {
    store: Arc<dyn ObjectStore>,
    manifests: ManifestStore,
    /// Where the segments lie in the store.
    dir: Path,
    stream_id: u64,
    limits: Arc<Limits>,
    cache: Arc<ColdCache>,
    /// Gives names that were not used before.
    unique: Arc<dyn Fn() -> u64 + Send + Sync>,
    current: RwLock<Arc<Manifest>>,
    /// Held by the one who changes something, over the whole of the change.
    changing: Mutex<Changing>,
}

/// What the one who changes something must know.
#[derive(Debug, Default)]
struct Changing {
    /// Whether the newest manifest must be read again first: a commit's outcome is not known.
    in_doubt: bool,
    /// Objects that a manifest may name whose commit's outcome is not known.
    doubtful: Vec<Path>,
    /// Objects that are no longer named, and could not be removed yet.
    doomed: Vec<Path>,
    /// The stream is deleted: nothing is changed any more.
    closed: bool,
}

impl fmt::Debug for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segments").field("dir", &self.0.dir).finish_non_exhaustive()
    }
}

impl Segments {
    /// The manifest as it is now.
    pub(crate) fn manifest(&self) -> Arc<Manifest> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What they hold in all.
    pub(crate) fn totals(&self) -> SegmentTotals {
        self.manifest().totals()
    }

    /// The first retained offset of a stream whose journal has this head.
    pub(crate) fn head(&self, journal: Offset) -> Offset {
        let manifest = self.manifest();
        // What retention took with the last segment may lie in the journal for a while yet.
        if manifest.segments.is_empty() { journal.max(manifest.head) } else { manifest.head }
    }

    /// How many records of segments between two offsets match, when the manifest alone tells: of filters for severity, over whole segments.
    pub(crate) fn known_count(&self, filter: &Filter, from: Offset, to: Offset) -> Option<u64> {
        let times = filter.min_time_unix_nano()..=filter.max_time_unix_nano();
        let mut known = 0;
        for segment in &self.manifest().segments {
            let summary = &segment.summary;
            if segment.next_offset <= from || segment.first_offset >= to || !filter.may_match(summary) {
                continue;
            }
            let whole = from <= segment.first_offset
                && segment.next_offset <= to
                && filter.reads_only_severity_and_time()
                && times.contains(&summary.min_time_unix_nano)
                && times.contains(&summary.max_time_unix_nano);
            let numbers = segment.severities.iter().enumerate();
            let matching = numbers.filter(|(number, _)| filter.severity_bits() & 1 << number != 0);
            known += whole.then(|| matching.map(|(_, count)| count).sum::<u64>())?;
        }
        Some(known)
    }

    fn set(&self, manifest: Manifest) {
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(manifest);
    }

    /// A segment, opened; from memory if it was read lately. Blocks.
    pub(crate) fn open(&self, meta: &Arc<SegmentMeta>) -> Result<Arc<OpenSegment>, SegmentError> {
        self.0.cache.segment(&meta.path, || {
            let tail = self.fetch(meta, std::slice::from_ref(&OpenSegment::tail_range(meta)))?;
            let tail = tail.first().ok_or(SegmentError::Missing)?;
            OpenSegment::open(Arc::clone(meta), self.0.stream_id, tail)
        })
    }

    /// Ranges of a segment's file. Blocks.
    fn fetch(&self, meta: &SegmentMeta, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, SegmentError> {
        Ok(wait(self.0.store.get_ranges(&meta.path, ranges))?)
    }
}

/// Waits for a store on a thread where blocking is allowed.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    futures_executor::block_on(future)
}
