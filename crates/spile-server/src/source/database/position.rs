//! Where a row stands: the values of the cursor's columns, which are remembered as text.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value of a cursor's column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    /// A whole number (SQLite).
    Integer(i64),
    /// A number with a fraction (SQLite).
    Real(f64),
    /// A text; from PostgreSQL any value, in the form that it has as text there.
    Text(String),
}

/// The values of the cursor's columns of one row, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Position(pub(super) Vec<Key>);

impl Position {
    /// The texts of the values.
    pub(super) fn texts(&self) -> Vec<String> {
        self.0.iter().map(Key::to_string).collect()
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts().join(", "))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// As one text with its kind before it, so that numbers of all sizes come back exactly.
impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = match self {
            Self::Integer(_) => 'i',
            Self::Real(_) => 'r',
            Self::Text(_) => 't',
        };
        serializer.collect_str(&format_args!("{kind}:{self}"))
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let key = match text.split_once(':') {
            Some(("i", number)) => number.parse().ok().map(Self::Integer),
            Some(("r", number)) => number.parse().ok().map(Self::Real),
            Some(("t", text)) => Some(Self::Text(text.to_owned())),
            _ => None,
        };
        key.ok_or_else(|| serde::de::Error::custom("not a value of a cursor"))
    }
}
