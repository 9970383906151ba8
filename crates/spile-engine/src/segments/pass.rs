//! One read over segments, in either direction: passes over what the indexes refuse, reads row groups side by side, and stops at the first that has
//! something.

use std::sync::Arc;

use super::Segments;
use super::cache::RowsKey;
use crate::filter::Filter;
use crate::frame::Frame;
use crate::journal::{GapRange, ReadError, ReadRun};
use crate::manifest::Manifest;
use crate::offset::Offset;
use crate::segment::{OpenSegment, Rows, SegmentError, SegmentMeta, Worth};

/// The most row groups that one call reads; a filter that finds nothing in them says how far it has come.
const MAX_READ: usize = 64;

/// The most row groups that one call looks at.
const MAX_PASSED: usize = 16_384;

/// Which way a read goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Back,
}

/// A row group that is worth reading.
struct Target {
    segment: Arc<OpenSegment>,
    nth: usize,
    worth: Worth,
}

/// What a look over the indexes came to.
struct Plan {
    /// In the direction of reading.
    targets: Vec<Target>,
    /// Where the look ended: everything up to there is refused, but for the targets.
    end: Offset,
}

/// Why a part cannot be read, and which offsets that are.
struct Failure {
    error: SegmentError,
    meta: Arc<SegmentMeta>,
    range: GapRange,
}

impl Segments {
    /// Reads the frames that have records in `from..up_to` which `filter` may match, from segments alone. Returns as soon as a row group has
    /// some. Blocks.
    pub(crate) fn read(
        &self,
        from: Offset,
        up_to: Offset,
        max_bytes: usize,
        filter: &Filter,
    ) -> Result<ReadRun, ReadError> {
        self.pass(Direction::Forward, from, up_to, max_bytes, filter)
    }

    /// As `read`, back from `before`.
    pub(crate) fn read_back(
        &self,
        before: Offset,
        max_bytes: usize,
        filter: &Filter,
    ) -> Result<ReadRun, ReadError> {
        self.pass(Direction::Back, before, Offset::ZERO, max_bytes, filter)
    }

    /// Reads what a reader that goes on at `next` wants soon, so that it finds it in memory: the next row groups with rows for its filter; or, if
    /// readers share them whole, the one behind the group in which it has come half-way. Blocks.
    pub(crate) fn read_ahead(&self, next: Offset, up_to: Offset, filter: &Filter) {
        let manifest = self.manifest();
        let pass =
            Pass { segments: self, manifest: &manifest, direction: Direction::Forward, max_bytes: 0, filter };
        // What is wrong is told when the reader comes there.
        let Ok(bound) = pass.checked(next, up_to) else { return };
        let start = match pass.is_past_half(next) {
            Some((_, false)) if filter.is_all() => return,
            Some((end, true)) if filter.is_all() => end.min(bound),
            _ => next,
        };
        if let Ok(plan) = pass.plan(start, bound, &mut 0) {
            pass.read(&plan.targets);
        }
    }

    fn pass(
        &self,
        direction: Direction,
        start: Offset,
        bound: Offset,
        max_bytes: usize,
        filter: &Filter,
    ) -> Result<ReadRun, ReadError> {
        loop {
            let manifest = self.manifest();
            let pass = Pass { segments: self, manifest: &manifest, direction, max_bytes, filter };
            let failure = match pass.run(start, bound)? {
                Ok(run) => return Ok(run),
                Err(failure) => failure,
            };
            // Retention or compaction may have removed the file: then there is a newer manifest.
            let is_old = manifest.number != self.manifest().number;
            if !(is_old && matches!(failure.error, SegmentError::Missing)) {
                return Err(failure.into());
            }
        }
    }
}

struct Pass<'a> {
    segments: &'a Segments,
    manifest: &'a Manifest,
    direction: Direction,
    max_bytes: usize,
    filter: &'a Filter,
}

impl Pass<'_> {
    /// The outer error is final, the inner one may be that of an old manifest.
    fn run(&self, start: Offset, bound: Offset) -> Result<Result<ReadRun, Failure>, ReadError> {
        let bound = self.checked(start, bound)?;
        let (mut next, mut read, mut passed) = (start, 0, 0);
        while next != bound && read < MAX_READ && passed < MAX_PASSED {
            let plan = match self.plan(next, bound, &mut passed) {
                Ok(plan) => plan,
                Err(failure) if next == start => return Ok(Err(failure)),
                Err(_) => break,
            };
            read += plan.targets.len();
            for (target, rows) in plan.targets.iter().zip(self.read(&plan.targets)) {
                let group = &target.segment.groups()[target.nth];
                let range = GapRange { from: group.first_offset(), to: group.next_offset() };
                let rows = match rows {
                    Ok(rows) => rows,
                    Err(error) => {
                        let at = match self.direction {
                            Direction::Forward => range.from.max(next),
                            Direction::Back => range.to.min(next),
                        };
                        if at != start {
                            return Ok(Ok(ReadRun { frames: Vec::new(), next: at }));
                        }
                        let meta = Arc::clone(target.segment.meta());
                        return Ok(Err(Failure { error, meta, range }));
                    }
                };
                let run = self.take(&rows, next, bound, range);
                next = run.next;
                if !run.frames.is_empty() {
                    return Ok(Ok(run));
                }
            }
            next = plan.end;
        }
        Ok(Ok(ReadRun { frames: Vec::new(), next }))
    }

    /// Where to stop: before the next gap. Reports one that lies at the start.
    fn checked(&self, start: Offset, bound: Offset) -> Result<Offset, ReadError> {
        let Manifest { head, sealed_to, gaps, .. } = self.manifest;
        if start < *head {
            return Err(ReadError::Trimmed { head: *head });
        }
        match self.direction {
            Direction::Forward => {
                let bound = bound.min(*sealed_to).max(start);
                match gaps.iter().find(|gap| gap.to > start) {
                    Some(gap) if gap.from <= start && start < bound => Err(gap.into()),
                    Some(gap) => Ok(bound.min(gap.from.max(start))),
                    None => Ok(bound),
                }
            }
            Direction::Back => match gaps.iter().rfind(|gap| gap.from < start) {
                Some(gap) if gap.to >= start => Err(gap.into()),
                Some(gap) => Ok(gap.to.max(*head)),
                None => Ok(*head),
            },
        }
    }

    /// Where the row group with an offset ends, and whether the offset lies in its second half.
    fn is_past_half(&self, offset: Offset) -> Option<(Offset, bool)> {
        let meta = self.manifest.segment_from(offset).map(|at| &self.manifest.segments[at])?;
        let segment = self.segments.open(meta).ok()?;
        let group = &segment.groups()[segment.group_of(offset)?];
        let (from, to) = (group.first_offset(), group.next_offset());
        Some((to, offset.since(from) * 2 >= to.since(from)))
    }

    /// The next row groups that are worth reading: as many as are read side by side.
    fn plan(&self, start: Offset, bound: Offset, passed: &mut usize) -> Result<Plan, Failure> {
        let mut plan = Plan { targets: Vec::new(), end: start };
        while plan.end != bound && !self.is_enough(&plan) && *passed < MAX_PASSED {
            let found = match self.direction {
                Direction::Forward => self.manifest.segment_from(plan.end),
                Direction::Back => self.manifest.segment_before(plan.end),
            };
            // What no segment covers is a gap, and the bound lies before it.
            let Some(meta) = found.map(|at| &self.manifest.segments[at]) else {
                plan.end = bound;
                break;
            };
            *passed += 1;
            if !self.filter.may_match(&meta.summary) {
                plan.end = self.clamp(meta.first_offset, meta.next_offset, bound);
                continue;
            }
            let segment = match self.segments.open(meta) {
                Ok(segment) => segment,
                // What was found before it is read first.
                Err(_) if !plan.targets.is_empty() => break,
                Err(error) => {
                    let range = GapRange { from: meta.first_offset, to: meta.next_offset };
                    return Err(Failure { error, meta: Arc::clone(meta), range });
                }
            };
            self.plan_segment(&segment, &mut plan, bound, passed);
        }
        Ok(plan)
    }

    /// Whether as many row groups are planned as are read side by side. Of those that are read whole the first has something for the reader.
    fn is_enough(&self, plan: &Plan) -> bool {
        plan.targets.len() >= self.segments.0.limits.scan_threads
            || plan.targets.last().is_some_and(|target| matches!(target.worth, Worth::Whole))
    }

    fn plan_segment(&self, segment: &Arc<OpenSegment>, plan: &mut Plan, bound: Offset, passed: &mut usize) {
        let groups = segment.groups();
        let in_segment = |end: Offset| segment.meta().first_offset < end && end <= segment.meta().next_offset;
        loop {
            let nth = match self.direction {
                Direction::Forward => segment.group_of(plan.end.max(segment.meta().first_offset)),
                Direction::Back => segment.group_of(Offset(plan.end.0 - 1)),
            };
            let Some(nth) = nth else {
                plan.end = self.clamp(segment.meta().first_offset, segment.meta().next_offset, bound);
                return;
            };
            let group = &groups[nth];
            *passed += 1;
            plan.end = self.clamp(group.first_offset(), group.next_offset(), bound);
            if let Some(worth) = segment.worth_reading(nth, self.filter) {
                plan.targets.push(Target { segment: Arc::clone(segment), nth, worth });
            }
            let more = match self.direction {
                Direction::Forward => nth + 1 < groups.len(),
                Direction::Back => nth > 0 && in_segment(plan.end),
            };
            if !more || self.is_enough(plan) || plan.end == bound || *passed >= MAX_PASSED {
                return;
            }
        }
    }

    /// Behind a range, in the direction of reading, and not beyond the bound.
    fn clamp(&self, from: Offset, to: Offset, bound: Offset) -> Offset {
        match self.direction {
            Direction::Forward => to.min(bound),
            Direction::Back => from.max(bound),
        }
    }

    /// Reads row groups, each further one on a thread of its own.
    fn read(&self, targets: &[Target]) -> Vec<Result<Arc<Rows>, SegmentError>> {
        let Some((first, others)) = targets.split_first() else { return Vec::new() };
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                others.iter().map(|target| scope.spawn(move || self.read_target(target))).collect();
            let gone = || Err(SegmentError::Io("a reading thread panicked".into()));
            let mut read = vec![self.read_target(first)];
            read.extend(threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| gone())));
            read
        })
    }

    fn read_target(&self, target: &Target) -> Result<Arc<Rows>, SegmentError> {
        let Target { segment, nth, worth } = target;
        let meta = segment.meta();
        let filter = match worth {
            Worth::Whole => None,
            Worth::Rows(_) => Some(self.filter.clone()),
        };
        let key = RowsKey { path: meta.path.clone(), group: *nth, filter };
        self.segments.0.cache.rows(&key, || {
            segment.read_group(*nth, worth, self.filter, &|ranges| self.segments.fetch(meta, ranges))
        })
    }

    /// Takes frames of a row group: from `next` on, not beyond `bound`, as many as the call may return.
    fn take(&self, rows: &Rows, next: Offset, bound: Offset, range: GapRange) -> ReadRun {
        let end = self.clamp(range.from, range.to, bound);
        let wanted = |frame: &&Arc<Frame>| {
            let records = match self.direction {
                Direction::Forward => frame.index_from(next)..frame.index_from(bound),
                Direction::Back => frame.index_from(bound)..frame.index_from(next),
            };
            !records.is_empty() && self.filter.may_match(frame.summary())
        };
        let mut left = self.max_bytes.max(1);
        let mut run = ReadRun { frames: Vec::new(), next: end };
        let mut add = |frame: &Arc<Frame>| {
            if left == 0 {
                return false;
            }
            left = left.saturating_sub(frame.records().len());
            run.frames.push(Arc::clone(frame));
            true
        };
        match self.direction {
            Direction::Forward => {
                if let Some(first) = rows.frames.iter().filter(wanted).find(|frame| !add(frame)) {
                    run.next = first.first_offset();
                }
            }
            Direction::Back => {
                if let Some(last) = rows.frames.iter().rev().filter(wanted).find(|frame| !add(frame)) {
                    run.next = last.next_offset();
                }
                run.frames.reverse();
            }
        }
        run
    }
}

impl From<Failure> for ReadError {
    fn from(Failure { error, meta, range }: Failure) -> Self {
        let (at, reason) = match error.damage() {
            Ok(damage) => damage,
            Err(reason) => return Self::Io(format!("cannot read {}: {reason}", meta.path).into()),
        };
        Self::Corrupt { file: meta.path.as_ref().into(), at, from: range.from, to: range.to, reason }
    }
}
