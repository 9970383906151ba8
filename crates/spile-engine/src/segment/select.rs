//! Which rows of a row group are worth reading for a filter: decided by the index, before anything of the columns is read.

use std::ops::Range;

use super::open::{Group, OpenSegment};
use crate::block::SeverityCounts;
use crate::filter::Filter;

/// Rows of a row group that a filter may match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidates {
    /// Ascending, in the file's order of rows.
    pub(super) rows: Vec<Range<usize>>,
    /// Whether rows may be refused for their resource's sake.
    pub(super) by_resource: bool,
    /// Whether rows may be refused for their time's sake.
    pub(super) by_time: bool,
}

impl Candidates {
    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.rows.iter().map(Range::len).sum()
    }

    fn push(&mut self, rows: Range<usize>) {
        match self.rows.last_mut() {
            Some(last) if last.end == rows.start => last.end = rows.end,
            _ => self.rows.push(rows),
        }
    }
}

/// How the resources of a service stand to a filter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    All,
    Some,
    None,
}

impl OpenSegment {
    /// The rows of a group that a filter may match.
    pub(super) fn candidates(&self, group: &Group, filter: &Filter) -> Candidates {
        let mut candidates = Candidates { rows: Vec::new(), by_resource: false, by_time: false };
        let needs = filter.needs();
        if !filter.may_match(group.summary()) {
            return candidates;
        }
        let pages = (!needs.is_nothing()).then(|| group.terms.pages(needs));
        if pages.as_ref().is_some_and(|pages| pages.is_empty()) {
            return candidates;
        }
        let severities = filter.severity_bits();
        let verdicts: Vec<_> =
            (0..self.services.len()).map(|service| self.verdict(service, filter)).collect();
        let mut next = 0;
        for run in group.index.runs() {
            let rows = next..next + run.rows as usize;
            next = rows.end;
            let verdict = verdicts[run.service as usize];
            if severities & 1 << run.severity == 0 || verdict == Verdict::None {
                continue;
            }
            candidates.by_resource |= verdict == Verdict::Some;
            match &pages {
                None => candidates.push(rows),
                Some(pages) => within(rows, self.page_records, |page| pages.contains(page))
                    .for_each(|rows| candidates.push(rows)),
            }
        }
        let times = filter.min_time_unix_nano()..=filter.max_time_unix_nano();
        let summary = group.summary();
        candidates.by_time =
            !(times.contains(&summary.min_time_unix_nano) && times.contains(&summary.max_time_unix_nano));
        candidates
    }

    /// How many of a group's records of each severity match, if the index alone tells.
    pub(crate) fn counts(&self, group: &Group, filter: &Filter) -> Option<SeverityCounts> {
        let mut counts = SeverityCounts::default();
        if !filter.may_match(group.summary()) {
            return Some(counts);
        }
        let candidates = self.decided(group, filter)?;
        let mut next = 0;
        let mut chosen = candidates.rows.iter().peekable();
        for run in group.index.runs() {
            while chosen.next_if(|rows| rows.end <= next).is_some() {}
            if chosen.peek().is_some_and(|rows| rows.start <= next) {
                counts[usize::from(run.severity)] += u64::from(run.rows);
            }
            next += run.rows as usize;
        }
        Some(counts)
    }

    /// The rows of a group that a filter matches, if the index alone tells.
    pub(super) fn decided(&self, group: &Group, filter: &Filter) -> Option<Candidates> {
        let candidates = filter.reads_index_only().then(|| self.candidates(group, filter))?;
        (!candidates.by_resource && !candidates.by_time).then_some(candidates)
    }

    fn verdict(&self, service: usize, filter: &Filter) -> Verdict {
        let resources = &self.services[service];
        let of_none = (service == 0).then(|| filter.resource_matches(None));
        let answers = resources.iter().map(|resource| filter.resource_matches(Some(resource))).chain(of_none);
        let (mut some, mut all) = (false, true);
        for matches in answers {
            some |= matches;
            all &= matches;
        }
        match (some, all) {
            (true, true) => Verdict::All,
            (true, false) => Verdict::Some,
            (false, _) => Verdict::None,
        }
    }
}

/// The parts of a run of rows that lie in pages with a property.
fn within(
    rows: Range<usize>,
    page_records: usize,
    has: impl Fn(usize) -> bool,
) -> impl Iterator<Item = Range<usize>> {
    let pages = rows.start / page_records..rows.end.div_ceil(page_records);
    pages.filter(move |&page| has(page)).map(move |page| {
        let start = page * page_records;
        start.max(rows.start)..(start + page_records).min(rows.end)
    })
}
