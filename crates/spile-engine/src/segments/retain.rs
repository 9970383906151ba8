//! Retention: the oldest segments go, and with them the head moves on.

use super::{ChangeError, Segments};
use crate::offset::Offset;

impl Segments {
    /// Removes the oldest segments until at most `max_bytes` of them are left, none of them with records that were all appended before
    /// `oldest_unix_nano`. Returns whether any are left. A reader of what is removed is told that it is gone. Blocks.
    pub(crate) fn retain(&self, max_bytes: u64, oldest_unix_nano: u64) -> Result<bool, ChangeError> {
        let doomed = |bytes: u64, appended: u64| bytes > max_bytes || appended < oldest_unix_nano;
        // That there are no segments must not be believed while there may be a newer manifest.
        let mut change = self.change()?;
        let mut next = change.next();
        let mut bytes: u64 = next.segments.iter().map(|segment| segment.bytes).sum();
        let mut gone = 0;
        for segment in &next.segments {
            if !doomed(bytes, segment.appended_unix_nano) {
                break;
            }
            bytes -= segment.bytes;
            gone += 1;
        }
        if gone == 0 {
            return Ok(!next.segments.is_empty());
        }
        next.segments.drain(..gone);
        let sealed_to = next.sealed_to;
        let head = next.segments.first().map_or(sealed_to, |first| first.first_offset);
        next.head = next.head.max(head);
        next.gaps.retain(|gap| gap.to > head);
        next.gaps.iter_mut().for_each(|gap| gap.from = gap.from.max(head));
        change.commit(next)?;
        tracing::info!(segments = gone, %head, "retention removed segments");
        Ok(!self.manifest().segments.is_empty())
    }

    /// Where the segments end: everything before it that is retained lies in them.
    pub(crate) fn sealed_to(&self) -> Offset {
        self.manifest().sealed_to
    }
}
