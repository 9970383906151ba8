//! Attributes as JSON text, and the wire form back from it.
//!
//! The text keeps the types that JSON can tell apart: whole numbers are written without a fraction, floating-point numbers always with a fraction or
//! an exponent. What JSON cannot say (bytes, numbers that are not finite) is written as text for readers; `read_attributes` then gives other
//! bytes back than were written, which the builder finds out by trying.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::wire::{Fields, WireValue, put_bytes, put_varint};

/// How deep values nest at most; ingest takes 16.
const MAX_NESTING: u32 = 32;

/// The JSON text of an `AnyValue` message that was checked.
#[must_use]
pub fn write_value(any_value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(any_value.len() + 16);
    put_value(&mut out, any_value, MAX_NESTING);
    out
}

/// The `AnyValue` message of a text that [`write_value`] wrote; `None` when it is not such text.
#[must_use]
pub fn read_value(text: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { text, at: 0 };
    let mut any_value = Vec::with_capacity(text.len());
    reader.value(&mut any_value, MAX_NESTING)?;
    (reader.at == text.len()).then_some(any_value)
}

/// Appends a JSON object of `KeyValue` messages.
pub(crate) fn put_object<'a>(out: &mut Vec<u8>, pairs: impl Iterator<Item = &'a [u8]>) {
    out.push(b'{');
    for (nth, pair) in pairs.enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        put_pair(out, pair, MAX_NESTING);
    }
    out.push(b'}');
}

fn put_pair(out: &mut Vec<u8>, pair: &[u8], nesting: u32) {
    let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
    for item in Fields::new(pair).flatten() {
        match (item.number, item.value) {
            (1, WireValue::Bytes(bytes)) => key = bytes,
            (2, WireValue::Bytes(bytes)) => value = bytes,
            _ => {}
        }
    }
    put_string(out, key);
    out.push(b':');
    put_value(out, value, nesting);
}

fn put_value(out: &mut Vec<u8>, any_value: &[u8], nesting: u32) {
    let Some(item) = Fields::new(any_value).flatten().last().filter(|_| nesting > 0) else {
        out.extend_from_slice(b"null");
        return;
    };
    match (item.number, item.value) {
        (1, WireValue::Bytes(text)) => put_string(out, text),
        (2, WireValue::Varint(truth)) => out.extend_from_slice(if truth == 0 { b"false" } else { b"true" }),
        (3, WireValue::Varint(number)) => out.extend_from_slice((number as i64).to_string().as_bytes()),
        (4, WireValue::Fixed64(bits)) => match f64::from_bits(bits) {
            number if number.is_finite() => out.extend_from_slice(format!("{number:?}").as_bytes()),
            number => put_string(out, not_finite(number)),
        },
        (5, WireValue::Bytes(array)) => {
            put_list(out, b"[]", array, |out, element| put_value(out, element, nesting - 1));
        }
        (6, WireValue::Bytes(map)) => {
            put_list(out, b"{}", map, |out, pair| put_pair(out, pair, nesting - 1));
        }
        (7, WireValue::Bytes(bytes)) => put_string(out, STANDARD.encode(bytes).as_bytes()),
        _ => out.extend_from_slice(b"null"),
    }
}

/// As the JSON form of protobuf writes it.
fn not_finite(number: f64) -> &'static [u8] {
    if number.is_nan() {
        b"NaN"
    } else if number > 0.0 {
        b"Infinity"
    } else {
        b"-Infinity"
    }
}

fn put_list(out: &mut Vec<u8>, brackets: &[u8; 2], list: &[u8], put: impl Fn(&mut Vec<u8>, &[u8])) {
    out.push(brackets[0]);
    let mut first = true;
    for item in Fields::new(list).flatten() {
        if let (1, WireValue::Bytes(element)) = (item.number, item.value) {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            put(out, element);
        }
    }
    out.push(brackets[1]);
}

/// Appends a JSON string (RFC 8259): only what must be escaped is.
pub(crate) fn put_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut plain = 0;
    for (at, &byte) in text.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&text[plain..]);
    out.push(b'"');
}

/// Appends the `KeyValue`s of an object that [`put_object`] wrote, each as a field `number`. `None` when it is not such text; then some may have
/// been appended.
pub(crate) fn read_attributes(text: &[u8], number: u32, out: &mut Vec<u8>) -> Option<()> {
    let mut reader = Reader { text, at: 0 };
    let mut pair = Vec::with_capacity(64);
    reader.list(b'{', b'}', |reader| {
        pair.clear();
        reader.pair(&mut pair, MAX_NESTING)?;
        put_bytes(out, number, &pair);
        Some(())
    })?;
    (reader.at == text.len()).then_some(())
}

/// Reads the subset of JSON that is written here: no white space, escapes as above.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn list(&mut self, open: u8, close: u8, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(open)?;
        if self.take(close).is_some() {
            return Some(());
        }
        loop {
            element(self)?;
            if self.take(b',').is_none() {
                return self.take(close);
            }
        }
    }

    fn pair(&mut self, out: &mut Vec<u8>, nesting: u32) -> Option<()> {
        let key = self.string()?;
        if !key.is_empty() {
            put_bytes(out, 1, &key);
        }
        self.take(b':')?;
        self.value_field(2, out, nesting)
    }

    /// Appends a value as a length-delimited field.
    fn value_field(&mut self, number: u32, out: &mut Vec<u8>, nesting: u32) -> Option<()> {
        let mut value = Vec::with_capacity(32);
        self.value(&mut value, nesting)?;
        put_bytes(out, number, &value);
        Some(())
    }

    fn value(&mut self, out: &mut Vec<u8>, nesting: u32) -> Option<()> {
        let nesting = nesting.checked_sub(1)?;
        match self.peek()? {
            b'"' => put_bytes(out, 1, &self.string()?),
            b't' => {
                self.word(b"true")?;
                out.extend_from_slice(&[2 << 3, 1]);
            }
            b'f' => {
                self.word(b"false")?;
                out.extend_from_slice(&[2 << 3, 0]);
            }
            b'n' => self.word(b"null")?,
            b'[' => {
                let mut array = Vec::new();
                self.list(b'[', b']', |reader| reader.value_field(1, &mut array, nesting))?;
                put_bytes(out, 5, &array);
            }
            b'{' => {
                let mut map = Vec::new();
                let mut pair = Vec::new();
                self.list(b'{', b'}', |reader| {
                    pair.clear();
                    reader.pair(&mut pair, nesting)?;
                    put_bytes(&mut map, 1, &pair);
                    Some(())
                })?;
                put_bytes(out, 6, &map);
            }
            _ => self.number(out)?,
        }
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    fn number(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let rest = &self.text[self.at..];
        let of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.iter().take_while(|byte| of_number(byte)).count();
        let text = std::str::from_utf8(&rest[..length]).ok()?;
        self.at += length;
        if text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
            out.push(4 << 3 | 1);
            out.extend_from_slice(&text.parse::<f64>().ok()?.to_bits().to_le_bytes());
        } else {
            out.push(3 << 3);
            put_varint(out, text.parse::<i64>().ok()? as u64);
        }
        Some(())
    }

    fn string(&mut self) -> Option<Cow<'a, [u8]>> {
        self.take(b'"')?;
        let text = self.text;
        let rest = &text[self.at..];
        let end = rest.iter().position(|&byte| byte == b'"' || byte == b'\\')?;
        if rest[end] == b'"' {
            self.at += end + 1;
            return Some(rest[..end].into());
        }
        let mut text = rest[..end].to_vec();
        self.at += end;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(text.into());
                }
                b'\\' => {
                    self.at += 1;
                    self.escape(&mut text)?;
                }
                byte => {
                    text.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let escape = self.peek()?;
        self.at += 1;
        text.push(match escape {
            b'"' | b'\\' => escape,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let digits = std::str::from_utf8(self.text.get(self.at..self.at + 4)?).ok()?;
                self.at += 4;
                u8::from_str_radix(digits, 16).ok().filter(|control| *control < 0x20)?
            }
            _ => return None,
        });
        Some(())
    }
}
