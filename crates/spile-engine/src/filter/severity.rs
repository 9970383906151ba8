//! Sets of severity numbers: every condition on severity, and any combination of them, is one.

use std::fmt;

use super::ast::Relation;
use super::level::{Level, name_of};
use crate::record::MAX_SEVERITY;

/// Bit `n` is set when severity number `n` is in the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SeveritySet(u32);

impl SeveritySet {
    /// Every severity number, 0 (unspecified) included.
    pub(super) const ALL: Self = Self((1 << (MAX_SEVERITY + 1)) - 1);

    /// The numbers from `first` to `last`.
    pub(super) fn range(first: u8, last: u8) -> Self {
        (first..=last.min(MAX_SEVERITY)).fold(Self(0), |set, number| Self(set.0 | 1 << number))
    }

    /// The numbers that stand in this relation to a level.
    pub(super) fn related(relation: Relation, level: Level) -> Self {
        let equal = Self::range(level.first, level.last);
        let below = level.first.checked_sub(1).map_or(Self(0), |last| Self::range(0, last));
        let above = Self::range(level.last + 1, MAX_SEVERITY);
        match relation {
            Relation::Equal => equal,
            Relation::NotEqual => equal.complement(),
            Relation::Less => below,
            Relation::LessOrEqual => below.union(equal),
            Relation::Greater => above,
            Relation::GreaterOrEqual => above.union(equal),
        }
    }

    pub(super) fn contains(self, number: u8) -> bool {
        self.0 & (1 << number.min(31)) != 0
    }

    /// Bit `n` is set when it has the number `n`.
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    /// Whether it has any of the numbers whose bits are set.
    pub(super) fn intersects(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    pub(super) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn complement(self) -> Self {
        Self(Self::ALL.0 & !self.0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The longest runs of numbers in the set, ascending.
    pub(super) fn runs(self) -> Vec<SeverityRun> {
        let mut runs: Vec<SeverityRun> = Vec::new();
        for number in (0..=MAX_SEVERITY).filter(|&number| self.contains(number)) {
            match runs.last_mut() {
                Some(run) if run.last + 1 == number => run.last = number,
                _ => runs.push(SeverityRun { first: number, last: number }),
            }
        }
        runs
    }
}

/// Adjacent severity numbers; its text is one comparison, or two side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SeverityRun {
    first: u8,
    last: u8,
}

impl SeverityRun {
    /// Whether its text is two comparisons.
    pub(super) fn has_two_bounds(self) -> bool {
        self.first != 0 && self.last != MAX_SEVERITY && self.single().is_none()
    }

    /// The value that stands for the whole run with `=`.
    fn single(self) -> Option<String> {
        let name = name_of(self.first);
        if Level::parse(&name) == Some(Level { first: self.first, last: self.last }) {
            return Some(name.into());
        }
        (self.first == self.last).then(|| self.first.to_string())
    }

    /// The value whose range ends with the run.
    fn end(self) -> String {
        let range = (self.last.saturating_sub(3)..=self.last)
            .map(name_of)
            .find(|name| Level::parse(name).is_some_and(|level| level.last == self.last));
        range.map_or_else(|| self.last.to_string(), Into::into)
    }
}

impl fmt::Display for SeverityRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(value) = self.single() {
            return write!(f, "severity={value}");
        }
        if self.first != 0 {
            write!(f, "severity>={}", name_of(self.first))?;
        }
        if self.has_two_bounds() {
            f.write_str(" ")?;
        }
        if self.last != MAX_SEVERITY {
            write!(f, "severity<={}", self.end())?;
        }
        Ok(())
    }
}
