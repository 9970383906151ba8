//! The configuration file: TOML, one key for each setting, no tables.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::problems::Problems;
use super::setting::Text;
use super::table;

/// The settings that a file gives, by name.
#[derive(Debug, Default)]
pub(super) struct FileSettings {
    pub(super) texts: BTreeMap<String, Text>,
    pub(super) path: String,
}

impl FileSettings {
    /// Reads the file at `path`. What is wrong with it goes to `problems`; what is right with it is still given.
    pub(super) fn read(path: &Path, problems: &mut Problems) -> Self {
        let shown = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(contents) => Self::parse(&shown, &contents, problems),
            Err(error) => {
                problems.add(shown, format!("cannot be read: {error}"));
                Self::default()
            }
        }
    }

    /// Reads the file's contents.
    pub(super) fn parse(path: &str, contents: &str, problems: &mut Problems) -> Self {
        let table: Table = match contents.parse() {
            Ok(table) => table,
            Err(error) => {
                problems.add(path, format!("is not TOML: {}", not_toml(contents, &error)));
                return Self::default();
            }
        };
        let mut texts = BTreeMap::new();
        for (key, value) in table {
            if !table::settings().any(|setting| setting.name == key) {
                problems.add(format!("{key} ({path})"), unknown_key(&key));
                continue;
            }
            match text_of(value) {
                Some(text) => drop(texts.insert(key, text)),
                None => problems.add(
                    format!("{key} ({path})"),
                    "has a value of a kind that no setting takes; use a string, a whole number, true, false or a list of strings",
                ),
            }
        }
        Self { texts, path: path.to_owned() }
    }
}

/// What is wrong and where. The line itself is not shown: it may hold a password.
fn not_toml(contents: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| contents[..span.start.min(contents.len())].matches('\n').count() + 1);
    match line {
        Some(line) => format!("{} (line {line})", error.message()),
        None => error.message().to_owned(),
    }
}

fn text_of(value: Value) -> Option<Text> {
    match value {
        Value::String(text) => Some(Text::One(text)),
        Value::Integer(number) => Some(Text::One(number.to_string())),
        Value::Boolean(on) => Some(Text::One(on.to_string())),
        Value::Array(items) => {
            let texts = items.into_iter().map(|item| item.as_str().map(str::to_owned));
            Some(Text::Many(texts.collect::<Option<_>>()?))
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

/// Says that a key is unknown, and which known one is near.
fn unknown_key(key: &str) -> String {
    let wanted = key.replace('_', "-").to_lowercase();
    let near = table::settings().map(|setting| setting.name);
    let near = near
        .filter(|name| name.contains(&wanted) || wanted.contains(name))
        .min_by_key(|name| name.len().abs_diff(wanted.len()));
    match near {
        Some(name) => format!("there is no such setting; did you mean `{name}`?"),
        None => "there is no such setting; `spile-server --init-config` prints all of them".into(),
    }
}
