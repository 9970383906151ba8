//! `ExportLogsServiceRequest` in OTLP's JSON encoding, to its protobuf bytes.
//!
//! <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>: ids in hexadecimal, enums as numbers, 64-bit numbers as text or
//! numbers, names in lower camel case, unknown names passed over. The text is written over as it is read: nothing is built of it in memory.
//! What a protobuf parser of this message would take under another name or form (names of the proto, base64 without padding) is taken, too.

mod scalar;
mod schema;
#[cfg(test)]
mod tests;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

use self::schema::{FieldSpec, Kind, MessageSpec};
use spile_columns::wire::put_bytes;

/// The protobuf bytes of a request in JSON.
///
/// # Errors
/// Where and why it is not such a request.
pub fn read_request(text: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut json = serde_json::Deserializer::from_slice(text);
    (&mut json).deserialize_map(MessageVisitor { spec: &schema::REQUEST, out: &mut out })?;
    json.end()?;
    Ok(out)
}

/// Reads an object into the fields of a message.
struct MessageVisitor<'a> {
    spec: &'static MessageSpec,
    out: &'a mut Vec<u8>,
}

impl<'de> Visitor<'de> for MessageVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the fields of {}", self.spec.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(field) = map.next_key_seed(FieldName(self.spec))? {
            match field {
                Some(field) => map.next_value_seed(FieldValue { field, out: self.out })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Reads a name; `None` for one that is not known.
struct FieldName(&'static MessageSpec);

impl<'de> DeserializeSeed<'de> for FieldName {
    type Value = Option<&'static FieldSpec>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldName {
    type Value = Option<&'static FieldSpec>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.fields.iter().find(|field| field.json == name || field.proto == name))
    }
}

/// Reads a field's value and appends it. `null` stands for none.
struct FieldValue<'a> {
    field: &'static FieldSpec,
    out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for FieldValue<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl FieldValue<'_> {
    fn wrong<E: serde::de::Error>(&self, given: impl fmt::Display) -> E {
        E::custom(format_args!("{} must be {}, not {given}", self.field.json, self.field.kind.expected()))
    }

    /// Makes an error name the field.
    fn named<E: serde::de::Error>(&self, put: Result<(), String>) -> Result<(), E> {
        put.map_err(|why| E::custom(format_args!("{}: {why}", self.field.json)))
    }
}

impl<'de> Visitor<'de> for FieldValue<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.kind.expected())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<(), E> {
        let put = scalar::put_bool(self.field, truth, self.out);
        if put { Ok(()) } else { Err(self.wrong(truth)) }
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        let put = scalar::put_whole(self.field, number.into(), self.out);
        self.named(put)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        let put = scalar::put_whole(self.field, number.into(), self.out);
        self.named(put)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        let put = scalar::put_float(self.field, number, self.out);
        self.named(put)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let put = scalar::put_text(self.field, text, self.out);
        self.named(put)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        match self.field.kind {
            Kind::Message(spec) if !self.field.repeated => {
                let mut inner = Vec::new();
                MessageVisitor { spec, out: &mut inner }.visit_map(map)?;
                put_bytes(self.out, self.field.number, &inner);
                Ok(())
            }
            _ => Err(self.wrong("an object")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if !self.field.repeated {
            return Err(self.wrong("an array"));
        }
        while list.next_element_seed(Element { field: self.field, out: self.out })?.is_some() {}
        Ok(())
    }
}

/// Reads an element of a repeated field and appends it.
struct Element<'a> {
    field: &'static FieldSpec,
    out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, element: D) -> Result<(), D::Error> {
        match self.field.kind {
            Kind::Message(spec) => {
                let mut inner = Vec::new();
                element.deserialize_map(MessageVisitor { spec, out: &mut inner })?;
                put_bytes(self.out, self.field.number, &inner);
                Ok(())
            }
            Kind::Text => {
                let text = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(element)?;
                scalar::put_text(self.field, &text, self.out).map_err(D::Error::custom)
            }
            _ => unreachable!("the schema repeats messages and texts only"),
        }
    }
}
