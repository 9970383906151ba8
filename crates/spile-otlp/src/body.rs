//! A body: OTLP's value to Spile's text with its kind, and back.

use spile_columns::json;
use spile_columns::wire::{Fields, WireValue, put_bytes};

use crate::field::{body_kind, value};
use crate::value as values;
use crate::value::ValueError;

/// A body as Spile keeps it.
pub(crate) struct Body<'a> {
    pub(crate) text: std::borrow::Cow<'a, [u8]>,
    /// A number of `spile.v1.BodyKind`.
    pub(crate) kind: u64,
    /// The value itself, where the text does not give it back.
    pub(crate) beside: Option<Vec<u8>>,
}

/// The body of a checked-to-be `AnyValue`.
pub(crate) fn read(any_value: &[u8]) -> Result<Body<'_>, ValueError> {
    let is_text = values::check(any_value, values::MAX_NESTING)?;
    let last = Fields::new(any_value).flatten().filter(|field| field.number <= value::BYTES).last();
    let Some(last) = last else {
        return Ok(Body { text: (&[][..]).into(), kind: 0, beside: None });
    };
    Ok(match (last.number, last.value) {
        (value::STRING, WireValue::Bytes(text)) if is_text => {
            Body { text: text.into(), kind: 0, beside: None }
        }
        (value::STRING | value::BYTES, WireValue::Bytes(bytes)) => {
            let text = spile_lines::escape(bytes).into_bytes().into();
            Body { text, kind: body_kind::ESCAPED, beside: None }
        }
        _ => {
            let mut mended = Vec::new();
            let structured = if is_text {
                any_value
            } else {
                values::mend(any_value, &mut mended);
                &mended
            };
            let text = json::write_value(structured);
            let restored = json::read_value(&text);
            let beside = (restored.as_deref() != Some(structured)).then(|| structured.to_vec());
            Body { text: text.into(), kind: body_kind::JSON, beside }
        }
    })
}

/// The `AnyValue` of a text of this kind, `None` for no body; and the name of the kind where the value does not tell it.
pub(crate) fn write(text: &[u8], kind: u64) -> (Option<Vec<u8>>, Option<&'static str>) {
    match kind {
        body_kind::JSON => {
            // No value at all stands for no body, and a text for a plain one.
            let any_value = json::read_value(text)
                .filter(|value| !value.is_empty() && values::text(value).is_none())
                .filter(|value| json::write_value(value) == text);
            match any_value {
                Some(any_value) => (Some(any_value), None),
                None => (Some(values::of_text(text)), Some("json")),
            }
        }
        body_kind::ESCAPED => {
            let bytes = std::str::from_utf8(text).ok().map(|text| (text, spile_lines::unescape(text)));
            match bytes.filter(|(text, bytes)| spile_lines::escape(bytes) == *text) {
                Some((_, bytes)) => {
                    let mut any_value = Vec::with_capacity(bytes.len() + 6);
                    put_bytes(&mut any_value, value::BYTES, &bytes);
                    (Some(any_value), None)
                }
                None => (Some(values::of_text(text)), Some("escaped")),
            }
        }
        _ if text.is_empty() => (None, None),
        _ => (Some(values::of_text(text)), None),
    }
}

/// The number of a kind by its name.
pub(crate) fn kind_named(name: &[u8]) -> Option<u64> {
    match name {
        b"json" => Some(body_kind::JSON),
        b"escaped" => Some(body_kind::ESCAPED),
        _ => None,
    }
}
