//! A filter as a tree of conditions, kept in canonical form by its constructors.
//!
//! Canonical means: negations stand at single conditions only; `All` and `Any` are flat, have no duplicates, are sorted by
//! cost, and have at least two children (none: `All` is true, `Any` is false); conditions on severity and time are merged.

use super::needle::Needle;
use super::pattern::Pattern;
use super::severity::SeveritySet;
use super::time::TimeRange;
use super::value::Literal;

/// A condition on a record.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    /// Every one holds; without any, it is true.
    All(Vec<Expr>),
    /// At least one holds; without any, it is false.
    Any(Vec<Expr>),
    /// The test holds.
    Is(Test),
    /// The test does not hold. Never of severity or time: their complement is a test of its own.
    Not(Test),
}

/// A single test.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Severity(SeveritySet),
    Time(TimeRange),
    Id(IdField, Option<Box<[u8]>>),
    Text(TextField, TextTest),
    Attribute(Source, Box<str>, ValueTest),
}

/// Fields that hold an identifier. `None` as its value asks whether there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdField {
    Trace,
    Span,
}

/// Fields that hold text, empty when the record has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextField {
    Body,
    SeverityText,
    EventName,
    Scope,
}

/// Where a key is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Record,
    Resource,
    /// The record, and if it has no such key, its resource.
    Either,
}

#[derive(Clone, Debug)]
pub(super) enum TextTest {
    Equals(Box<str>),
    Contains(Needle),
    Matches(Pattern),
    /// Not empty.
    Present,
}

/// Tests of an attribute; without the attribute, none of them holds.
#[derive(Clone, Debug)]
pub(super) enum ValueTest {
    Related(Relation, Literal),
    Contains(Needle),
    Matches(Pattern),
    MatchesNot(Pattern),
    Present,
}

/// How a value stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Expr {
    pub(super) const TRUE: Self = Self::All(Vec::new());
    pub(super) const FALSE: Self = Self::Any(Vec::new());

    pub(super) fn severity(set: SeveritySet) -> Self {
        match set {
            SeveritySet::ALL => Self::TRUE,
            set if set.is_empty() => Self::FALSE,
            set => Self::Is(Test::Severity(set)),
        }
    }

    pub(super) fn time(range: TimeRange) -> Self {
        match range {
            TimeRange::ALL => Self::TRUE,
            range if range.is_empty() => Self::FALSE,
            range => Self::Is(Test::Time(range)),
        }
    }

    /// Any of these ranges of time.
    pub(super) fn any_time(ranges: Vec<TimeRange>) -> Self {
        Self::any(ranges.into_iter().map(Self::time).collect())
    }

    /// All of these.
    pub(super) fn all(children: Vec<Self>) -> Self {
        let mut severities = SeveritySet::ALL;
        let mut times = TimeRange::ALL;
        let mut kept = Vec::with_capacity(children.len());
        for child in children {
            match child {
                Self::All(grandchildren) => {
                    for grandchild in grandchildren {
                        take_all(grandchild, &mut severities, &mut times, &mut kept);
                    }
                }
                child => take_all(child, &mut severities, &mut times, &mut kept),
            }
        }
        kept.extend([Self::severity(severities), Self::time(times)]);
        kept.retain(|child| !child.is_true());
        if kept.iter().any(Self::is_false) {
            return Self::FALSE;
        }
        sort(&mut kept);
        only(&mut kept).unwrap_or(Self::All(kept))
    }

    /// At least one of these.
    pub(super) fn any(children: Vec<Self>) -> Self {
        let mut severities = SeveritySet::ALL.complement();
        let mut kept = Vec::with_capacity(children.len());
        for child in children {
            match child {
                Self::Any(grandchildren) => {
                    for grandchild in grandchildren {
                        take_any(grandchild, &mut severities, &mut kept);
                    }
                }
                child => take_any(child, &mut severities, &mut kept),
            }
        }
        kept.push(Self::severity(severities));
        kept.retain(|child| !child.is_false());
        if kept.iter().any(Self::is_true) {
            return Self::TRUE;
        }
        sort(&mut kept);
        only(&mut kept).unwrap_or(Self::Any(kept))
    }

    /// The opposite.
    pub(super) fn negate(self) -> Self {
        match self {
            Self::All(children) => Self::any(children.into_iter().map(Self::negate).collect()),
            Self::Any(children) => Self::all(children.into_iter().map(Self::negate).collect()),
            Self::Is(Test::Severity(set)) => Self::severity(set.complement()),
            Self::Is(Test::Time(range)) => Self::any_time(range.complement()),
            Self::Is(test) => Self::Not(test),
            Self::Not(test) => Self::Is(test),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        matches!(self, Self::All(children) if children.is_empty())
    }

    pub(super) fn is_false(&self) -> bool {
        matches!(self, Self::Any(children) if children.is_empty())
    }

    /// The conditions that must all hold.
    pub(super) fn into_conjuncts(self) -> Vec<Self> {
        match self {
            Self::All(children) => children,
            other => vec![other],
        }
    }

    /// What evaluating it costs, as an order of magnitude: the cheap conditions are asked first.
    fn cost(&self) -> u8 {
        match self {
            Self::All(children) | Self::Any(children) => {
                children.iter().map(Self::cost).max().unwrap_or(0).saturating_add(10)
            }
            Self::Is(test) | Self::Not(test) => test.cost(),
        }
    }
}

impl Test {
    fn cost(&self) -> u8 {
        match self {
            Self::Severity(_) => 0,
            Self::Time(_) => 1,
            Self::Text(TextField::Body, TextTest::Equals(_) | TextTest::Present) => 2,
            Self::Text(TextField::Body, TextTest::Contains(_)) => 3,
            Self::Text(TextField::Body, TextTest::Matches(_)) => 5,
            // The record's bytes are walked for these.
            Self::Id(..) | Self::Text(..) => 4,
            Self::Attribute(_, _, ValueTest::Matches(_) | ValueTest::MatchesNot(_)) => 7,
            Self::Attribute(..) => 6,
        }
    }
}

/// Adds one condition to those that must all hold.
fn take_all(child: Expr, severities: &mut SeveritySet, times: &mut TimeRange, kept: &mut Vec<Expr>) {
    match child {
        Expr::Is(Test::Severity(set)) => *severities = severities.intersection(set),
        Expr::Is(Test::Time(range)) => *times = times.intersection(range),
        other => kept.push(other),
    }
}

/// Adds one condition to those of which one must hold.
fn take_any(child: Expr, severities: &mut SeveritySet, kept: &mut Vec<Expr>) {
    match child {
        Expr::Is(Test::Severity(set)) => *severities = severities.union(set),
        other => kept.push(other),
    }
}

/// Sorts conditions by cost, then by text, and removes duplicates.
fn sort(children: &mut Vec<Expr>) {
    children.sort_by_cached_key(|child| (child.cost(), child.to_string()));
    children.dedup_by_key(|child| child.to_string());
}

/// Takes the only one out.
fn only(children: &mut Vec<Expr>) -> Option<Expr> {
    if children.len() == 1 { children.pop() } else { None }
}
