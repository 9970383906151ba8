//! Asks a filter's conditions of one record, through the one view.

use super::ast::{Expr, IdField, Source, Test, TextField, TextTest, ValueTest};
use super::severity::SeveritySet;
use super::time::TimeRange;
use crate::frame::Summary;
use crate::record::RecordView;

impl Expr {
    /// Whether a record meets the condition.
    pub(super) fn holds(&self, record: &impl RecordView) -> bool {
        match self {
            Self::All(children) => children.iter().all(|child| child.holds(record)),
            Self::Any(children) => children.iter().any(|child| child.holds(record)),
            Self::Is(test) => test.holds(record),
            Self::Not(test) => !test.holds(record),
        }
    }

    /// Whether any record could, for all that a summary tells.
    pub(super) fn may_hold(&self, summary: &Summary) -> bool {
        let times = TimeRange { first: summary.min_time_unix_nano, last: summary.max_time_unix_nano };
        match self {
            Self::All(children) => children.iter().all(|child| child.may_hold(summary)),
            Self::Any(children) => children.iter().any(|child| child.may_hold(summary)),
            Self::Is(Test::Severity(set)) => set.intersects(summary.severities),
            Self::Is(Test::Time(range)) => !range.intersection(times).is_empty(),
            Self::Is(_) | Self::Not(_) => true,
        }
    }

    /// A range outside of which no record's time meets the condition.
    pub(super) fn times(&self) -> TimeRange {
        match self {
            Self::All(children) => {
                children.iter().map(Self::times).fold(TimeRange::ALL, TimeRange::intersection)
            }
            Self::Any(children) => children.iter().map(Self::times).fold(TimeRange::NONE, TimeRange::hull),
            Self::Is(Test::Time(range)) => *range,
            Self::Is(_) | Self::Not(_) => TimeRange::ALL,
        }
    }

    /// Severities without which no record meets the condition.
    pub(super) fn severities(&self) -> SeveritySet {
        let none = SeveritySet::ALL.complement();
        match self {
            Self::All(children) => {
                children.iter().map(Self::severities).fold(SeveritySet::ALL, SeveritySet::intersection)
            }
            Self::Any(children) => children.iter().map(Self::severities).fold(none, SeveritySet::union),
            Self::Is(Test::Severity(set)) => *set,
            Self::Is(_) | Self::Not(_) => SeveritySet::ALL,
        }
    }

    /// What its regexes weigh together.
    pub(super) fn regex_weight(&self) -> u64 {
        match self {
            Self::All(children) | Self::Any(children) => children.iter().map(Self::regex_weight).sum(),
            Self::Is(test) | Self::Not(test) => match test {
                Test::Text(_, TextTest::Matches(pattern))
                | Test::Attribute(_, _, ValueTest::Matches(pattern) | ValueTest::MatchesNot(pattern)) => {
                    pattern.weight()
                }
                _ => 0,
            },
        }
    }

    /// Whether a frame's index alone answers it.
    pub(super) fn is_indexed(&self) -> bool {
        matches!(self, Self::Is(Test::Severity(_) | Test::Time(_)))
    }

    /// Whether it asks for nothing but the record's resource.
    pub(super) fn reads_resource_only(&self) -> bool {
        match self {
            Self::All(children) | Self::Any(children) => children.iter().all(Self::reads_resource_only),
            Self::Is(test) | Self::Not(test) => matches!(test, Test::Attribute(Source::Resource, ..)),
        }
    }
}

impl Test {
    fn holds(&self, record: &impl RecordView) -> bool {
        match self {
            Self::Severity(set) => set.contains(record.severity_number()),
            Self::Time(range) => range.contains(record.time_unix_nano()),
            Self::Id(field, wanted) => {
                let id = match field {
                    IdField::Trace => record.trace_id(),
                    IdField::Span => record.span_id(),
                };
                wanted.as_ref().map_or(!id.is_empty(), |wanted| id == &**wanted)
            }
            Self::Text(field, test) => test.holds(match field {
                TextField::Body => record.body_bytes(),
                TextField::SeverityText => record.severity_text().as_bytes(),
                TextField::EventName => record.event_name().as_bytes(),
                TextField::Scope => record.scope_name().as_bytes(),
            }),
            Self::Attribute(source, key, test) => holds_for_attribute(record, *source, key, test),
        }
    }
}

impl TextTest {
    /// Whether it holds for a text, given as its bytes.
    fn holds(&self, text: &[u8]) -> bool {
        match self {
            Self::Equals(wanted) => text == wanted.as_bytes(),
            Self::Contains(needle) => needle.is_in(text),
            Self::Matches(pattern) => pattern.is_in(text),
            Self::Present => !text.is_empty(),
        }
    }
}

fn holds_for_attribute(record: &impl RecordView, source: Source, key: &str, test: &ValueTest) -> bool {
    let of_resource = || record.resource_attribute(key).is_some_and(|value| test.holds(&value));
    match source {
        Source::Resource => of_resource(),
        Source::Record => record.attribute(key).is_some_and(|value| test.holds(&value)),
        Source::Either => record.attribute(key).map_or_else(of_resource, |value| test.holds(&value)),
    }
}
