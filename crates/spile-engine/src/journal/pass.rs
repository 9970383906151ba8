//! One call of a reader: goes through blocks and entries, in either direction, until it has enough.

use std::sync::Arc;

use super::GapRange;
use super::body;
use super::layout::{EntryHead, seed};
use super::plan::{Direction, Plan, Span};
use super::reader::{JournalReader, ReadError, ReadRun};
use super::walk::{Step, Walk, Window};
use crate::disk::DiskFile;
use crate::frame::{Frame, Summary};
use crate::offset::Offset;

/// The most blocks that one call looks at: 16,384, which is a gigabyte of file or more.
const MAX_BLOCKS: u32 = 16_384;

/// How much of the files one call reads, and the rest of the block in which that is reached: 8 MiB.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The state of a call.
pub(super) struct Pass<'a> {
    reader: &'a JournalReader,
    direction: Direction,
    want: &'a dyn Fn(&Summary) -> bool,
    run: ReadRun,
    /// What the call may still return, read, and look at.
    frame_bytes: usize,
    file_bytes: u64,
    blocks: u32,
}

/// What lies at a place of a file: an entry, or damage up to the next entry.
struct Item {
    at: u64,
    offsets: GapRange,
    found: Result<EntryHead, &'static str>,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        reader: &'a JournalReader,
        direction: Direction,
        start: Offset,
        max_bytes: usize,
        want: &'a dyn Fn(&Summary) -> bool,
    ) -> Self {
        Self {
            reader,
            direction,
            want,
            run: ReadRun { frames: Vec::new(), next: start },
            frame_bytes: max_bytes.max(1),
            file_bytes: MAX_FILE_BYTES,
            blocks: MAX_BLOCKS,
        }
    }

    /// Reads until the call has enough, or up to `bound`. What was found before an error comes first; the
    /// next call, from there, reports the error.
    pub(super) fn run(mut self, bound: Offset) -> Result<ReadRun, ReadError> {
        let start = self.run.next;
        match self.read(bound) {
            Err(error) if self.run.next == start => return Err(error),
            _ => {}
        }
        if self.direction == Direction::Back {
            self.run.frames.reverse();
        }
        Ok(self.run)
    }

    fn read(&mut self, bound: Offset) -> Result<(), ReadError> {
        while !self.is_spent() {
            let Some(plan) = self.reader.plan(self.direction, self.run.next, bound)? else {
                break;
            };
            self.follow(&plan)?;
        }
        Ok(())
    }

    fn is_spent(&self) -> bool {
        self.frame_bytes == 0 || self.file_bytes == 0 || self.blocks == 0
    }

    fn follow(&mut self, plan: &Plan) -> Result<(), ReadError> {
        let mut opened = None;
        for span in &plan.spans {
            if self.is_spent() {
                break;
            }
            self.blocks -= 1;
            if !(self.want)(&span.summary) {
                self.pass_over(plan, span.offsets());
                continue;
            }
            let file = match &opened {
                Some(file) => file,
                None => opened.insert(self.reader.open(plan)?),
            };
            self.read_span(plan, &**file, span)?;
        }
        Ok(())
    }

    fn read_span(&mut self, plan: &Plan, file: &dyn DiskFile, span: &Span) -> Result<(), ReadError> {
        let seed = seed(self.reader.stream_id(), plan.file_first_offset);
        let window = Window::of_span(file, span.begin.at..span.end.at);
        let mut walk = Walk::new(window, seed, span.begin);
        let mut items = items(&mut walk, span).map_err(|error| plan.io_error(&error))?;
        if self.direction == Direction::Back {
            items.reverse();
        }
        self.file_bytes = self.file_bytes.saturating_sub(span.end.at - span.begin.at);
        for item in items {
            if self.frame_bytes == 0 {
                break;
            }
            if self.is_due(plan, item.offsets) {
                self.read_item(plan, &mut walk, seed, &item)?;
            }
        }
        Ok(())
    }

    /// Whether records lie between where the call is and where it must stop.
    fn is_due(&self, plan: &Plan, offsets: GapRange) -> bool {
        match self.direction {
            Direction::Forward => offsets.to > self.run.next && offsets.from < plan.limit,
            Direction::Back => offsets.from < self.run.next && offsets.to > plan.limit,
        }
    }

    fn pass_over(&mut self, plan: &Plan, offsets: GapRange) {
        self.run.next = match self.direction {
            Direction::Forward => offsets.to.min(plan.limit).max(self.run.next),
            Direction::Back => offsets.from.max(plan.limit).min(self.run.next),
        };
    }

    fn read_item(
        &mut self,
        plan: &Plan,
        walk: &mut Walk<'_>,
        seed: u32,
        item: &Item,
    ) -> Result<(), ReadError> {
        let damage = |reason| plan.damage(item.at, item.offsets, reason);
        let head = item.found.as_ref().map_err(|reason| damage(reason))?;
        if (self.want)(&head.summary) {
            let stored = walk.body(item.at, head).map_err(|error| plan.io_error(&error))?;
            let batch = body::load(head, seed, stored).map_err(damage)?;
            let frame = Frame::decode(head.first_offset, &batch)
                .map_err(|_| damage("the entry's body is not a batch of records"))?;
            if frame.len() as u64 != head.count {
                return Err(damage("the entry has another number of records than its head says"));
            }
            self.frame_bytes = self.frame_bytes.saturating_sub(batch.len());
            self.run.frames.push(Arc::new(frame));
        }
        self.run.next = match self.direction {
            Direction::Forward => head.next_offset(),
            Direction::Back => head.first_offset,
        };
        Ok(())
    }
}

/// Everything in a span, densely.
fn items(walk: &mut Walk<'_>, span: &Span) -> std::io::Result<Vec<Item>> {
    let mut items = Vec::new();
    while walk.place() != span.end {
        let due = walk.place();
        let (at, found) = match walk.step()? {
            Step::Entry { at, head, .. } => (at, Ok(head)),
            Step::Invalid { at, reason } => (at, Err(reason)),
            Step::End => (due.at, Err("the file is cut short")),
        };
        if found.is_err() {
            walk.resume(span.end)?;
        }
        let offsets = GapRange { from: due.offset, to: walk.place().offset };
        items.push(Item { at, offsets, found });
    }
    Ok(items)
}
