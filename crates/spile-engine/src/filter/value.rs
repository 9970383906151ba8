//! How attribute values compare with the values of an expression.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::ast::{Relation, ValueTest};
use crate::record::Value;

/// A value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    /// Compares by value with numbers and with strings that read as numbers.
    Number { text: Box<str>, number: Number },
    /// Compares with the text form of values.
    Text(Box<str>),
}

/// A number, exact as long as it is whole and below 2^127.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i128),
    Double(f64),
}

/// 2^127: the end of `i128`.
const INT_END: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;

impl ValueTest {
    /// Whether it holds for a value that is there.
    pub(super) fn holds(&self, value: &Value<'_>) -> bool {
        let text = || text_form(value);
        match self {
            Self::Present => true,
            Self::Related(relation, literal) => literal.relates(*relation, value),
            Self::Contains(needle) => text().is_some_and(|text| needle.is_in(text.as_bytes())),
            Self::Matches(pattern) => text().is_some_and(|text| pattern.is_in(text.as_bytes())),
            Self::MatchesNot(pattern) => text().is_some_and(|text| !pattern.is_in(text.as_bytes())),
        }
    }
}

impl Literal {
    /// A value without quotes: a number if it reads as one.
    pub(super) fn bare(text: &str) -> Self {
        match Number::parse(text) {
            Some(number) => Self::Number { text: text.into(), number },
            None => Self::Text(text.into()),
        }
    }

    /// Whether a value stands in this relation to it.
    fn relates(&self, relation: Relation, value: &Value<'_>) -> bool {
        let Some(text) = text_form(value) else { return false };
        let ordering = match self {
            Self::Number { number, .. } => Number::of(value).and_then(|value| value.compare(*number)),
            Self::Text(literal) => Some((*text).cmp(literal)),
        };
        // Numbers and truth values do not follow the order of their texts.
        let ordered = matches!((self, value), (Self::Number { .. }, _) | (_, Value::Str(_)));
        match relation {
            Relation::Equal => ordering == Some(Ordering::Equal),
            Relation::NotEqual => ordering != Some(Ordering::Equal),
            _ => ordered && ordering.is_some_and(|ordering| relation.allows(ordering)),
        }
    }

    /// The text that a record's bytes contain whenever an attribute equals this. There is none where a value that is not
    /// a string has the same text form.
    pub(super) fn required(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        let other_form = matches!(&**text, "" | "true" | "false" | "inf" | "-inf" | "NaN");
        let numeric = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        (!other_form && !numeric).then_some(text)
    }
}

impl Relation {
    fn allows(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Number {
    /// Reads decimal digits with an optional sign, fraction and exponent: `-12`, `0.5`, `1e9`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let double = || text.parse().ok().filter(|double: &f64| double.is_finite()).map(Self::Double);
        text.parse().ok().map(Self::Int).or_else(double)
    }

    fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Int(int) => Some(Self::Int((*int).into())),
            Value::Double(double) => Some(Self::Double(*double)),
            Value::Str(text) => Self::parse(text),
            Value::Bool(_) | Value::Bytes(_) | Value::Composite => None,
        }
    }

    /// `None` when one of them is not a number (NaN).
    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Double(b)) => compare_mixed(a, b),
            (Self::Double(a), Self::Int(b)) => compare_mixed(b, a).map(Ordering::reverse),
        }
    }
}

/// Compares without rounding the whole number to a double.
fn compare_mixed(int: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    if double >= INT_END {
        return Some(Ordering::Less);
    }
    if double < -INT_END {
        return Some(Ordering::Greater);
    }
    let whole = int.cmp(&(double.trunc() as i128));
    Some(whole.then_with(|| 0.0.partial_cmp(&double.fract()).unwrap_or(Ordering::Equal)))
}

/// A value as text; bytes, arrays and maps have none.
fn text_form<'a>(value: &'a Value<'_>) -> Option<Cow<'a, str>> {
    match value {
        Value::Str(text) => Some(Cow::Borrowed(text)),
        Value::Bool(true) => Some("true".into()),
        Value::Bool(false) => Some("false".into()),
        Value::Int(int) => Some(int.to_string().into()),
        Value::Double(double) => Some(double.to_string().into()),
        Value::Bytes(_) | Value::Composite => None,
    }
}
