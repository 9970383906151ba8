//! Lines that are one JSON object, whatever logger wrote them.
//!
//! The field that is the text becomes the body and all fields without a meaning of their own become attributes. A line without a
//! text keeps the whole object as its body, and its fields are attributes as well, so that filters find them.

mod object;
mod shape;

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

#[cfg(test)]
pub(crate) use self::object::MAX_DEPTH;
pub(crate) use self::object::Object;
use self::object::{Key, ValueSeed};
use crate::fields::{Role, assign, from_json, role_of};
use crate::parsed::{BodyKind, Format, ParsedLine};
use crate::severity::UNSPECIFIED;
use crate::time::Context;
use crate::value::{Value, keep_last};

/// The value of a text that is one JSON value, with bounded nesting.
pub(crate) fn value(text: &str) -> Option<Value<'_>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = ValueSeed { depth: 1 }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

/// A field of the line.
#[derive(Debug)]
struct Entry<'a> {
    name: Cow<'a, str>,
    role: Role,
    value: Value<'a>,
    /// The value's text in the source, for times: numbers keep every digit there. `value` is then not read yet.
    raw: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn new(name: Cow<'a, str>, value: Value<'a>) -> Self {
        let role = role_of(&name);
        Self { name, role, value, raw: None }
    }
}

/// Reads an object. Of a line that was cut (`is_cut`), the fields before the cut are used, and the body is the line as it is.
pub(crate) fn read<'a>(line: &'a str, is_cut: bool, context: &Context) -> Option<ParsedLine<'a>> {
    let mut entries = Vec::with_capacity(16);
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let result = deserializer.deserialize_map(Collector { entries: &mut entries });
    let is_whole = result.is_ok() && deserializer.end().is_ok();
    if !is_whole && (!is_cut || entries.is_empty()) {
        return None;
    }
    keep_last(&mut entries, |entry| &entry.name);
    let default_severity = shape::adapt(&mut entries);

    let mut parsed = ParsedLine::new(Format::Json, line);
    parsed.body_kind = if is_whole { BodyKind::Json } else { BodyKind::Text };
    let message = if is_whole { message_of(&entries) } else { None };
    parsed.attributes.reserve(entries.len());
    for (at, entry) in entries.into_iter().enumerate() {
        if Some(at) == message {
            if let Value::Str(text) = entry.value {
                parsed.body = text;
                parsed.body_kind = BodyKind::Text;
            }
            continue;
        }
        place(entry, &mut parsed, context);
    }
    if parsed.severity_number == UNSPECIFIED && parsed.severity_text.is_empty() {
        parsed.severity_number = default_severity;
    }
    Some(parsed)
}

/// The field that is the text: of the most certain name, the first.
fn message_of(entries: &[Entry<'_>]) -> Option<usize> {
    let rank = |entry: &Entry<'_>| match (entry.role, &entry.value) {
        (Role::Message(rank), Value::Str(_)) => Some(rank),
        _ => None,
    };
    let ranked = entries.iter().enumerate().filter_map(|(at, entry)| Some((rank(entry)?, at)));
    ranked.min().map(|(_, at)| at)
}

fn place<'a>(mut entry: Entry<'a>, parsed: &mut ParsedLine<'a>, context: &Context) {
    if let Some(raw) = entry.raw {
        if parsed.time_unix_nano.is_none()
            && let Some(stamp) = from_json(raw, context)
        {
            parsed.time_unix_nano = Some(stamp.nanos);
            parsed.zone_assumed = stamp.zone_assumed;
            return;
        }
        entry.role = Role::Attribute;
        entry.value = object::value(raw).unwrap_or(Value::Str(Cow::Borrowed(raw)));
    }
    if let Err(value) = assign(entry.role, entry.value, parsed, context) {
        parsed.attributes.push((entry.name, value));
    }
}

/// Collects the fields of the outermost object; those before an error are kept.
struct Collector<'v, 'a> {
    entries: &'v mut Vec<Entry<'a>>,
}

impl<'de> Visitor<'de> for Collector<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let inner = ValueSeed { depth: 1 };
        while let Some(Key(name)) = entries.next_key()? {
            let role = role_of(&name);
            let (value, raw) = if role == Role::Time {
                (Value::Null, Some(entries.next_value::<&'de RawValue>()?.get()))
            } else {
                (entries.next_value_seed(inner)?, None)
            };
            self.entries.push(Entry { name, role, value, raw });
        }
        Ok(())
    }
}
