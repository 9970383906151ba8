//! The recent frames of a stream in memory, bounded by bytes.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::frame::{FormBytes, Frame};
use crate::offset::Offset;

/// Consecutive frames up to the tail. Pushing evicts the oldest; whoever still reads those keeps them alive.
#[derive(Debug)]
pub(crate) struct Ring {
    frames: VecDeque<Arc<Frame>>,
    bytes: usize,
    /// What readers have made of the frames; it grows while they read.
    forms: FormBytes,
    limit: usize,
    tail: Offset,
}

impl Ring {
    pub(crate) fn new(tail: Offset, limit: usize) -> Self {
        Self { frames: VecDeque::new(), bytes: 0, forms: FormBytes::default(), limit, tail }
    }

    /// Adds the frame that starts at the tail.
    pub(crate) fn push(&mut self, frame: Arc<Frame>) {
        assert_eq!(frame.first_offset(), self.tail, "frames follow each other without a hole");
        self.tail = frame.next_offset();
        self.bytes += frame.memory_bytes();
        frame.count_forms_in(&self.forms);
        self.frames.push_back(frame);
        while self.bytes + self.forms.load(Ordering::Relaxed) > self.limit {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.bytes -= oldest.memory_bytes();
        }
    }

    /// The first offset in memory; the tail when nothing is.
    pub(crate) fn first_offset(&self) -> Offset {
        self.frames.front().map_or(self.tail, |frame| frame.first_offset())
    }

    /// The offset behind the last record.
    pub(crate) fn tail(&self) -> Offset {
        self.tail
    }

    /// The frame that holds `offset`, if it is in memory.
    pub(crate) fn frame_at(&self, offset: Offset) -> Option<&Arc<Frame>> {
        let after = self.frames.partition_point(|frame| frame.first_offset() <= offset);
        let frame = self.frames.get(after.checked_sub(1)?)?;
        (offset < frame.next_offset()).then_some(frame)
    }

    /// The frames from the one that holds `from` on; none when that is not in memory.
    pub(crate) fn frames_from(&self, from: Offset) -> impl Iterator<Item = &Arc<Frame>> {
        let at = self.frames.partition_point(|frame| frame.next_offset() <= from);
        let held = self.first_offset() <= from;
        self.frames.range(at..).filter(move |_| held)
    }

    /// The frames below `before`, newest first.
    pub(crate) fn frames_before(&self, before: Offset) -> impl Iterator<Item = &Arc<Frame>> {
        self.frames.iter().rev().skip_while(move |frame| frame.first_offset() >= before)
    }
}
