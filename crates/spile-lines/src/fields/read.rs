//! Fields that come as values and not as text, the columns of a table's row for instance: what each means is said by who has them.

use std::borrow::Cow;

use super::{Role, Scale, assign, role_of};
use crate::parsed::{BodyKind, Format, ParsedLine};
use crate::time::Context;
use crate::value::{Attribute, Value};

/// What a field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// When it happened: a text in any usual spelling, or a number since 1970 in s, ms, µs or ns.
    Time,
    /// How severe it is: a name, or a number on the scale that the field's name tells (`severity_number` is OpenTelemetry's).
    Severity,
    /// The text to show.
    Body,
    /// The service that it comes from.
    Service,
    /// The host that it comes from.
    Host,
    /// The trace, in hexadecimal; a UUID will do.
    TraceId,
    /// The span, in hexadecimal.
    SpanId,
    /// Nothing of these: it is an attribute of its own name.
    Attribute,
}

/// A field, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Field<'a> {
    /// What it means. A value that cannot mean it is an attribute.
    pub meaning: Meaning,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its value.
    pub value: Value<'a>,
}

/// Reads fields. What is `Null` is left out. Without a body, the fields that are attributes are the body as well, as JSON.
pub(crate) fn read<'a>(fields: impl IntoIterator<Item = Field<'a>>, context: &Context) -> ParsedLine<'a> {
    let mut line = ParsedLine::new(Format::Fields, "");
    let mut has_body = false;
    for Field { meaning, name, value } in fields {
        let role = match (meaning, &value) {
            (_, Value::Null) => continue,
            (Meaning::Body, _) if !has_body => {
                has_body = true;
                set_body(&mut line, value);
                continue;
            }
            (Meaning::Body | Meaning::Attribute, _) => Role::Attribute,
            (Meaning::Time, _) => Role::Time,
            (Meaning::Severity, _) => Role::Level(scale(&name)),
            (Meaning::Service, _) => Role::Service,
            (Meaning::Host, _) => Role::Host,
            (Meaning::TraceId, _) => Role::TraceId,
            (Meaning::SpanId, _) => Role::SpanId,
        };
        let value = if role == Role::TraceId { without_dashes(value) } else { value };
        if let Err(value) = assign(role, value, &mut line, context) {
            line.attributes.push((name, value));
        }
    }
    if !has_body {
        let fields = Value::Map(std::mem::take(&mut line.attributes));
        line.body = Cow::Owned(json(&fields));
        line.body_kind = BodyKind::Json;
        if let Value::Map(attributes) = fields {
            line.attributes = attributes;
        }
    }
    line
}

/// How a level that is a number is meant, by the name of its field.
fn scale(name: &str) -> Scale {
    match role_of(name) {
        Role::Level(scale) => scale,
        _ => Scale::BySize,
    }
}

fn set_body<'a>(line: &mut ParsedLine<'a>, value: Value<'a>) {
    line.body = match value {
        Value::Str(text) => text,
        Value::Bool(value) => Cow::Owned(value.to_string()),
        Value::I64(value) => Cow::Owned(value.to_string()),
        Value::F64(value) => Cow::Owned(value.to_string()),
        structured => {
            line.body_kind = BodyKind::Json;
            Cow::Owned(json(&structured))
        }
    };
}

/// A UUID as the id that it is.
fn without_dashes(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Str(text) if text.len() == 36 && text.contains('-') => {
            Value::Str(text.replace('-', "").into())
        }
        other => other,
    }
}

fn json(value: &Value<'_>) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The value of a text that is one JSON value; `None` if it is none.
pub(crate) fn from_json(text: &str) -> Option<Value<'_>> {
    crate::formats::json::value(text)
}

/// Serialises as JSON does: maps keep their order.
impl serde::Serialize for Value<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::I64(value) => serializer.serialize_i64(*value),
            Self::F64(value) => serializer.serialize_f64(*value),
            Self::Str(text) => serializer.serialize_str(text),
            Self::Array(values) => serializer.collect_seq(values),
            Self::Map(fields) => {
                serializer.collect_map(fields.iter().map(|(name, value): &Attribute<'_>| (name, value)))
            }
        }
    }
}

#[cfg(test)]
mod tests;
