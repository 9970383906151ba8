//! The columns of an SQLite table or query, and the values in them.

use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::source::database::address::{DatabaseAddress, Rows};
use crate::source::database::columns::missing;
use crate::source::database::position::Key;
use crate::source::database::row::{Cell, MAX_VALUE_BYTES};
use crate::source::database::trouble::Trouble;

/// A cursor that is made by a clock, or elsewhere, may be older than its neighbours by about this when it becomes visible.
pub(super) const CLOCK_LAG: Duration = Duration::from_secs(1);

/// The names under which every table has its row's number.
const ROW_NUMBERS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// What is read of each row.
pub(super) struct Shape {
    /// Names, with what the declared type says.
    pub(super) columns: Vec<(String, Declared)>,
    pub(super) cursor: Vec<String>,
    /// Whether the cursor's first column holds whole numbers.
    pub(super) is_number: bool,
}

/// What a column's declared type says of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Bool,
    Json,
    Integer,
    Other,
}

impl Declared {
    fn of(declared: Option<&str>) -> Self {
        let declared = declared.unwrap_or_default().to_ascii_uppercase();
        match declared.as_str() {
            "JSON" => Self::Json,
            text if text.starts_with("BOOL") => Self::Bool,
            text if text.contains("INT") => Self::Integer,
            _ => Self::Other,
        }
    }
}

impl Shape {
    /// Asks what the rows look like.
    pub(super) fn of(connection: &Connection, address: &DatabaseAddress) -> Result<Self, Trouble> {
        let statement = connection.prepare(&format!("SELECT q.* FROM {}", from_clause(&address.rows)))?;
        let columns: Vec<(String, Declared)> = statement
            .columns()
            .map(|column| (column.name().to_owned(), Declared::of(column.decl_type())))
            .collect();
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let is_row_number = |name: &str| ROW_NUMBERS.iter().any(|known| name.eq_ignore_ascii_case(known));
        let declared = |name: &str| {
            columns.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, of)| *of)
        };
        for name in &address.cursor {
            if declared(name).is_none() && !(is_row_number(name) && matches!(address.rows, Rows::Table(_))) {
                return Err(missing(name, &names));
            }
        }
        let first = address.cursor.first().map_or("", String::as_str);
        let is_number = declared(first).map_or(is_row_number(first), |of| of == Declared::Integer);
        let mut cursor = address.cursor.clone();
        for column in primary_key(connection, &address.rows)? {
            // Rows with the same cursor are told apart by the primary key.
            if !cursor.iter().any(|name| name.eq_ignore_ascii_case(&column) || is_row_number(name)) {
                cursor.push(column);
            }
        }
        Ok(Self { columns, cursor, is_number })
    }
}

fn primary_key(connection: &Connection, rows: &Rows) -> Result<Vec<String>, Trouble> {
    let Rows::Table(table) = rows else { return Ok(Vec::new()) };
    let (schema, table) = table.split_once('.').unwrap_or(("main", table));
    let mut statement =
        connection.prepare("SELECT name FROM pragma_table_info(?1, ?2) WHERE pk > 0 ORDER BY pk")?;
    let unquoted = [table.trim_matches('"'), schema.trim_matches('"')];
    let names = statement.query_map(unquoted, |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// What rows are selected from, under the name `q`.
pub(super) fn from_clause(rows: &Rows) -> String {
    match rows {
        Rows::Table(table) => {
            let parts = table.split('.').map(|part| identifier(part.trim_matches('"')));
            format!("{} AS q", parts.collect::<Vec<_>>().join("."))
        }
        // On a line of its own, so that a comment at its end ends there.
        Rows::Query(query) => format!("({query}\n) AS q"),
    }
}

/// A name as it is, whatever characters it has.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A value of a cursor's column.
pub(super) fn key(value: ValueRef<'_>) -> Result<Key, Trouble> {
    match value {
        ValueRef::Integer(number) => Ok(Key::Integer(number)),
        ValueRef::Real(number) => Ok(Key::Real(number)),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Ok(Key::Text(text.to_owned())),
            Err(_) => Err(Trouble::Shape("the cursor has a text that is not UTF-8".into())),
        },
        ValueRef::Null | ValueRef::Blob(_) => {
            Err(Trouble::Shape("the cursor must be a number or a text".into()))
        }
    }
}

/// A value of any column.
pub(super) fn cell(value: ValueRef<'_>, declared: Declared) -> Cell {
    match (value, declared) {
        (ValueRef::Null, _) => Cell::Null,
        (ValueRef::Integer(number @ 0..=1), Declared::Bool) => Cell::Bool(number == 1),
        (ValueRef::Integer(number), _) => Cell::Integer(number),
        (ValueRef::Real(number), _) => Cell::Real(number),
        (ValueRef::Blob(bytes), _) => {
            let kept = &bytes[..bytes.len().min(MAX_VALUE_BYTES)];
            cut_cell(Cell::Bytes(kept.to_vec()), bytes.len() - kept.len())
        }
        (ValueRef::Text(bytes), declared) => text_cell(bytes, declared),
    }
}

fn text_cell(bytes: &[u8], declared: Declared) -> Cell {
    let mut kept = &bytes[..bytes.len().min(MAX_VALUE_BYTES)];
    // Not in the middle of a character.
    if kept.len() < bytes.len()
        && let Err(error) = std::str::from_utf8(kept)
        && error.error_len().is_none()
    {
        kept = &kept[..error.valid_up_to()];
    }
    let cut = bytes.len() - kept.len();
    let text = match std::str::from_utf8(kept) {
        Ok(text) => text.to_owned(),
        Err(_) => spile_lines::escape(kept),
    };
    let cell = if declared == Declared::Json && cut == 0 { Cell::Json(text) } else { Cell::Text(text) };
    cut_cell(cell, cut)
}

fn cut_cell(cell: Cell, cut: usize) -> Cell {
    if cut == 0 { cell } else { Cell::Cut(Box::new(cell), cut as u64) }
}
