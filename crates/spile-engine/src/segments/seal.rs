//! Sealing: frames of the journal become a segment.

use super::change::Change;
use super::{ChangeError, Segments};
use crate::journal::{GapRange, JournalReader, ReadError};
use crate::offset::Offset;
use crate::segment::SegmentWriter;

/// How much is read of the journal at a time, bytes.
const READ_BYTES: usize = 4 << 20;

/// What was sealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SealedRange {
    /// How many records were moved.
    pub records: u64,
    /// Everything before it lies in segments now.
    pub sealed_to: Offset,
}

impl Segments {
    /// Moves records of the journal before `up_to` to a segment: as many as one takes. When this returns `Ok`, the journal may be trimmed to
    /// `sealed_to`. Blocks.
    pub(crate) fn seal(&self, journal: &JournalReader, up_to: Offset) -> Result<SealedRange, ChangeError> {
        let mut change = self.change()?;
        let manifest = self.manifest();
        // Retention may have trimmed the journal beyond what is sealed.
        let from = manifest.sealed_to.max(journal.head());
        let up_to = up_to.min(journal.tail());
        if from >= up_to {
            return Ok(SealedRange { records: 0, sealed_to: manifest.sealed_to });
        }
        let mut writer = SegmentWriter::new(self.0.stream_id, from, self.0.limits.segment)?;
        let mut gaps = Vec::new();
        let next = fill(&mut writer, journal, from, up_to, &mut gaps)?;
        change.add(writer, from, next, gaps, journal.appended_before(next))
    }
}

/// Reads the journal into a segment, until it is full. Returns up to where.
fn fill(
    writer: &mut SegmentWriter,
    journal: &JournalReader,
    from: Offset,
    up_to: Offset,
    gaps: &mut Vec<GapRange>,
) -> Result<Offset, ChangeError> {
    let mut next = from;
    while next < up_to && !writer.is_full() {
        match journal.read(next, up_to, READ_BYTES, &|_| true) {
            Ok(run) => {
                for frame in &run.frames {
                    writer.push(frame, next, up_to)?;
                }
                next = run.next.min(up_to);
            }
            Err(ReadError::Gap { from, to }) => {
                gaps.push(GapRange { from: from.max(next), to: to.min(up_to) });
                next = to.min(up_to);
            }
            // Damage is told, and stays where it is until it is repaired: what lies before it can be sealed.
            Err(_) if next > from => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(next)
}

impl Change<'_> {
    /// Puts a segment with the journal's records from `from` to `next`, and commits it.
    fn add(
        &mut self,
        writer: SegmentWriter,
        from: Offset,
        next: Offset,
        gaps: Vec<GapRange>,
        appended_unix_nano: u64,
    ) -> Result<SealedRange, ChangeError> {
        let mut manifest = self.next();
        match (manifest.segments.is_empty(), manifest.sealed_to < from) {
            // Retention has taken what lay before.
            (true, _) => manifest.head = manifest.head.max(from),
            // The journal lost it: an older manifest was put back.
            (false, true) => manifest.gaps.push(GapRange { from: manifest.sealed_to, to: from }),
            (false, false) => {}
        }
        // A gap at the end lies outside of the segment; one of nothing but a gap is not written.
        let end = gaps.last().filter(|gap| gap.to == next).map_or(next, |gap| gap.from);
        manifest.gaps.extend(gaps);
        manifest.sealed_to = next;
        if writer.is_empty() {
            self.commit(manifest)?;
            return Ok(SealedRange { records: 0, sealed_to: next });
        }
        let sealed = writer.finish(end, appended_unix_nano, |first, next| self.path(first, next))?;
        let meta = self.put(sealed)?;
        let (records, path) = (meta.records, meta.path.clone());
        manifest.segments.push(meta);
        self.commit_with(manifest, vec![path])?;
        Ok(SealedRange { records, sealed_to: next })
    }
}
