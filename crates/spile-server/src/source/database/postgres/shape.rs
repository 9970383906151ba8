//! The columns of a table or query: how each is asked for, and what comes of it.

use std::time::Duration;

use spile_lines::Meaning;
use tokio_postgres::types::{Kind, Type};
use tokio_postgres::{Row as PostgresRow, Transaction};

use super::position;
use super::query::{from_clause, identifier, table_name};
use crate::source::database::address::{DatabaseAddress, Rows};
use crate::source::database::columns::{meanings, missing};
use crate::source::database::row::{Cell, MAX_VALUE_BYTES, Row};
use crate::source::database::trouble::Trouble;

/// The columns of a table's primary key, in order.
const PRIMARY_KEY: &str = "SELECT a.attname::text FROM pg_catalog.pg_index i \
                           JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) \
                           WHERE i.indisprimary AND i.indrelid = to_regclass($1) ORDER BY array_position(i.indkey, a.attnum)";

/// A cursor that is made by a clock, or elsewhere, may be older than its neighbours by about this when it becomes visible.
const CLOCK_LAG: Duration = Duration::from_secs(1);

/// What is read of each row.
pub(super) struct Shape {
    columns: Vec<Column>,
    /// The cursor's columns with their types.
    cursor: Vec<(String, Type)>,
}

struct Column {
    name: String,
    form: Form,
}

/// How a column is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bool,
    Integer,
    Real,
    Decimal,
    /// As JSON has it: ISO 8601.
    Time,
    /// It is JSON.
    Json,
    /// JSON is made of it.
    Structure,
    Bytes,
    Text,
}

impl Form {
    fn of(kind: &Type) -> Self {
        if let Kind::Domain(base) = kind.kind() {
            return Self::of(base);
        }
        match *kind {
            Type::BOOL => Self::Bool,
            Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => Self::Integer,
            Type::FLOAT4 | Type::FLOAT8 => Self::Real,
            Type::NUMERIC => Self::Decimal,
            Type::TIMESTAMPTZ | Type::TIMESTAMP | Type::DATE => Self::Time,
            Type::JSON | Type::JSONB => Self::Json,
            Type::BYTEA => Self::Bytes,
            _ => match kind.kind() {
                Kind::Array(_) | Kind::Composite(_) => Self::Structure,
                _ => Self::Text,
            },
        }
    }

    /// What is selected for a column. What may be long comes with its length.
    fn select(self, column: &str) -> String {
        let text = match self {
            Self::Bool => return column.to_owned(),
            Self::Integer => return format!("{column}::int8"),
            Self::Real => return format!("{column}::text"),
            Self::Time => return format!("to_json({column})#>>'{{}}'"),
            Self::Bytes => return format!("substr({column}, 1, {MAX_VALUE_BYTES}), octet_length({column})"),
            Self::Structure => format!("to_json({column})::text"),
            Self::Decimal | Self::Json | Self::Text => format!("{column}::text"),
        };
        format!("left({text}, {MAX_VALUE_BYTES}), octet_length({text})")
    }
}

impl Shape {
    /// Asks what the rows look like.
    pub(super) async fn of(
        transaction: &Transaction<'_>,
        address: &DatabaseAddress,
    ) -> Result<Self, Trouble> {
        let described =
            transaction.prepare(&format!("SELECT q.* FROM {} LIMIT 0", from_clause(&address.rows))).await?;
        let columns = described.columns();
        let names: Vec<&str> = columns.iter().map(tokio_postgres::Column::name).collect();
        let mut cursor = address.cursor.clone();
        if let Rows::Table(table) = &address.rows {
            // Rows with the same cursor are told apart by the primary key.
            let key = transaction.query(PRIMARY_KEY, &[&table_name(table)]).await?;
            for row in key {
                let column: String = row.try_get(0)?;
                if !cursor.contains(&column) {
                    cursor.push(column);
                }
            }
        }
        let typed = |name: String| match columns.iter().find(|column| column.name() == name) {
            Some(column) => Ok((name, column.type_().clone())),
            None => Err(missing(&name, &names)),
        };
        let cursor = cursor.into_iter().map(typed).collect::<Result<_, _>>()?;
        let column = |column: &tokio_postgres::Column| Column {
            name: column.name().to_owned(),
            form: Form::of(column.type_()),
        };
        Ok(Self { columns: columns.iter().map(column).collect(), cursor })
    }

    /// The cursor's columns.
    pub(super) fn cursor(&self) -> &[(String, Type)] {
        &self.cursor
    }

    pub(super) fn cursor_names(&self) -> Vec<String> {
        self.cursor.iter().map(|(name, _)| name.clone()).collect()
    }

    /// What is selected for all columns.
    pub(super) fn select(&self) -> String {
        let columns =
            self.columns.iter().map(|column| column.form.select(&format!("q.{}", identifier(&column.name))));
        columns.collect::<Vec<_>>().join(", ")
    }

    /// What the columns mean.
    pub(super) fn meanings(&self, address: &DatabaseAddress) -> Result<Vec<(Meaning, String)>, Trouble> {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let meanings = meanings(&names, &address.meanings)?;
        Ok(meanings.into_iter().zip(names.into_iter().map(str::to_owned)).collect())
    }

    /// How late a row may be, by the type of the cursor. A sequence's numbers are given out by the database itself.
    pub(super) fn usual_lag(&self, is_standby: bool) -> Duration {
        let is_sequence = |kind: &Type| matches!(*kind, Type::INT2 | Type::INT4 | Type::INT8);
        match self.cursor.first() {
            Some((_, kind)) if is_sequence(kind) && !is_standby => Duration::ZERO,
            _ => CLOCK_LAG,
        }
    }

    /// A row that was selected by the cursor's columns and then by [`select`](Self::select).
    pub(super) fn row(&self, row: &PostgresRow) -> Result<Row, Trouble> {
        let position = position(row, self.cursor.len())?;
        let mut at = self.cursor.len();
        let mut cells = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            cells.push(cell(row, &mut at, column.form)?);
        }
        Ok(Row { position, cells, bytes: row.raw_size_bytes() })
    }
}

/// The value of a column that begins at `at`; `at` is then behind it.
fn cell(row: &PostgresRow, at: &mut usize, form: Form) -> Result<Cell, tokio_postgres::Error> {
    let first = *at;
    *at += 1;
    let make: fn(String) -> Cell = match form {
        Form::Bool => return Ok(row.try_get::<_, Option<bool>>(first)?.map_or(Cell::Null, Cell::Bool)),
        Form::Integer => return Ok(row.try_get::<_, Option<i64>>(first)?.map_or(Cell::Null, Cell::Integer)),
        Form::Real => |text| text.parse().map_or_else(|_| Cell::Text(text), Cell::Real),
        Form::Time => Cell::Text,
        Form::Bytes => {
            *at += 1;
            let Some(bytes) = row.try_get::<_, Option<Vec<u8>>>(first)? else { return Ok(Cell::Null) };
            let length: i32 = row.try_get(first + 1)?;
            let cut = u64::try_from(length).unwrap_or(0).saturating_sub(bytes.len() as u64);
            return Ok(cut_cell(Cell::Bytes(bytes), cut));
        }
        Form::Decimal => Cell::Decimal,
        Form::Json | Form::Structure => Cell::Json,
        Form::Text => Cell::Text,
    };
    let Some(mut text) = row.try_get::<_, Option<String>>(first)? else {
        *at += usize::from(!matches!(form, Form::Real | Form::Time));
        return Ok(Cell::Null);
    };
    if matches!(form, Form::Real | Form::Time) {
        return Ok(make(text));
    }
    *at += 1;
    let length: i32 = row.try_get(first + 1)?;
    let length = usize::try_from(length).unwrap_or(0).max(text.len());
    // The database has cut by characters.
    let is_cut =
        text.len() > MAX_VALUE_BYTES || length > text.len() && text.chars().count() >= MAX_VALUE_BYTES;
    if !is_cut {
        return Ok(make(text));
    }
    text.truncate(text.floor_char_boundary(MAX_VALUE_BYTES));
    let cut = (length - text.len()) as u64;
    Ok(cut_cell(Cell::Text(text), cut))
}

fn cut_cell(cell: Cell, cut: u64) -> Cell {
    if cut == 0 { cell } else { Cell::Cut(Box::new(cell), cut) }
}
