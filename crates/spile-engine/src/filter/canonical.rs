//! Writes a filter as text that reads back as an equal filter.

use std::fmt::{self, Display, Formatter, Write};

use super::ast::{Expr, IdField, Relation, Source, Test, TextField, TextTest, ValueTest};
use super::lexer::is_word;
use super::pattern::Pattern;
use super::severity::SeveritySet;
use super::value::Literal;

/// What surrounds a condition: it decides about parentheses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    All,
    Any,
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_expr(f, self, Around::Nothing)
    }
}

fn write_expr(f: &mut Formatter<'_>, expr: &Expr, around: Around) -> fmt::Result {
    match expr {
        Expr::All(children) => grouped(f, around == Around::Any, |f| {
            separated(f, children, " ", |f, child| write_expr(f, child, Around::All))
        }),
        Expr::Any(children) if children.is_empty() => f.write_str("severity<0"),
        Expr::Any(children) => grouped(f, around == Around::All, |f| {
            separated(f, children, " OR ", |f, child| write_expr(f, child, Around::Any))
        }),
        Expr::Is(Test::Severity(set)) => write_severities(f, *set, around),
        Expr::Is(Test::Time(range)) => {
            grouped(f, around == Around::Any && range.has_two_bounds(), |f| write!(f, "{range}"))
        }
        Expr::Is(test) => write_test(f, test),
        Expr::Not(test) => {
            f.write_char('-')?;
            write_test(f, test)
        }
    }
}

fn write_severities(f: &mut Formatter<'_>, set: SeveritySet, around: Around) -> fmt::Result {
    let runs = set.runs();
    grouped(f, runs.len() > 1 && around == Around::All, |f| {
        let among_others = runs.len() > 1 || around == Around::Any;
        separated(f, &runs, " OR ", |f, run| {
            grouped(f, among_others && run.has_two_bounds(), |f| write!(f, "{run}"))
        })
    })
}

fn write_test(f: &mut Formatter<'_>, test: &Test) -> fmt::Result {
    match test {
        Test::Severity(set) => write_severities(f, *set, Around::Nothing),
        Test::Time(range) => write!(f, "{range}"),
        Test::Id(field, value) => {
            f.write_str(field.name())?;
            match value {
                None => f.write_str(":*"),
                Some(bytes) => {
                    f.write_char('=')?;
                    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
                }
            }
        }
        Test::Text(TextField::Body, TextTest::Contains(needle)) => write_quoted(f, needle.text()),
        Test::Text(field, test) => {
            f.write_str(field.name())?;
            match test {
                TextTest::Equals(text) => write_operand(f, "=", text),
                TextTest::Contains(needle) => write_operand(f, ":", needle.text()),
                TextTest::Matches(pattern) => write_pattern(f, "=~", pattern),
                TextTest::Present => f.write_str(":*"),
            }
        }
        Test::Attribute(source, key, test) => {
            write_key(f, *source, key)?;
            match test {
                ValueTest::Related(relation, literal) => write_literal(f, *relation, literal),
                ValueTest::Contains(needle) => write_operand(f, ":", needle.text()),
                ValueTest::Matches(pattern) => write_pattern(f, "=~", pattern),
                ValueTest::MatchesNot(pattern) => write_pattern(f, "!~", pattern),
                ValueTest::Present => f.write_str(":*"),
            }
        }
    }
}

fn write_key(f: &mut Formatter<'_>, source: Source, key: &str) -> fmt::Result {
    f.write_str(match source {
        Source::Record => "attributes.",
        Source::Resource => "resource.",
        Source::Either => "",
    })?;
    if is_word(key) { f.write_str(key) } else { write_quoted(f, key) }
}

fn write_literal(f: &mut Formatter<'_>, relation: Relation, literal: &Literal) -> fmt::Result {
    match literal {
        Literal::Number { text, .. } => write!(f, "{relation}{text}"),
        Literal::Text(text) => write_operand(f, relation.symbol(), text),
    }
}

fn write_operand(f: &mut Formatter<'_>, operator: &str, text: &str) -> fmt::Result {
    f.write_str(operator)?;
    write_quoted(f, text)
}

/// Writes text in quotes, so that the lexer reads the same text back.
fn write_quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            control if control.is_control() => write!(f, "\\u{{{:x}}}", u32::from(control))?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

/// Writes a regex in quotes: in these, a backslash belongs to the regex, and only the quote is escaped. The lexer has
/// taken the backslash before every escaped quote away, so that a quote in the pattern is never escaped already.
fn write_pattern(f: &mut Formatter<'_>, operator: &str, pattern: &Pattern) -> fmt::Result {
    write!(f, "{operator}\"{}\"", pattern.source().replace('"', "\\\""))
}

fn grouped(
    f: &mut Formatter<'_>,
    parentheses: bool,
    write: impl FnOnce(&mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    if !parentheses {
        return write(f);
    }
    f.write_char('(')?;
    write(f)?;
    f.write_char(')')
}

fn separated<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    separator: &str,
    mut write: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(separator)?;
        }
        write(f, item)?;
    }
    Ok(())
}

impl IdField {
    /// The field's name in expressions.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace_id",
            Self::Span => "span_id",
        }
    }
}

impl TextField {
    /// The field's name in expressions.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::SeverityText => "severity_text",
            Self::EventName => "event_name",
            Self::Scope => "scope.name",
        }
    }
}

impl Relation {
    /// The operator in expressions.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Display for Relation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}
