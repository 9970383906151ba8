//! Picks the matching records of a frame: the cheapest refusals first, each record's bytes last.

use std::ops::Range;

use super::ast::Expr;
use super::severity::SeveritySet;
use super::sweep::Sweep;
use super::time::TimeRange;
use crate::frame::{Frame, Summary};
use crate::record::{RecordView, Value};
use crate::resource::ResourceDef;

/// A sweep is given up after this many hits if they are too dense.
const PATIENCE: usize = 32;

/// How many records it must skip for each that it hits: below, asking every record is cheaper (measured).
const SKIPPED_PER_HIT: usize = 3;

/// A filter's conditions by what they need of a frame. A record matches when all of them hold.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Asked of the index.
    severities: SeveritySet,
    times: TimeRange,
    /// Asked of each resource once.
    resource: Vec<Expr>,
    /// Asked of the record's bytes.
    rest: Vec<Expr>,
    /// Finds the records that `rest` can hold for.
    sweep: Option<Sweep>,
}

impl Plan {
    pub(super) fn new(expr: &Expr) -> Self {
        let conjuncts = expr.clone().into_conjuncts();
        let (resource, rest): (Vec<_>, Vec<_>) = conjuncts.into_iter().partition(Expr::reads_resource_only);
        let rest: Vec<_> = rest.into_iter().filter(|condition| !condition.is_indexed()).collect();
        let sweep = Sweep::for_all(&rest);
        Self { severities: expr.severities(), times: expr.times(), resource, rest, sweep }
    }

    /// Appends the indexes of the records in `run` that match.
    pub(super) fn select(&self, frame: &Frame, run: Range<usize>, out: &mut Vec<u32>) {
        let first = out.len();
        self.select_by_index(frame, run.clone(), out);
        if !self.rest.is_empty() && out.len() > first {
            self.refine(frame, run, out, first);
        }
    }

    /// Appends what severity, time and resource let through.
    fn select_by_index(&self, frame: &Frame, run: Range<usize>, out: &mut Vec<u32>) {
        let passes_index = |at: usize| {
            self.severities.contains(frame.severity(at)) && self.times.contains(frame.time_unix_nano(at))
        };
        if !self.resource.is_empty() {
            let resources: Vec<bool> =
                frame.resources().iter().map(|of| self.passes(Some(of.as_ref()))).collect();
            let without = self.passes(None);
            let passes = |at: usize| frame.resource_of(at).map_or(without, |index| resources[index]);
            if without || resources.contains(&true) {
                out.extend(run.filter(|&at| passes_index(at) && passes(at)).map(|at| at as u32));
            }
        } else if self.takes_whole(frame.summary()) {
            out.extend(run.start as u32..run.end as u32);
        } else {
            out.extend(run.filter(|&at| passes_index(at)).map(|at| at as u32));
        }
    }

    /// Whether every record passes on severity and time.
    fn takes_whole(&self, summary: &Summary) -> bool {
        !self.severities.complement().intersects(summary.severities)
            && self.times.contains(summary.min_time_unix_nano)
            && self.times.contains(summary.max_time_unix_nano)
    }

    /// Whether a resource meets the conditions on it.
    pub(super) fn passes(&self, resource: Option<&ResourceDef>) -> bool {
        let view = ResourceOnly(resource);
        self.resource.iter().all(|condition| condition.holds(&view))
    }

    /// Whether severity, time and resource alone decide.
    pub(super) fn reads_index_only(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether severity and time alone decide.
    pub(super) fn reads_only_severity_and_time(&self) -> bool {
        self.rest.is_empty() && self.resource.is_empty()
    }

    /// Removes from `out`, behind `first`, what the rest of the conditions refuse.
    fn refine(&self, frame: &Frame, run: Range<usize>, out: &mut Vec<u32>, first: usize) {
        let mut sweep = self.sweep.as_ref().map(|sweep| sweep.over(frame, run));
        // The next record with a hit, once it is known.
        let mut hit: Option<usize> = None;
        let (mut kept, mut asked, mut skipped) = (first, 0, 0);
        for read in first..out.len() {
            let at = out[read] as usize;
            if let Some(hits) = &mut sweep {
                if hit.is_none_or(|hit| hit < at) {
                    hit = hits.record_from(at);
                }
                match hit {
                    None => break,
                    Some(hit) if hit > at => {
                        skipped += 1;
                        continue;
                    }
                    Some(_) => asked += 1,
                }
                if asked >= PATIENCE && skipped < asked * SKIPPED_PER_HIT {
                    sweep = None;
                }
            }
            let record = frame.record(at);
            if self.rest.iter().all(|condition| condition.holds(&record)) {
                out[kept] = at as u32;
                kept += 1;
            }
        }
        out.truncate(kept);
    }
}

/// A record of which nothing is known but its resource.
struct ResourceOnly<'a>(Option<&'a ResourceDef>);

impl RecordView for ResourceOnly<'_> {
    fn time_unix_nano(&self) -> u64 {
        0
    }

    fn severity_number(&self) -> u8 {
        0
    }

    fn severity_text(&self) -> &str {
        ""
    }

    fn body(&self) -> &str {
        ""
    }

    fn trace_id(&self) -> &[u8] {
        &[]
    }

    fn span_id(&self) -> &[u8] {
        &[]
    }

    fn event_name(&self) -> &str {
        ""
    }

    fn scope_name(&self) -> &str {
        ""
    }

    fn attribute(&self, _key: &str) -> Option<Value<'_>> {
        None
    }

    fn resource_attribute(&self, key: &str) -> Option<Value<'_>> {
        self.0?.attribute(key)
    }
}
