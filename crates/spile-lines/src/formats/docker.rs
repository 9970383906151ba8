//! Docker's json-file driver: `{"log":"text\n","stream":"stdout","time":"2024-01-31T23:59:59.123456789Z"}`.

use std::borrow::Cow;

use serde::Deserialize;

use super::json;
use crate::scan::Scanner;
use crate::time::{self, Context, Stamp, UtcOffset};
use crate::value::{Attribute, Value};

/// How each line of such a file begins.
pub(crate) const PREFIX: &[u8] = br#"{"log":"#;

/// A line taken out of its wrapper.
pub(crate) struct Entry<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) stream: &'static str,
    pub(crate) stamp: Stamp,
    /// Docker cuts lines at 16 KiB; only the last piece ends in a newline.
    pub(crate) is_partial: bool,
    /// Labels and variables of the container that the driver was told to write.
    pub(crate) attributes: Vec<Attribute<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw<'a> {
    #[serde(borrow)]
    log: Cow<'a, str>,
    #[serde(borrow)]
    stream: Cow<'a, str>,
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow, default)]
    attrs: Option<json::Object<'a>>,
}

pub(crate) fn read(line: &str) -> Option<Entry<'_>> {
    let raw: Raw<'_> = serde_json::from_str(line).ok()?;
    let stream = match raw.stream.as_ref() {
        "stdout" => "stdout",
        "stderr" => "stderr",
        _ => return None,
    };
    // The time always has a zone: nothing of the context is used.
    let unused = Context { now: 0, offset: UtcOffset::UTC };
    let stamp = time::numeric(&mut Scanner::new(&raw.time))?.resolve(&unused)?;
    let (text, is_partial) = without_newline(raw.log);
    let attributes = raw.attrs.map(|object| object.fields).unwrap_or_default();
    let attributes = attributes.into_iter().filter(|(_, value)| !matches!(value, Value::Null)).collect();
    Some(Entry { text, stream, stamp, is_partial, attributes })
}

fn without_newline(text: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    let Some(line) = text.strip_suffix('\n') else { return (text, true) };
    let len = line.strip_suffix('\r').unwrap_or(line).len();
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..len).unwrap_or(text)),
        Cow::Owned(mut text) => {
            text.truncate(len);
            Cow::Owned(text)
        }
    };
    (text, false)
}
