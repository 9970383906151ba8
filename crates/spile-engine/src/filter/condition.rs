//! Gives a comparison its meaning: which operators and values a field takes.

use std::ops::Range;

use super::ast::{Expr, IdField, Relation, Source, Test, TextField, TextTest, ValueTest};
use super::error::Problem;
use super::field::Field;
use super::level::Level;
use super::lexer::Operator;
use super::needle::Needle;
use super::pattern::Pattern;
use super::severity::SeveritySet;
use super::time;
use super::value::Literal;
use crate::record::MAX_SEVERITY;

/// The right side of a comparison.
#[derive(Debug)]
pub(super) enum Operand {
    /// `*`: is the field there?
    Star,
    Bare(String),
    Quoted(String),
    /// A regex, which is what stands behind `=~` and `!~`.
    Regex(Pattern),
}

/// A field, an operator and a value, and where the operator and the value stand.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    pub(super) field: &'a Field,
    pub(super) operator: Operator,
    pub(super) operator_span: Range<usize>,
    pub(super) operand: Operand,
    pub(super) operand_span: Range<usize>,
}

/// The condition that a record's body contains a text.
pub(super) fn body_contains(text: &str, span: Range<usize>) -> Result<Expr, Problem> {
    Ok(Expr::Is(Test::Text(TextField::Body, TextTest::Contains(needle(text, span)?))))
}

impl Comparison<'_> {
    pub(super) fn into_expr(self) -> Result<Expr, Problem> {
        if let Operand::Star = self.operand {
            return self.presence();
        }
        match self.field {
            Field::Severity => self.severity(),
            Field::Time => self.time(),
            Field::Id(id) => self.id(*id),
            Field::Text(text) => self.text(*text),
            Field::Attribute(source, key) => self.attribute(*source, key),
        }
    }

    fn presence(self) -> Result<Expr, Problem> {
        if self.operator != Operator::Has {
            let problem = Problem::new(self.operand_span, "* is no value");
            return Err(problem.expected(":* to ask whether the field is there, =~ for a pattern, or quotes"));
        }
        Ok(match self.field {
            Field::Severity => Expr::severity(SeveritySet::range(1, MAX_SEVERITY)),
            // Every record has a time.
            Field::Time => Expr::TRUE,
            Field::Id(id) => Expr::Is(Test::Id(*id, None)),
            Field::Text(text) => Expr::Is(Test::Text(*text, TextTest::Present)),
            Field::Attribute(source, key) => {
                Expr::Is(Test::Attribute(*source, key.clone(), ValueTest::Present))
            }
        })
    }

    fn severity(self) -> Result<Expr, Problem> {
        let Operator::Related(relation) = self.operator else {
            return Err(self.unsupported(
                "severity",
                "=, !=, <, <=, >, >= or :*; the source's own spelling is severity_text",
            ));
        };
        let span = self.operand_span.clone();
        let value = self.into_plain();
        let number = value.parse().ok().filter(|number| *number <= MAX_SEVERITY);
        let level = number.map(Level::exactly).or_else(|| Level::parse(&value)).ok_or_else(|| {
            Problem::new(span, format!("unknown severity {value:?}")).expected(
                "TRACE, DEBUG, INFO, WARN, ERROR, FATAL, one of these with 2 to 4 behind it, an alias, or 0 to 24",
            )
        })?;
        Ok(Expr::severity(SeveritySet::related(relation, level)))
    }

    fn time(self) -> Result<Expr, Problem> {
        let Operator::Related(relation) = self.operator else {
            return Err(self.unsupported("time", "=, !=, <, <=, > or >="));
        };
        let span = self.operand_span.clone();
        let value = self.into_plain();
        let at = time::parse(&value).ok_or_else(|| {
            Problem::new(span, format!("invalid time {value:?}"))
                .expected("RFC 3339 with an offset, from 1970 to 2553, such as 2026-11-22T10:00:00Z")
        })?;
        Ok(Expr::any_time(time::TimeRange::related(relation, at)))
    }

    fn id(self, id: IdField) -> Result<Expr, Problem> {
        let negated = match self.operator {
            Operator::Related(Relation::Equal) => false,
            Operator::Related(Relation::NotEqual) => true,
            _ => return Err(self.unsupported(id.name(), "=, != or :*")),
        };
        let span = self.operand_span.clone();
        let value = self.into_plain();
        let bytes = hex(&value, id.bytes()).ok_or_else(|| {
            Problem::new(span, format!("invalid {} {value:?}", id.name()))
                .expected(format!("{} hexadecimal digits", id.bytes() * 2))
        })?;
        let test = Test::Id(id, Some(bytes));
        Ok(if negated { Expr::Not(test) } else { Expr::Is(test) })
    }

    fn text(self, field: TextField) -> Result<Expr, Problem> {
        let span = self.operand_span.clone();
        let (negated, test) = match (self.operator, self.operand) {
            (Operator::Matches, Operand::Regex(pattern)) => (false, TextTest::Matches(pattern)),
            (Operator::MatchesNot, Operand::Regex(pattern)) => (true, TextTest::Matches(pattern)),
            (Operator::Has, operand) => (false, TextTest::Contains(needle(&operand.into_text(), span)?)),
            (Operator::Related(relation @ (Relation::Equal | Relation::NotEqual)), operand) => {
                let text = operand.into_text().into();
                (relation == Relation::NotEqual, TextTest::Equals(text))
            }
            (operator, _) => {
                let allowed = "=, !=, :, =~, !~ or :*";
                return Err(unsupported(operator, self.operator_span, field.name(), allowed));
            }
        };
        let test = Test::Text(field, test);
        Ok(if negated { Expr::Not(test) } else { Expr::Is(test) })
    }

    fn attribute(self, source: Source, key: &str) -> Result<Expr, Problem> {
        let test = match (self.operator, self.operand) {
            (Operator::MatchesNot, Operand::Regex(pattern)) => ValueTest::MatchesNot(pattern),
            (_, Operand::Regex(pattern)) => ValueTest::Matches(pattern),
            (Operator::Related(relation), Operand::Bare(text)) => {
                ValueTest::Related(relation, Literal::bare(&text))
            }
            (Operator::Related(relation), operand) => {
                ValueTest::Related(relation, Literal::Text(operand.into_text().into()))
            }
            (_, operand) => ValueTest::Contains(needle(&operand.into_text(), self.operand_span)?),
        };
        Ok(Expr::Is(Test::Attribute(source, key.into(), test)))
    }

    fn into_plain(self) -> String {
        self.operand.into_text()
    }

    fn unsupported(self, field: &str, allowed: &str) -> Problem {
        unsupported(self.operator, self.operator_span, field, allowed)
    }
}

impl Operand {
    /// A value's text, whether or not it stood in quotes.
    fn into_text(self) -> String {
        match self {
            Self::Bare(text) | Self::Quoted(text) => text,
            Self::Star => "*".into(),
            Self::Regex(pattern) => pattern.source().into(),
        }
    }
}

impl IdField {
    /// How long the identifier is.
    fn bytes(self) -> usize {
        match self {
            Self::Trace => 16,
            Self::Span => 8,
        }
    }
}

fn unsupported(operator: Operator, span: Range<usize>, field: &str, allowed: &str) -> Problem {
    Problem::new(span, format!("{field} does not take {}", operator.symbol())).expected(allowed)
}

fn needle(text: &str, span: Range<usize>) -> Result<Needle, Problem> {
    if text.is_empty() {
        let problem = Problem::new(span, "every text contains the empty text");
        return Err(problem.expected("the text to look for"));
    }
    Ok(Needle::new(text))
}

fn hex(text: &str, bytes: usize) -> Option<Box<[u8]>> {
    if text.len() != bytes * 2 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..bytes).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()).collect()
}
