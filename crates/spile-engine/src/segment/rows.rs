//! Rows of columns as frames, in the order of offsets again.

use std::sync::Arc;

use spile_columns::RecordRows;

use super::open::OpenSegment;
use crate::frame::{Frame, RowsDraft};

/// Makes frames of all rows. `None` when a row is not what was written.
pub(super) fn frames(segment: &OpenSegment, rows: &RecordRows<'_>) -> Option<Vec<Arc<Frame>>> {
    let mut frames = Vec::new();
    let mut draft = RowsDraft::default();
    for row in by_offset(rows.offsets()) {
        if draft.is_full_for(rows.size_hint(row as usize)) {
            frames.push(Arc::new(std::mem::take(&mut draft).into_frame()));
        }
        draft.put(rows, row as usize, |hash| segment.resources.get(&hash).cloned())?;
    }
    if !draft.is_empty() {
        frames.push(Arc::new(draft.into_frame()));
    }
    Some(frames)
}

/// The rows in the order of their offsets.
fn by_offset(offsets: &[u64]) -> Vec<u32> {
    const NONE: u32 = u32::MAX;
    let (Some(&first), Some(&last)) = (offsets.iter().min(), offsets.iter().max()) else { return Vec::new() };
    let span = (last - first) as usize + 1;
    if span > offsets.len() * 4 {
        let mut rows: Vec<u32> = (0..offsets.len() as u32).collect();
        rows.sort_unstable_by_key(|&row| offsets[row as usize]);
        return rows;
    }
    // Nearly dense: each row has its place.
    let mut rows = vec![NONE; span];
    for (row, &offset) in offsets.iter().enumerate() {
        rows[(offset - first) as usize] = row as u32;
    }
    rows.retain(|&row| row != NONE);
    rows
}
