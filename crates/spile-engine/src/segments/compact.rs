//! Compaction: many small segments become a larger one, with the same records at the same offsets.

use std::ops::Range;
use std::sync::Arc;

use super::{ChangeError, Segments};
use crate::filter::Filter;
use crate::journal::ReadError;
use crate::manifest::Manifest;
use crate::offset::Offset;
use crate::segment::{SegmentMeta, SegmentWriter, Worth};

/// How many neighbours are merged at least.
const MIN_MERGED: usize = 8;

/// How many times larger the segments of a step are than those of the step before: each record is rewritten once for each step.
const STEP: u64 = 8;

/// The most bytes of the files that are merged into one: 128 MiB.
const MAX_BYTES: u64 = 128 << 20;

/// The steps below a full segment at which neighbours are merged.
const STEPS: u32 = 4;

impl Segments {
    /// Merges neighbours that are small, if there are enough of them. Returns whether it did: then there may be more to do. Readers go on
    /// beside it. Blocks.
    pub(crate) fn compact(&self) -> Result<bool, ChangeError> {
        let mut change = self.change()?;
        let manifest = self.manifest();
        let Some(chosen) = choose(&manifest, self.0.limits.segment.segment_records) else { return Ok(false) };
        let old = &manifest.segments[chosen.clone()];
        let first = old.first().expect("a choice is not empty").first_offset;
        let next = old.last().expect("a choice is not empty").next_offset;
        let mut writer = SegmentWriter::new(self.0.stream_id, first, self.0.limits.segment)?;
        for segment in old {
            self.copy(segment, &mut writer)?;
        }
        let appended = old.iter().map(|segment| segment.appended_unix_nano).max().unwrap_or(0);
        let sealed = writer.finish(next, appended, |first, next| change.path(first, next))?;
        let expected: u64 = old.iter().map(|segment| segment.records).sum();
        if sealed.meta.records != expected {
            let found = sealed.meta.records;
            return Err(ChangeError::Write(format!(
                "{found} records were read of {expected}; nothing is changed"
            )));
        }
        let merged = change.put(sealed)?;
        let path = merged.path.clone();
        let mut manifest = change.next();
        manifest.segments.splice(chosen, [merged]);
        change.commit_with(manifest, vec![path])?;
        Ok(true)
    }

    /// Copies the records of a segment. They are not kept in memory for readers.
    fn copy(&self, meta: &Arc<SegmentMeta>, writer: &mut SegmentWriter) -> Result<(), ChangeError> {
        let failed = |error: crate::segment::SegmentError| {
            ChangeError::Read(ReadError::Io(format!("cannot read {}: {error}", meta.path).into()))
        };
        let segment = self.open(meta).map_err(failed)?;
        for nth in 0..segment.groups().len() {
            let rows =
                segment.read_group(nth, &Worth::Whole, &Filter::all(), &|ranges| self.fetch(meta, ranges));
            for frame in &rows.map_err(failed)?.frames {
                writer.push(frame, Offset::ZERO, Offset(u64::MAX))?;
            }
        }
        Ok(())
    }
}

/// Which neighbours to merge: the smallest first.
fn choose(manifest: &Manifest, full: u64) -> Option<Range<usize>> {
    (1..=STEPS).rev().find_map(|step| of_step(manifest, full / STEP.pow(step), full))
}

/// The first run of enough neighbours that have at most so many records each, and together fit in a segment.
fn of_step(manifest: &Manifest, max_records: u64, full: u64) -> Option<Range<usize>> {
    let segments = &manifest.segments;
    let mut run = 0..0;
    let (mut records, mut bytes) = (0, 0);
    for (at, segment) in segments.iter().enumerate() {
        let follows = run.is_empty() || segments[at - 1].next_offset == segment.first_offset;
        let fits = records + segment.records <= full && bytes + segment.bytes <= MAX_BYTES;
        if segment.records <= max_records && follows && fits {
            run = if run.is_empty() { at..at + 1 } else { run.start..at + 1 };
            records += segment.records;
            bytes += segment.bytes;
            continue;
        }
        if run.len() >= MIN_MERGED {
            break;
        }
        (run, records, bytes) = match segment.records <= max_records {
            true => (at..at + 1, segment.records, segment.bytes),
            false => (0..0, 0, 0),
        };
    }
    (run.len() >= MIN_MERGED).then_some(run)
}
