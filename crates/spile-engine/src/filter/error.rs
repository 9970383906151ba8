//! Why an expression is not a filter: what is wrong, where, and what was expected.

use std::error::Error;
use std::fmt;
use std::ops::Range;

/// The most characters of the expression shown on either side of the error.
const CONTEXT: usize = 40;

/// Why an expression was refused. Its text shows the place:
///
/// ```text
/// invalid filter at column 11: unknown severity "LOUD"; expected ...
///   severity>=LOUD
///             ^^^^
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    expression: Box<str>,
    problem: Problem,
}

/// A problem at a place, before it is known in which expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    span: Range<usize>,
    message: String,
    expected: Option<String>,
}

impl Problem {
    /// A problem with the bytes of this span.
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), expected: None }
    }

    /// Says what would have been right.
    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: Some(expected.into()), ..self }
    }
}

impl FilterError {
    pub(super) fn new(expression: &str, problem: Problem) -> Self {
        Self { expression: expression.into(), problem }
    }

    /// The bytes of the expression that are wrong; empty at its end when something is missing.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.problem.span.clone()
    }

    /// The character at which the error starts, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.expression[..self.problem.span.start].chars().count() + 1
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.problem.message
    }

    /// What would have been right, where that can be said.
    #[must_use]
    pub fn expected(&self) -> Option<&str> {
        self.problem.expected.as_deref()
    }

    /// The part of the expression around the error, and the line that marks the error in it.
    fn excerpt(&self) -> (String, String) {
        let (before, rest) = self.expression.split_at(self.problem.span.start);
        let marked = self.problem.span.len().min(rest.len());
        let (wrong, after) = rest.split_at(marked);
        let skipped = before.chars().count().saturating_sub(CONTEXT);
        let mut text = String::from(if skipped > 0 { "..." } else { "" });
        // One column for each character: blanks and control characters are shown as spaces.
        let shown = |character: char| if character.is_control() { ' ' } else { character };
        text.extend(before.chars().skip(skipped).map(shown));
        let mut marks = " ".repeat(text.chars().count());
        let wrong_shown = wrong.chars().take(CONTEXT);
        marks.push_str(&"^".repeat(wrong_shown.clone().count().max(1)));
        text.extend(wrong_shown.map(shown));
        let hidden = wrong.chars().count() > CONTEXT || after.chars().count() > CONTEXT;
        if wrong.chars().count() <= CONTEXT {
            text.extend(after.chars().take(CONTEXT).map(shown));
        }
        text.push_str(if hidden { "..." } else { "" });
        (text, marks)
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid filter at column {}: {}", self.column(), self.message())?;
        if let Some(expected) = self.expected() {
            write!(f, "; expected {expected}")?;
        }
        let (text, marks) = self.excerpt();
        write!(f, "\n  {text}\n  {marks}")
    }
}

impl Error for FilterError {}
