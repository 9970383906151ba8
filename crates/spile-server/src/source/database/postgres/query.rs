//! The SQL by which rows are looked for and read.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Portal, Transaction};

use super::position;
use super::shape::Shape;
use crate::source::database::address::Rows;
use crate::source::database::position::Position;
use crate::source::database::trouble::Trouble;

/// What is asked of one table or query.
pub(super) struct Query {
    from: String,
    /// The cursor's columns as they are selected, with their types.
    cursor: Vec<(String, Type)>,
    select: String,
}

impl Query {
    pub(super) fn new(rows: &Rows, shape: &Shape) -> Self {
        let cursor =
            shape.cursor().iter().map(|(name, kind)| (format!("q.{}", identifier(name)), kind.clone()));
        Self { from: from_clause(rows), cursor: cursor.collect(), select: shape.select() }
    }

    /// The highest position after `from` that is visible.
    pub(super) async fn head(
        &self,
        transaction: &Transaction<'_>,
        from: Option<&Position>,
    ) -> Result<Option<Position>, Trouble> {
        let mut parameters = Vec::new();
        let wanted = self.after(from, &mut parameters);
        let order =
            self.cursor.iter().map(|(column, _)| format!("{column} DESC")).collect::<Vec<_>>().join(", ");
        let sql =
            format!("SELECT {} FROM {} WHERE {wanted} ORDER BY {order} LIMIT 1", self.keys(), self.from);
        let row = transaction.query_opt(&sql, &references(&parameters)).await?;
        Ok(row.map(|row| position(&row, self.cursor.len())).transpose()?)
    }

    /// A portal over the rows after `from`, up to `head`.
    pub(super) async fn rows(
        &self,
        transaction: &Transaction<'_>,
        from: Option<&Position>,
        head: &Position,
    ) -> Result<Portal, Trouble> {
        let mut parameters = Vec::new();
        let wanted = self.after(from, &mut parameters);
        let until = self.compared("<=", head, &mut parameters);
        let order = self.cursor.iter().map(|(column, _)| column.as_str()).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {}, {} FROM {} WHERE {wanted} AND {until} ORDER BY {order}",
            self.keys(),
            self.select,
            self.from
        );
        let statement = transaction.prepare(&sql).await?;
        Ok(transaction.bind(&statement, &references(&parameters)).await?)
    }

    /// The cursor's columns as text, the same for equal values.
    fn keys(&self) -> String {
        let key = |(column, kind): &(String, Type)| match *kind {
            Type::NUMERIC => format!("trim_scale({column})::text"),
            _ => format!("{column}::text"),
        };
        self.cursor.iter().map(key).collect::<Vec<_>>().join(", ")
    }

    fn after(&self, from: Option<&Position>, parameters: &mut Vec<String>) -> String {
        let mut wanted: Vec<_> =
            self.cursor.iter().map(|(column, _)| format!("{column} IS NOT NULL")).collect();
        wanted.extend(from.map(|from| self.compared(">", from, parameters)));
        wanted.join(" AND ")
    }

    /// Compares the cursor's first columns with a position. An older position may have fewer of them.
    fn compared(&self, operator: &str, with: &Position, parameters: &mut Vec<String>) -> String {
        let texts = with.texts();
        let columns: Vec<_> =
            self.cursor.iter().zip(&texts).map(|((column, _), _)| column.as_str()).collect();
        let mut values = Vec::new();
        for ((_, kind), text) in self.cursor.iter().zip(texts) {
            parameters.push(text);
            let (schema, name) = (identifier(kind.schema()), identifier(kind.name()));
            values.push(format!("${}::text::{schema}.{name}", parameters.len()));
        }
        format!("({}) {operator} ({})", columns.join(", "), values.join(", "))
    }
}

fn references(parameters: &[String]) -> Vec<&(dyn ToSql + Sync)> {
    parameters.iter().map(|text| text as &(dyn ToSql + Sync)).collect()
}

/// What rows are selected from, under the name `q`.
pub(super) fn from_clause(rows: &Rows) -> String {
    match rows {
        Rows::Table(table) => format!("{} AS q", table_name(table)),
        // On a line of its own, so that a comment at its end ends there.
        Rows::Query(query) => format!("({query}\n) AS q"),
    }
}

/// A table's name, `table` or `schema.table`, quoted.
pub(super) fn table_name(table: &str) -> String {
    let parts = table.split('.').map(|part| identifier(part.trim_matches('"')));
    parts.collect::<Vec<_>>().join(".")
}

/// A name as it is, whatever characters it has.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
