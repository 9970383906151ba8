//! Values of attributes and bodies (`AnyValue`, `KeyValue`), as they stand on the wire: checked, and mended where text is not UTF-8.
//!
//! Some senders put any bytes into text fields. Their records are worth keeping: such a value becomes bytes, which are shown and restored
//! exactly, and in such a key the wrong bytes become U+FFFD.

use spile_columns::wire::{Fields, WireError, WireValue, put_bytes, put_varint};
use thiserror::Error;

use crate::field::{LIST_VALUES, pair, value};

/// How deep values may nest: what the engine takes.
pub(crate) const MAX_NESTING: u32 = 16;

/// Why a value is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// Not a protobuf message.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A field has another type than the contract says.
    #[error("a value has the wrong wire type")]
    FieldType,
    /// It nests too deep.
    #[error("values nest more than {MAX_NESTING} deep")]
    Deep,
}

/// Checks a `KeyValue`; `false`: it has text that is not UTF-8.
pub(crate) fn check_pair(bytes: &[u8], nesting: u32) -> Result<bool, ValueError> {
    let mut is_text = true;
    for field in Fields::new(bytes) {
        let field = field?;
        match (field.number, field.value) {
            (pair::KEY, WireValue::Bytes(key)) => is_text &= std::str::from_utf8(key).is_ok(),
            (pair::VALUE, WireValue::Bytes(value)) => is_text &= check(value, nesting)?,
            (pair::KEY | pair::VALUE, _) => return Err(ValueError::FieldType),
            _ => {}
        }
    }
    Ok(is_text)
}

/// Checks an `AnyValue`; `false`: it has text that is not UTF-8.
pub(crate) fn check(bytes: &[u8], nesting: u32) -> Result<bool, ValueError> {
    let nesting = nesting.checked_sub(1).ok_or(ValueError::Deep)?;
    let mut is_text = true;
    for field in Fields::new(bytes) {
        let field = field?;
        match (field.number, field.value) {
            (value::STRING, WireValue::Bytes(text)) => is_text &= std::str::from_utf8(text).is_ok(),
            (value::BOOL | value::INT, WireValue::Varint(_))
            | (value::DOUBLE, WireValue::Fixed64(_))
            | (value::BYTES, WireValue::Bytes(_)) => {}
            (value::ARRAY, WireValue::Bytes(list)) => {
                is_text &= check_list(list, |element| check(element, nesting))?;
            }
            (value::KVLIST, WireValue::Bytes(list)) => {
                is_text &= check_list(list, |element| check_pair(element, nesting))?;
            }
            (value::STRING..=value::BYTES, _) => return Err(ValueError::FieldType),
            _ => {}
        }
    }
    Ok(is_text)
}

fn check_list(list: &[u8], check: impl Fn(&[u8]) -> Result<bool, ValueError>) -> Result<bool, ValueError> {
    let mut is_text = true;
    for element in Fields::new(list) {
        match element?.value {
            WireValue::Bytes(element) => is_text &= check(element)?,
            _ => return Err(ValueError::FieldType),
        }
    }
    Ok(is_text)
}

/// Appends a checked `KeyValue` with its text mended.
pub(crate) fn mend_pair(bytes: &[u8], out: &mut Vec<u8>) {
    for field in Fields::new(bytes).flatten() {
        match (field.number, field.value) {
            (pair::KEY, WireValue::Bytes(key)) => {
                put_bytes(out, pair::KEY, String::from_utf8_lossy(key).as_bytes());
            }
            (pair::VALUE, WireValue::Bytes(value)) => put_mended(out, pair::VALUE, value, mend),
            _ => {}
        }
    }
}

/// Appends a checked `AnyValue` with its text mended.
pub(crate) fn mend(bytes: &[u8], out: &mut Vec<u8>) {
    for field in Fields::new(bytes).flatten() {
        match (field.number, field.value) {
            (value::STRING, WireValue::Bytes(text)) => {
                let is_text = std::str::from_utf8(text).is_ok();
                put_bytes(out, if is_text { value::STRING } else { value::BYTES }, text);
            }
            (value::ARRAY, WireValue::Bytes(list)) => put_mended_list(out, value::ARRAY, list, mend),
            (value::KVLIST, WireValue::Bytes(list)) => put_mended_list(out, value::KVLIST, list, mend_pair),
            (value::BYTES, WireValue::Bytes(bytes)) => put_bytes(out, value::BYTES, bytes),
            (number @ (value::BOOL | value::INT), WireValue::Varint(bits)) => {
                put_varint(out, u64::from(number) << 3);
                put_varint(out, bits);
            }
            (value::DOUBLE, WireValue::Fixed64(bits)) => {
                put_varint(out, u64::from(value::DOUBLE) << 3 | 1);
                out.extend_from_slice(&bits.to_le_bytes());
            }
            _ => {}
        }
    }
}

fn put_mended_list(out: &mut Vec<u8>, number: u32, list: &[u8], mend: fn(&[u8], &mut Vec<u8>)) {
    let mut mended = Vec::with_capacity(list.len());
    for element in Fields::new(list).flatten() {
        if let WireValue::Bytes(element) = element.value {
            put_mended(&mut mended, LIST_VALUES, element, mend);
        }
    }
    put_bytes(out, number, &mended);
}

fn put_mended(out: &mut Vec<u8>, number: u32, bytes: &[u8], mend: fn(&[u8], &mut Vec<u8>)) {
    let mut mended = Vec::with_capacity(bytes.len());
    mend(bytes, &mut mended);
    put_bytes(out, number, &mended);
}

/// The key and the value of a `KeyValue`.
pub(crate) fn split_pair(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
    for field in Fields::new(bytes).flatten() {
        match (field.number, field.value) {
            (pair::KEY, WireValue::Bytes(bytes)) => key = bytes,
            (pair::VALUE, WireValue::Bytes(bytes)) => value = bytes,
            _ => {}
        }
    }
    (key, value)
}

/// Appends a `KeyValue` as the field `number`.
pub(crate) fn put_pair(out: &mut Vec<u8>, number: u32, key: &[&[u8]], value: &[u8]) {
    let mut encoded = Vec::with_capacity(key.iter().map(|part| part.len()).sum::<usize>() + value.len() + 12);
    put_bytes(&mut encoded, pair::KEY, &key.concat());
    put_bytes(&mut encoded, pair::VALUE, value);
    put_bytes(out, number, &encoded);
}

/// The `AnyValue` of a text.
pub(crate) fn of_text(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 6);
    put_bytes(&mut out, value::STRING, text);
    out
}

/// The `AnyValue` of a whole number.
pub(crate) fn of_int(number: i64) -> Vec<u8> {
    let mut out = vec![(value::INT << 3) as u8];
    put_varint(&mut out, number as u64);
    out
}

/// The text of an `AnyValue` that is one.
pub(crate) fn text(any_value: &[u8]) -> Option<&[u8]> {
    Fields::new(any_value).flatten().last().and_then(|field| match (field.number, field.value) {
        (value::STRING, WireValue::Bytes(text)) => Some(text),
        _ => None,
    })
}

/// The whole number of an `AnyValue` that is one.
pub(crate) fn int(any_value: &[u8]) -> Option<i64> {
    Fields::new(any_value).flatten().last().and_then(|field| match (field.number, field.value) {
        (value::INT, WireValue::Varint(number)) => Some(number as i64),
        _ => None,
    })
}
