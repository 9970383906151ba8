//! logfmt: `time=2024-01-31T23:59:59Z level=info msg="some text" attempt=3`.

use std::borrow::Cow;

use crate::fields::{Role, Scale, assign, role_of};
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::time::Context;
use crate::value::{Attribute, Value, keep_last};

/// A line of at least two pairs. Words that are no pairs are allowed only if there is a time or a level among the pairs.
///
/// The body is the whole line, so the text stays an attribute like any other pair.
pub(crate) fn read<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut parsed = ParsedLine::new(Format::Logfmt, line);
    let mut pairs = Pairs::new(line);
    let (mut count, mut has_words) = (0, false);
    for (key, value) in &mut pairs {
        // A word alone is part of the text rather than a field.
        if value == PairValue::Word {
            has_words = true;
            continue;
        }
        if !is_key(key) {
            return None;
        }
        count += 1;
        let role = match role_of(key) {
            Role::Message(_) => Role::Attribute,
            // Heroku's name for the level.
            Role::Attribute if key == "at" => Role::Level(Scale::BySize),
            // log15's name for the time.
            Role::Attribute if key == "t" && value.is_long() => Role::Time,
            role => role,
        };
        // As a text, a time keeps every digit, and an id its leading zeros.
        let bare = value.bare();
        let value = if role == Role::Attribute { value.typed() } else { value.text() };
        if let Err(value) = assign(role, value, &mut parsed, context) {
            let value = bare.map_or(value, |text| PairValue::Bare(text).typed());
            parsed.attributes.push((Cow::Borrowed(key), value));
        }
    }
    keep_last(&mut parsed.attributes, |(name, _)| name);
    let is_certain = parsed.time_unix_nano.is_some() || parsed.severity_number > 0;
    (pairs.is_done() && count >= 2 && (is_certain || !has_words)).then_some(parsed)
}

/// The pairs at the end of a line of another format, as attributes.
pub(super) fn attributes(text: &str) -> impl Iterator<Item = Attribute<'_>> {
    let pairs = Pairs::new(text).filter(|(_, value)| *value != PairValue::Word);
    pairs.map(|(key, value)| (Cow::Borrowed(key), value.typed()))
}

fn is_key(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'@'))
}

/// What stands after `=`.
#[derive(Debug, PartialEq, Eq)]
enum PairValue<'a> {
    /// Not even a `=`.
    Word,
    Bare(&'a str),
    Quoted(Cow<'a, str>),
}

impl<'a> PairValue<'a> {
    /// The value with its type: only what is not quoted can be a number or a truth value.
    fn typed(self) -> Value<'a> {
        match self {
            Self::Word | Self::Bare("true") => Value::Bool(true),
            Self::Bare("false") => Value::Bool(false),
            Self::Bare(text) => number(text).unwrap_or(Value::Str(Cow::Borrowed(text))),
            Self::Quoted(text) => Value::Str(text),
        }
    }

    fn bare(&self) -> Option<&'a str> {
        match self {
            Self::Bare(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is long enough to be a spelled-out time.
    fn is_long(&self) -> bool {
        match self {
            Self::Word => false,
            Self::Bare(text) => text.len() >= 19,
            Self::Quoted(text) => text.len() >= 19,
        }
    }

    fn text(self) -> Value<'a> {
        match self {
            Self::Word => Value::Bool(true),
            Self::Bare(text) => text.into(),
            Self::Quoted(text) => text.into(),
        }
    }
}

/// A number, if writing it again gives the same text: `007` and `1e5` are texts.
fn number<'a>(text: &str) -> Option<Value<'a>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits =
        |text: &str| !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || whole.len() > 1 && whole.starts_with('0') || text == "-0"
    {
        return None;
    }
    if digits.len() == whole.len() {
        return text.parse().ok().map(Value::I64);
    }
    text.parse().ok().map(Value::F64)
}

/// Reads pairs until the end of the text, or the first word that is none.
struct Pairs<'a> {
    scanner: Scanner<'a>,
}

impl<'a> Pairs<'a> {
    fn new(text: &'a str) -> Self {
        Self { scanner: Scanner::new(text) }
    }

    /// Whether all of the text was read.
    fn is_done(&self) -> bool {
        self.scanner.is_done()
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, PairValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.scanner.blanks();
        let mut ahead = self.scanner;
        let key = ahead.take_until(|byte| matches!(byte, b'=' | b' ' | b'\t' | b'"'));
        if key.is_empty() {
            return None;
        }
        let value = match ahead.peek() {
            Some(b'=') => {
                ahead.skip(1);
                match ahead.peek() {
                    Some(b'"') => PairValue::Quoted(unescaped(ahead.quoted()?)),
                    _ => PairValue::Bare(ahead.word()),
                }
            }
            Some(b'"') => return None,
            _ => PairValue::Word,
        };
        if !matches!(ahead.peek(), None | Some(b' ' | b'\t')) {
            return None;
        }
        self.scanner = ahead;
        Some((key, value))
    }
}

/// A quoted value without its backslashes.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('\\', Some(escape @ ('n' | 't' | 'r' | '"' | '\\'))) => {
                characters.next();
                out.push(match escape {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    other => other,
                });
            }
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}
