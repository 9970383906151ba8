//! What filters mean, what they refuse, and that the fast ways pick what the plain way picks.

#![allow(clippy::unwrap_used)]

mod documentation;
mod errors;
mod frames;
mod levels;
mod meaning;
mod properties;
mod segments;
mod syntax;

use std::sync::Arc;

use spile_proto::v1::any_value::Value as Any;
use spile_proto::v1::{AnyValue, ArrayValue, KeyValue, LogRecord};

use super::Filter;
use crate::frame::{Frame, FrameDraft};
use crate::offset::Offset;
use crate::resource::ResourceDef;

fn attribute(key: &str, value: Any) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }) }
}

fn text(value: &str) -> Any {
    Any::StringValue(value.into())
}

fn resource(attributes: &[(&str, &str)]) -> Arc<ResourceDef> {
    ResourceDef::new(attributes.iter().map(|(key, value)| attribute(key, text(value))).collect())
}

fn body(body: &str) -> LogRecord {
    LogRecord { body: body.into(), ..LogRecord::default() }
}

fn with_attribute(key: &str, value: Any) -> LogRecord {
    LogRecord { attributes: vec![attribute(key, value)], ..body("a body") }
}

fn frame<'a>(records: impl IntoIterator<Item = (&'a LogRecord, Option<&'a Arc<ResourceDef>>)>) -> Frame {
    let mut draft = FrameDraft::default();
    for (record, resource) in records {
        draft.push(record, resource, 1).unwrap();
    }
    draft.into_frame(Offset(0))
}

fn filter(expression: &str) -> Filter {
    Filter::parse(expression).unwrap_or_else(|error| panic!("{error}"))
}

/// Whether a filter picks a record, after making sure that all ways to ask agree.
fn picks(expression: &str, record: &LogRecord, resource: Option<&Arc<ResourceDef>>) -> bool {
    let filter = filter(expression);
    let frame = frame([(record, resource)]);
    let matches = filter.matches(&frame.record(0));
    let mut selected = Vec::new();
    filter.select(&frame, 0..1, &mut selected);
    assert_eq!(!selected.is_empty(), matches, "select and matches on {expression}");
    assert!(!matches || filter.may_match(frame.summary()), "the summary refused a match of {expression}");
    matches
}

/// Asserts which of the expressions pick a record.
fn assert_picks(record: &LogRecord, of: Option<&Arc<ResourceDef>>, cases: &[(&str, bool)]) {
    for (expression, expected) in cases {
        assert_eq!(picks(expression, record, of), *expected, "{expression} on {record:?}");
    }
}
