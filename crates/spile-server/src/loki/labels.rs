//! The labels of a stream: read from the text of a selector, and made a resource.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::CharIndices;

use spile_engine::ResourceDef;
use spile_proto::v1::KeyValue;
use std::sync::Arc;

use super::names;
use crate::ingest::convert::text_attribute;

/// The most labels of a stream; Loki itself takes 15.
const MAX_LABELS: usize = 128;

/// The most structured metadata of an entry: more does not fit into a record.
pub(super) const MAX_PAIRS: usize = 4096;

/// The labels of a stream, as they came.
pub(super) type Labels<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// What a stream's labels say of its records.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    pub(super) resource: Option<Arc<ResourceDef>>,
    /// The level of all its records, as the label spells it.
    pub(super) level: Option<String>,
}

/// The origin of these labels.
pub(super) fn origin(labels: &[(Cow<'_, str>, Cow<'_, str>)]) -> Result<Origin, String> {
    if labels.len() > MAX_LABELS {
        return Err(too_many());
    }
    let mut attributes: Vec<KeyValue> =
        labels.iter().map(|(name, text)| text_attribute(names::attribute(name), text.as_ref())).collect();
    let ranked = labels.iter().filter_map(|(name, text)| Some((names::service_rank(name)?, text)));
    let is_named = attributes.iter().any(|attribute| attribute.key == "service.name");
    if let Some((_, service)) = ranked.min_by_key(|(rank, _)| *rank).filter(|_| !is_named) {
        attributes.push(text_attribute("service.name", service.as_ref()));
    }
    let level = labels.iter().find(|(name, _)| names::is_level(name)).map(|(_, text)| text.to_string());
    let resource = (!attributes.is_empty()).then(|| ResourceDef::new(attributes));
    Ok(Origin { resource, level })
}

/// Reads `{name="text", other="text"}`, as Prometheus writes it.
pub(super) fn parse(text: &str) -> Result<Labels<'_>, String> {
    let mut reader = Reader { text, characters: text.char_indices().peekable() };
    let mut labels = Vec::new();
    reader.expect('{')?;
    while !reader.eat('}') {
        if !labels.is_empty() {
            reader.expect(',')?;
            // A comma may stand behind the last.
            if reader.eat('}') {
                break;
            }
        }
        let name = reader.name()?;
        reader.expect('=')?;
        labels.push((Cow::Borrowed(name), Cow::Owned(reader.quoted()?)));
        if labels.len() > MAX_LABELS {
            return Err(too_many());
        }
    }
    reader.blanks();
    match reader.characters.peek() {
        None => Ok(labels),
        Some((at, _)) => Err(format!("there is more behind the labels, at byte {at}")),
    }
}

fn too_many() -> String {
    format!("has more than {MAX_LABELS} labels")
}

struct Reader<'a> {
    text: &'a str,
    characters: Peekable<CharIndices<'a>>,
}

impl<'a> Reader<'a> {
    fn blanks(&mut self) {
        while self.characters.next_if(|(_, c)| c.is_whitespace()).is_some() {}
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.blanks();
        self.characters.next_if(|(_, c)| *c == wanted).is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.eat(wanted) { Ok(()) } else { Err(format!("{wanted:?} is missing at byte {}", self.at())) }
    }

    fn at(&mut self) -> usize {
        self.characters.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn name(&mut self) -> Result<&'a str, String> {
        self.blanks();
        let start = self.at();
        while self
            .characters
            .next_if(|(_, c)| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '-'))
            .is_some()
        {}
        let name = &self.text[start..self.at()];
        if name.is_empty() { Err(format!("a label's name is missing at byte {start}")) } else { Ok(name) }
    }

    /// A text between quotes, with Go's escapes; or between backticks, as it is.
    fn quoted(&mut self) -> Result<String, String> {
        self.blanks();
        let (start, quote) = self.characters.next().ok_or("a label has no text")?;
        if !matches!(quote, '"' | '`') {
            return Err(format!("a label's text has no quote at byte {start}"));
        }
        let mut out = Vec::new();
        while let Some((_, character)) = self.characters.next() {
            match character {
                end if end == quote => return Ok(String::from_utf8_lossy(&out).into_owned()),
                '\\' if quote == '"' => self.escape(&mut out)?,
                other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        Err(format!("the text of a label that begins at byte {start} does not end"))
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let (at, character) = self.characters.next().ok_or("a label's text ends in a backslash")?;
        let simple = match character {
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'v' => 11,
            '\\' | '"' | '\'' => character as u8,
            'x' => self.digits(2, 16)? as u8,
            '0'..='7' => {
                let rest = self.digits(2, 8)?;
                (character as u32 * 64 + rest) as u8
            }
            'u' | 'U' => {
                let code = self.digits(if character == 'u' { 4 } else { 8 }, 16)?;
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(format!("an escape is not known at byte {at}")),
        };
        out.push(simple);
        Ok(())
    }

    fn digits(&mut self, count: usize, radix: u32) -> Result<u32, String> {
        let mut number = 0u32;
        for _ in 0..count {
            let at = self.at();
            let digit = self.characters.next().and_then(|(_, c)| c.to_digit(radix));
            let digit = digit.ok_or_else(|| format!("an escape has too few digits at byte {at}"))?;
            number = number.wrapping_mul(radix).wrapping_add(digit);
        }
        Ok(number)
    }
}
