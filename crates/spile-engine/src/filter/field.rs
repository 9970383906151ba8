//! The fields that conditions can name.

use super::ast::{IdField, Source, TextField};
use super::error::Problem;
use std::ops::Range;

/// A field of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Severity,
    Time,
    Id(IdField),
    Text(TextField),
    Attribute(Source, Box<str>),
}

/// Before an attribute's key.
pub(super) const ATTRIBUTES: &str = "attributes.";
/// Before a resource attribute's key.
pub(super) const RESOURCE: &str = "resource.";

/// Names that are often meant by other names.
const MEANT: [(&str, &str); 14] = [
    ("level", "severity"),
    ("severity_number", "severity"),
    ("loglevel", "severity"),
    ("message", "body"),
    ("msg", "body"),
    ("text", "body"),
    ("ts", "time"),
    ("date", "time"),
    ("service", "service.name"),
    ("trace", "trace_id"),
    ("traceid", "trace_id"),
    ("span", "span_id"),
    ("logger", "scope"),
    ("event", "event_name"),
];

const KNOWN: &str = "severity, severity_text, body, time, trace_id, span_id, event_name, scope, service.name, \
                     resource.KEY or attributes.KEY";

impl Field {
    /// The field that a bare name stands for.
    pub(super) fn named(name: &str, span: Range<usize>) -> Result<Self, Problem> {
        let attribute = |source, key: &str| Ok(Self::Attribute(source, key.into()));
        match name {
            "severity" => Ok(Self::Severity),
            "time" | "timestamp" => Ok(Self::Time),
            "trace_id" => Ok(Self::Id(IdField::Trace)),
            "span_id" => Ok(Self::Id(IdField::Span)),
            "body" => Ok(Self::Text(TextField::Body)),
            "severity_text" => Ok(Self::Text(TextField::SeverityText)),
            "event_name" => Ok(Self::Text(TextField::EventName)),
            "scope" | "scope.name" => Ok(Self::Text(TextField::Scope)),
            "service.name" => attribute(Source::Resource, name),
            ATTRIBUTES | RESOURCE => {
                let problem = Problem::new(span, format!("{name:?} lacks a key"));
                Err(problem
                    .expected(format!("a key behind the dot, such as {name}user or {name}\"user name\"")))
            }
            _ => {
                if let Some(key) = name.strip_prefix(ATTRIBUTES) {
                    attribute(Source::Record, key)
                } else if let Some(key) = name.strip_prefix(RESOURCE) {
                    attribute(Source::Resource, key)
                } else if is_path(name) {
                    attribute(Source::Either, name)
                } else {
                    Err(unknown(name, span))
                }
            }
        }
    }

    /// The field of a key in quotes behind a prefix.
    pub(super) fn keyed(prefix: &str, key: &str, span: Range<usize>) -> Result<Self, Problem> {
        match prefix {
            _ if key.is_empty() => Err(Problem::new(span, "the key is empty")),
            ATTRIBUTES => Ok(Self::Attribute(Source::Record, key.into())),
            RESOURCE => Ok(Self::Attribute(Source::Resource, key.into())),
            _ => Err(Problem::new(span, "a key in quotes has no place here")
                .expected("attributes.\"KEY\" or resource.\"KEY\", the whole key in quotes")),
        }
    }
}

/// Two or more names joined by dots, such as `k8s.pod.name`.
fn is_path(name: &str) -> bool {
    let is_name = |part: &str| {
        let mut characters = part.chars();
        characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && characters.all(|other| other.is_alphanumeric() || matches!(other, '_' | '-'))
    };
    name.contains('.') && name.split('.').all(is_name)
}

fn unknown(name: &str, span: Range<usize>) -> Problem {
    let problem = Problem::new(span, format!("unknown field {name:?}"));
    let lower = name.to_lowercase();
    let meant = MEANT.iter().find(|(other, _)| *other == lower).map(|(_, field)| *field);
    let meant = meant.or_else(|| KNOWN.split(", ").find(|known| *known == lower));
    match meant {
        Some(field) => problem.expected(format!("{field}, or attributes.{name} for an attribute")),
        None => problem.expected(format!("{KNOWN}; text that contains an operator needs quotes")),
    }
}
