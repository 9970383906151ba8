//! From a row to a record.

use std::borrow::Cow;
use std::sync::Arc;

use spile_engine::ResourceDef;
use spile_lines::{Field, LineParser, Meaning, Value, names};
use spile_proto::v1::{AnyValue, KeyValue, LogRecord, any_value};

use super::address::{DatabaseAddress, Rows};
use super::position::Position;
use crate::ingest::convert::{self, number_attribute, text_attribute};
use crate::ingest::resources::Resources;

/// The longest text or sequence of bytes that is taken over from a column; what is behind it is counted in `spile.cut_bytes`.
pub(super) const MAX_VALUE_BYTES: usize = 64 * 1024;

/// A row as a database gives it.
#[derive(Debug)]
pub(super) struct Row {
    /// The values of the cursor's columns.
    pub(super) position: Position,
    /// The values of all columns, in their order.
    pub(super) cells: Vec<Cell>,
    /// About how much memory it takes, bytes.
    pub(super) bytes: usize,
}

/// The value of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(String),
    /// A number written out with all of its digits.
    Decimal(String),
    /// The text of a JSON value.
    Json(String),
    Bytes(Vec<u8>),
    /// A value that was too long, up to where it was cut, and how many bytes were left out.
    Cut(Box<Cell>, u64),
}

/// Makes records of rows that have the same columns.
#[derive(Debug)]
pub(super) struct Records {
    columns: Vec<(Meaning, String)>,
    resources: Resources,
    parser: LineParser,
}

impl Records {
    pub(super) fn new(address: &DatabaseAddress, columns: Vec<(Meaning, String)>) -> Self {
        Self { columns, resources: Resources::new(base(address)), parser: LineParser::new() }
    }

    /// The record of a row, and its resource.
    pub(super) fn record(
        &mut self,
        cells: &[Cell],
        now_unix_nano: u64,
    ) -> (LogRecord, Option<Arc<ResourceDef>>) {
        let mut cut_bytes = 0;
        let mut binary = Vec::new();
        let mut fields = Vec::with_capacity(cells.len());
        for ((meaning, name), cell) in self.columns.iter().zip(cells) {
            let (cell, cut) = match cell {
                Cell::Cut(cell, cut) => (cell.as_ref(), *cut),
                whole => (whole, 0),
            };
            cut_bytes += cut;
            if let (Cell::Bytes(bytes), Meaning::Attribute) = (cell, meaning) {
                let value = Some(AnyValue { value: Some(any_value::Value::BytesValue(bytes.clone())) });
                binary.push(KeyValue { key: name.clone(), value });
                continue;
            }
            let mut value = value(cell);
            if cut > 0 && *meaning == Meaning::Body {
                value = with_mark(value, cut);
            }
            fields.push(Field { meaning: *meaning, name: Cow::Borrowed(name), value });
        }
        let parsed = self.parser.read_fields(fields, now_unix_nano);
        let resource = self.resources.of(&parsed.resource).cloned();
        let mut record = convert::record(parsed);
        record.attributes.append(&mut binary);
        if cut_bytes > 0 {
            let cut = i64::try_from(cut_bytes).unwrap_or(i64::MAX);
            record.attributes.push(number_attribute(names::SPILE_CUT_BYTES, cut));
        }
        (record, resource)
    }
}

/// What is the same for all rows.
fn base(address: &DatabaseAddress) -> Vec<KeyValue> {
    let server = &address.server;
    let mut base = vec![
        text_attribute(names::SERVICE_NAME, address.service()),
        text_attribute("db.system.name", server.system()),
        text_attribute("db.namespace", server.database()),
    ];
    base.extend(server.host().map(|host| text_attribute("server.address", host)));
    if let Rows::Table(table) = &address.rows {
        base.push(text_attribute("db.collection.name", table.as_str()));
    }
    base
}

fn value(cell: &Cell) -> Value<'_> {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Bool(*value),
        Cell::Integer(value) => Value::I64(*value),
        Cell::Real(value) if value.is_finite() => Value::F64(*value),
        Cell::Real(value) => Value::Str(value.to_string().into()),
        Cell::Text(text) => Value::Str(Cow::Borrowed(text)),
        Cell::Decimal(text) => decimal(text),
        Cell::Json(text) => Value::from_json(text).unwrap_or(Value::Str(Cow::Borrowed(text))),
        Cell::Bytes(bytes) => Value::Str(spile_lines::escape(bytes).into()),
        Cell::Cut(cell, _) => value(cell),
    }
}

/// A number of any precision: a whole number if it is one, a number with a fraction if none of its digits is lost, else its text.
fn decimal(text: &str) -> Value<'_> {
    /// A double holds every decimal number of so many digits.
    const EXACT_DIGITS: usize = 15;
    if let Ok(number) = text.parse::<i64>() {
        return Value::I64(number);
    }
    // Zeros at the end of a fraction say how it is stored.
    let significant = if text.contains('.') { text.trim_end_matches('0') } else { text };
    let digits = significant.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    match text.parse::<f64>() {
        Ok(number) if digits <= EXACT_DIGITS && number.is_finite() => Value::F64(number),
        _ => Value::Str(Cow::Borrowed(text)),
    }
}

fn with_mark(value: Value<'_>, cut: u64) -> Value<'_> {
    match value {
        Value::Str(text) => Value::Str((text.into_owned() + &spile_lines::cut_mark(cut)).into()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_lose_no_digit() {
        assert_eq!(decimal("42"), Value::I64(42));
        assert_eq!(decimal("-12.50"), Value::F64(-12.5));
        assert_eq!(decimal("999.9900000000000000000"), Value::F64(999.99));
        assert_eq!(decimal("0.000000000000000000012"), Value::F64(1.2e-20));
        assert_eq!(decimal("12345678901234567890"), Value::Str("12345678901234567890".into()));
        assert_eq!(decimal("1234567890.123456"), Value::Str("1234567890.123456".into()));
        assert_eq!(decimal("NaN"), Value::Str("NaN".into()));
    }
}
