//! What is done in the thread: opening the file, looking for the highest row, stepping through those up to it. All of it blocks.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSql, ToSqlOutput};
use rusqlite::{Connection, OpenFlags, params_from_iter};
use spile_lines::Meaning;
use tokio::sync::mpsc;

use super::shape::{Shape, cell, from_clause, identifier, key};
use super::{Opened, lag_of};
use crate::source::database::address::DatabaseAddress;
use crate::source::database::columns::meanings;
use crate::source::database::position::{Key, Position};
use crate::source::database::row::{Cell, Row};
use crate::source::database::trouble::Trouble;

/// How long a writer that locks the file is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// A snapshot is held for so long at most: it keeps the write-ahead log from being cut back.
const MAX_SNAPSHOT_AGE: Duration = Duration::from_secs(60);

/// A page is full with so many bytes.
const PAGE_BYTES: usize = 1 << 20;

/// What is to be read.
#[derive(Clone)]
pub(super) struct Reading {
    path: PathBuf,
    address: DatabaseAddress,
    from: Option<Position>,
}

/// What a look brought.
pub(super) struct Found {
    pub(super) cursor: Vec<String>,
    pub(super) columns: Vec<(Meaning, String)>,
    /// The highest position, if there is anything new.
    pub(super) head: Option<Position>,
    pub(super) usual_lag: Duration,
}

impl Reading {
    pub(super) fn new(path: &Path, address: &DatabaseAddress, from: Option<Position>) -> Self {
        Self { path: path.to_path_buf(), address: address.clone(), from }
    }

    /// Looks whether there is anything new.
    pub(super) fn look(&self, opened: Opened) -> Result<Found, Trouble> {
        let connection = self.open(opened)?;
        let shape = Shape::of(&connection, &self.address)?;
        let names: Vec<&str> = shape.columns.iter().map(|(name, _)| name.as_str()).collect();
        let meanings = meanings(&names, &self.address.meanings)?;
        let columns = meanings.into_iter().zip(names.into_iter().map(str::to_owned)).collect();
        let mut parameters = Vec::new();
        let wanted = self.after(&shape, &mut parameters);
        let keys = keys(&shape);
        let order = keys.iter().map(|key| format!("{key} DESC")).collect::<Vec<_>>().join(", ");
        let from = from_clause(&self.address.rows);
        let sql = format!("SELECT {} FROM {from} WHERE {wanted} ORDER BY {order} LIMIT 1", keys.join(", "));
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        let head = rows.next()?.map(|row| position(row, keys.len())).transpose()?;
        Ok(Found { head, columns, usual_lag: lag_of(shape.is_number), cursor: shape.cursor })
    }

    /// Steps through the rows up to `head`. Tells whether all of them were sent: not if it took too long, or nobody takes them.
    pub(super) fn read(
        &self,
        head: &Position,
        pages: &mpsc::Sender<Vec<Row>>,
        opened: Opened,
    ) -> Result<bool, Trouble> {
        let begun = Instant::now();
        let connection = self.open(opened)?;
        let shape = Shape::of(&connection, &self.address)?;
        let keys = keys(&shape);
        let mut parameters = Vec::new();
        let wanted = self.after(&shape, &mut parameters);
        let until = compared(&shape, "<=", head, &mut parameters);
        let list = keys.join(", ");
        let columns = shape.columns.iter().map(|(name, _)| format!("q.{}", identifier(name)));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let from = from_clause(&self.address.rows);
        let sql = format!("SELECT {list}, {columns} FROM {from} WHERE {wanted} AND {until} ORDER BY {list}");
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        let mut page = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            let row = read_row(row, &shape, keys.len())?;
            bytes += row.bytes;
            page.push(row);
            if bytes >= PAGE_BYTES || page.len() >= self.address.fetch {
                bytes = 0;
                if pages.blocking_send(std::mem::take(&mut page)).is_err()
                    || begun.elapsed() > MAX_SNAPSHOT_AGE
                {
                    return Ok(false);
                }
            }
        }
        Ok(page.is_empty() || pages.blocking_send(page).is_ok())
    }

    fn open(&self, opened: Opened) -> Result<Connection, Trouble> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "query_only", true)?;
        // Who waits for it may have gone; then nobody takes the rows either.
        drop(opened.send(connection.get_interrupt_handle()));
        Ok(connection)
    }

    fn after(&self, shape: &Shape, parameters: &mut Vec<Key>) -> String {
        let mut wanted: Vec<_> = keys(shape).into_iter().map(|key| format!("{key} IS NOT NULL")).collect();
        wanted.extend(self.from.as_ref().map(|from| compared(shape, ">", from, parameters)));
        wanted.join(" AND ")
    }
}

/// The cursor's columns as they are selected.
fn keys(shape: &Shape) -> Vec<String> {
    shape.cursor.iter().map(|name| format!("q.{}", identifier(name))).collect()
}

/// Compares the cursor's first columns with a position. An older position may have fewer of them.
fn compared(shape: &Shape, operator: &str, with: &Position, parameters: &mut Vec<Key>) -> String {
    let mut values = Vec::new();
    for key in &with.0 {
        parameters.push(key.clone());
        values.push(format!("?{}", parameters.len()));
    }
    let keys: Vec<_> = keys(shape).into_iter().take(values.len()).collect();
    format!("({}) {operator} ({})", keys.join(", "), values.join(", "))
}

fn position(row: &rusqlite::Row<'_>, columns: usize) -> Result<Position, Trouble> {
    (0..columns).map(|at| key(row.get_ref(at)?)).collect::<Result<_, _>>().map(Position)
}

fn read_row(row: &rusqlite::Row<'_>, shape: &Shape, keys: usize) -> Result<Row, Trouble> {
    let mut cells = Vec::with_capacity(shape.columns.len());
    let mut bytes = 0;
    for (at, (_, declared)) in shape.columns.iter().enumerate() {
        let cell = cell(row.get_ref(keys + at)?, *declared);
        bytes += bytes_of(&cell);
        cells.push(cell);
    }
    Ok(Row { position: position(row, keys)?, cells, bytes })
}

fn bytes_of(cell: &Cell) -> usize {
    size_of::<Cell>()
        + match cell {
            Cell::Text(text) | Cell::Json(text) | Cell::Decimal(text) => text.len(),
            Cell::Bytes(bytes) => bytes.len(),
            Cell::Cut(cell, _) => bytes_of(cell),
            Cell::Null | Cell::Bool(_) | Cell::Integer(_) | Cell::Real(_) => 0,
        }
}

impl ToSql for Key {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Integer(number) => number.to_sql(),
            Self::Real(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
        }
    }
}
