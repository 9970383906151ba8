//! Typed attribute values: those of OpenTelemetry's `AnyValue` that a log line can hold.

use std::borrow::Cow;
use std::collections::HashSet;

/// A name and its value. Names are OpenTelemetry's where there is one, otherwise the source's own.
pub type Attribute<'a> = (Cow<'a, str>, Value<'a>);

/// The value of an attribute.
///
/// A whole number outside `i64` is kept as a string of its digits up to `u64::MAX`, and as `F64` beyond, as JSON readers do.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// JSON's `null`; OpenTelemetry's empty value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    I64(i64),
    /// A number with a fraction or an exponent; always finite.
    F64(f64),
    /// Text.
    Str(Cow<'a, str>),
    /// Values in order.
    Array(Vec<Value<'a>>),
    /// Named values in the order of the source. A name that comes twice has the last value.
    Map(Vec<Attribute<'a>>),
}

impl<'a> Value<'a> {
    /// The value of a text that is one JSON value; `None` if it is none. What is nested deeper than 16 levels stays text.
    #[must_use]
    pub fn from_json(text: &'a str) -> Option<Self> {
        crate::fields::value_of_json(text)
    }

    /// The text of a string value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a whole-number value.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::I64(number) => Some(*number),
            _ => None,
        }
    }

    /// The value of a name in a map.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        match self {
            Self::Map(fields) => fields.iter().find_map(|(known, value)| (known == name).then_some(value)),
            _ => None,
        }
    }

    /// The same value without borrowing from the line.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::I64(value) => Value::I64(value),
            Self::F64(value) => Value::F64(value),
            Self::Str(text) => Value::Str(owned(text)),
            Self::Array(values) => Value::Array(values.into_iter().map(Value::into_owned).collect()),
            Self::Map(fields) => Value::Map(owned_attributes(fields)),
        }
    }
}

/// A `Cow` that borrows nothing.
pub(crate) fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// Attributes that borrow nothing.
pub(crate) fn owned_attributes(attributes: Vec<Attribute<'_>>) -> Vec<Attribute<'static>> {
    attributes.into_iter().map(|(name, value)| (owned(name), value.into_owned())).collect()
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::I64(value)
    }
}

impl From<u64> for Value<'_> {
    /// The number, or its digits if it is over `i64::MAX`.
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self::Str(value.to_string().into()), Self::I64)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::F64(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Str(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Str(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Str(text)
    }
}

/// Of fields with the same name keeps the last, as readers of JSON do. Takes linear time however many there are.
pub(crate) fn keep_last<T>(fields: &mut Vec<T>, name_of: fn(&T) -> &str) {
    /// Below this a comparison of all with all is quicker than a set.
    const FEW: usize = 16;
    if fields.len() <= FEW {
        let is_unique =
            |(at, field): (usize, &T)| fields[..at].iter().all(|other| name_of(other) != name_of(field));
        if fields.iter().enumerate().all(is_unique) {
            return;
        }
    }
    let mut seen = HashSet::with_capacity(fields.len());
    let mut keep: Vec<bool> = fields.iter().rev().map(|field| seen.insert(name_of(field))).collect();
    drop(seen);
    fields.retain(|_| keep.pop().unwrap_or(true));
}
