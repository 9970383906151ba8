//! Reads a JSON object into named values, borrowing texts from the line, with bounded nesting.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::value::{Attribute, Value, keep_last};

/// How deep maps and arrays may be nested in a value. What is deeper is kept as the text of its JSON.
///
/// OpenTelemetry's encoding takes three levels of protobuf for one of these, and decoders stop at 100.
pub(crate) const MAX_DEPTH: usize = 16;

/// An object's fields in the order of the source.
#[derive(Debug, Default)]
pub(crate) struct Object<'a> {
    pub(crate) fields: Vec<Attribute<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match (ValueSeed { depth: 0 }).deserialize(deserializer)? {
            Value::Map(fields) => Ok(Self { fields }),
            _ => Err(serde::de::Error::custom("not an object")),
        }
    }
}

/// A field's name, borrowed if it has no escapes.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Reads one value at some depth.
#[derive(Clone, Copy)]
pub(super) struct ValueSeed {
    pub(super) depth: usize,
}

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        if self.depth >= MAX_DEPTH {
            let raw = <&'de RawValue>::deserialize(deserializer)?.get();
            if raw.starts_with(['{', '[']) {
                return Ok(raw.into());
            }
            return value(raw).map_err(serde::de::Error::custom);
        }
        deserializer.deserialize_any(self)
    }
}

/// The value of a text that is one JSON value.
pub(super) fn value(raw: &str) -> serde_json::Result<Value<'_>> {
    (ValueSeed { depth: 1 }).deserialize(&mut serde_json::Deserializer::from_str(raw))
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = Value<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'de>, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value<'de>, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value<'de>, E> {
        Ok(value.into())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(text.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(text.to_owned().into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value<'de>, A::Error> {
        let inner = ValueSeed { depth: self.depth + 1 };
        let mut array = Vec::new();
        while let Some(value) = values.next_element_seed(inner)? {
            array.push(value);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value<'de>, A::Error> {
        let inner = ValueSeed { depth: self.depth + 1 };
        let mut fields = Vec::new();
        while let Some(Key(name)) = entries.next_key()? {
            fields.push((name, entries.next_value_seed(inner)?));
        }
        keep_last(&mut fields, |(name, _)| name);
        Ok(Value::Map(fields))
    }
}
