//! Reads an expression: recursive descent over the grammar of `docs/filter.md`, within limits.

use std::ops::Range;

use super::ast::{Expr, Relation};
use super::condition::{Comparison, Operand, body_contains};
use super::error::{FilterError, Problem};
use super::field::{ATTRIBUTES, Field, RESOURCE};
use super::lexer::{Escapes, Lexer, Operator, Quoted};
use super::pattern::{MAX_REGEX_WEIGHT, Pattern, PatternError};

/// The longest expression, bytes: 8 KiB.
pub const MAX_EXPRESSION_BYTES: usize = 8 * 1024;

/// How deep parentheses may nest.
pub const MAX_NESTING: usize = 32;

/// The most texts and comparisons in an expression.
pub const MAX_TERMS: usize = 256;

/// The most regexes in an expression.
pub const MAX_REGEXES: usize = 16;

/// What joins the terms of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    And,
    Or,
}

/// Reads an expression; an empty one is true.
pub(super) fn parse(expression: &str) -> Result<Expr, FilterError> {
    Parser::new(expression).filter().map_err(|problem| FilterError::new(expression, problem))
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    bytes: usize,
    terms: usize,
    regexes: usize,
    regex_weight: u64,
}

impl<'a> Parser<'a> {
    fn new(expression: &'a str) -> Self {
        let lexer = Lexer::new(expression);
        Self { lexer, bytes: expression.len(), terms: 0, regexes: 0, regex_weight: 0 }
    }

    fn filter(&mut self) -> Result<Expr, Problem> {
        if self.bytes > MAX_EXPRESSION_BYTES {
            let message = format!("the expression has {} bytes", self.bytes);
            return Err(Problem::new(0..0, message).expected(format!("at most {MAX_EXPRESSION_BYTES}")));
        }
        self.lexer.skip_blanks();
        if self.lexer.peek().is_none() {
            return Ok(Expr::TRUE);
        }
        let expr = self.group(0)?;
        match self.lexer.peek() {
            None => Ok(expr),
            Some(_) => Err(self.problem_here("this parenthesis was never opened")),
        }
    }

    /// Reads terms up to a closing parenthesis or the end.
    fn group(&mut self, depth: usize) -> Result<Expr, Problem> {
        let mut joint = None;
        let mut terms = vec![self.term(depth)?];
        loop {
            self.lexer.skip_blanks();
            if matches!(self.lexer.peek(), None | Some(')')) {
                break;
            }
            let start = self.lexer.at();
            let next = if self.lexer.take_keyword("OR") {
                Joint::Or
            } else {
                self.lexer.take_keyword("AND");
                Joint::And
            };
            if *joint.get_or_insert(next) != next {
                let span = if self.lexer.at() > start { start..self.lexer.at() } else { self.next_word() };
                return Err(Problem::new(span, "AND and OR are mixed here")
                    .expected("parentheses that say what belongs together: (a OR b) c, or a OR (b c)"));
            }
            terms.push(self.term(depth)?);
        }
        Ok(if joint == Some(Joint::Or) { Expr::any(terms) } else { Expr::all(terms) })
    }

    /// Reads one text, comparison or group, and the negation before it.
    fn term(&mut self, depth: usize) -> Result<Expr, Problem> {
        self.lexer.skip_blanks();
        let negated = self.negation()?;
        let expr = match self.lexer.peek() {
            Some('(') => self.parentheses(depth)?,
            Some('"' | '\'') => self.quoted_text()?,
            _ => self.word_or_comparison()?,
        };
        self.expect_boundary()?;
        Ok(if negated { expr.negate() } else { expr })
    }

    fn negation(&mut self) -> Result<bool, Problem> {
        let start = self.lexer.at();
        let minus = self.lexer.take('-');
        if !minus && !self.lexer.take_keyword("NOT") {
            return Ok(false);
        }
        let end = self.lexer.at();
        if !minus {
            self.lexer.skip_blanks();
        }
        match self.lexer.peek() {
            Some(next) if !next.is_whitespace() && next != '-' => Ok(true),
            Some('-') => Err(self
                .problem_here("a second negation")
                .expected("one; text that starts with - needs quotes")),
            _ => Err(Problem::new(start..end, "nothing is negated here")
                .expected("a term directly behind it, or quotes around the sign")),
        }
    }

    fn parentheses(&mut self, depth: usize) -> Result<Expr, Problem> {
        let start = self.lexer.at();
        if depth >= MAX_NESTING {
            let problem = self.problem_here("parentheses nest too deep");
            return Err(problem.expected(format!("at most {MAX_NESTING} levels")));
        }
        self.lexer.take('(');
        let expr = self.group(depth + 1)?;
        self.close(start)?;
        Ok(expr)
    }

    fn close(&mut self, start: usize) -> Result<(), Problem> {
        if self.lexer.take(')') {
            return Ok(());
        }
        Err(Problem::new(start..start + 1, "this parenthesis is never closed").expected(")"))
    }

    fn quoted_text(&mut self) -> Result<Expr, Problem> {
        let Quoted { text, span } = self.lexer.take_quoted(Escapes::Text)?;
        if let Some((_, operator)) = self.lexer.clone().take_operator() {
            return Err(Problem::new(operator, "a comparison needs a field without quotes on its left")
                .expected("attributes.\"KEY\" or resource.\"KEY\" for a key in quotes"));
        }
        self.count_term(&span)?;
        body_contains(&text, span)
    }

    fn word_or_comparison(&mut self) -> Result<Expr, Problem> {
        let start = self.lexer.at();
        let word = self.lexer.take_word();
        let span = start..self.lexer.at();
        if word.is_empty() {
            return Err(self.no_term());
        }
        self.count_term(&span)?;
        let field = match self.lexer.peek() {
            Some('"' | '\'') if matches!(word, ATTRIBUTES | RESOURCE) => {
                let key = self.lexer.take_quoted(Escapes::Text)?;
                let field = Field::keyed(word, &key.text, key.span)?;
                return self.comparison(&field, start);
            }
            _ if self.lexer.clone().take_operator().is_some() => Field::named(word, span)?,
            _ => return self.bare_text(word, span),
        };
        self.comparison(&field, start)
    }

    fn bare_text(&self, word: &str, span: Range<usize>) -> Result<Expr, Problem> {
        if let "AND" | "OR" | "NOT" = word {
            return Err(Problem::new(span, format!("{word} stands without a term"))
                .expected(format!("a term before and behind it, or \"{word}\" for the text")));
        }
        if let "and" | "or" | "not" = word {
            let upper = word.to_uppercase();
            return Err(Problem::new(span, format!("{word} could be an operator or a text"))
                .expected(format!("{upper} for the operator, or \"{word}\" for the text")));
        }
        body_contains(word, span)
    }

    /// Reads operator and value, or values.
    fn comparison(&mut self, field: &Field, start: usize) -> Result<Expr, Problem> {
        let Some((operator, operator_span)) = self.lexer.take_operator() else {
            let problem = Problem::new(start..self.lexer.at(), "a field without an operator");
            return Err(problem.expected("one of = != < <= > >= : =~ !~, or :* to ask whether it is there"));
        };
        self.lexer.skip_blanks();
        let one = |parser: &mut Self| {
            let (operand, operand_span) = parser.operand(operator)?;
            let operator_span = operator_span.clone();
            Comparison { field, operator, operator_span, operand, operand_span }.into_expr()
        };
        if self.lexer.peek() != Some('(') {
            return one(self);
        }
        if let Operator::MatchesNot | Operator::Related(Relation::NotEqual) = operator {
            let problem = self.problem_here(format!("{} takes one value", operator.symbol()));
            return Err(problem.expected("a negation before the field for several: -FIELD=(a OR b)"));
        }
        self.values(one)
    }

    /// Reads values in parentheses, of which one must do.
    fn values(&mut self, one: impl Fn(&mut Self) -> Result<Expr, Problem>) -> Result<Expr, Problem> {
        let open = self.lexer.at();
        self.lexer.take('(');
        let mut values = Vec::new();
        loop {
            self.lexer.skip_blanks();
            if !values.is_empty() {
                self.count_term(&(open..self.lexer.at()))?;
            }
            values.push(one(self)?);
            self.lexer.skip_blanks();
            if !self.lexer.take_keyword("OR") {
                break;
            }
        }
        if !matches!(self.lexer.peek(), None | Some(')')) {
            let problem = Problem::new(self.next_word(), "values in parentheses are joined by OR");
            return Err(problem.expected("OR or )"));
        }
        self.close(open)?;
        Ok(Expr::any(values))
    }

    /// Reads a value.
    fn operand(&mut self, operator: Operator) -> Result<(Operand, Range<usize>), Problem> {
        let start = self.lexer.at();
        let is_regex = matches!(operator, Operator::Matches | Operator::MatchesNot);
        let operand = match self.lexer.peek() {
            Some('"' | '\'') if is_regex => {
                let quoted = self.lexer.take_quoted(Escapes::Regex)?;
                Operand::Regex(self.regex(&quoted.text, quoted.span)?)
            }
            Some('"' | '\'') => Operand::Quoted(self.lexer.take_quoted(Escapes::Text)?.text),
            Some('*') => {
                self.lexer.take('*');
                Operand::Star
            }
            _ => {
                let text = self.lexer.take_value();
                if text.is_empty() {
                    return Err(self.no_value(operator));
                }
                let span = start..self.lexer.at();
                if let "AND" | "OR" | "NOT" = text {
                    let problem = Problem::new(span, format!("{text} stands in the place of a value"));
                    return Err(problem.expected(format!("a value, or \"{text}\" for the text")));
                }
                if is_regex { Operand::Regex(self.regex(text, span)?) } else { Operand::Bare(text.into()) }
            }
        };
        self.expect_boundary()?;
        Ok((operand, start..self.lexer.at()))
    }

    fn regex(&mut self, source: &str, span: Range<usize>) -> Result<Pattern, Problem> {
        self.regexes += 1;
        if self.regexes > MAX_REGEXES {
            return Err(Problem::new(span, "too many regexes").expected(format!("at most {MAX_REGEXES}")));
        }
        let wrong = |error: PatternError| {
            // An escaped quote moves what follows: then the whole regex is marked.
            let whole = self.lexer.slice(span.clone());
            let inner = whole.find(source).filter(|_| source.len() + 2 >= whole.len());
            let moved = |place: Range<usize>| {
                inner.map(|at| span.start + at + place.start..span.start + at + place.end)
            };
            let place = error.span.and_then(moved);
            Problem::new(place.unwrap_or_else(|| span.clone()), error.message)
        };
        let pattern = Pattern::new(source).map_err(wrong)?;
        self.regex_weight += pattern.weight();
        if self.regex_weight > MAX_REGEX_WEIGHT {
            return Err(wrong(PatternError::too_heavy()));
        }
        Ok(pattern)
    }

    fn count_term(&mut self, span: &Range<usize>) -> Result<(), Problem> {
        self.terms += 1;
        if self.terms <= MAX_TERMS {
            return Ok(());
        }
        Err(Problem::new(span.clone(), "too many terms").expected(format!("at most {MAX_TERMS}")))
    }

    /// Refuses what is glued to the end of a term.
    fn expect_boundary(&self) -> Result<(), Problem> {
        match self.lexer.peek() {
            None | Some(')') => Ok(()),
            Some(next) if next.is_whitespace() => Ok(()),
            Some(next @ ('"' | '\'' | '(')) => Err(self
                .problem_here(format!("{next} directly behind a term"))
                .expected("a blank before it, or quotes around the whole text")),
            Some(next) => Err(self
                .problem_here(format!("{next:?} cannot stand here"))
                .expected("quotes around text that contains it")),
        }
    }

    fn no_term(&self) -> Problem {
        let expected = "a text, a comparison such as severity>=ERROR, or a group in parentheses";
        match self.lexer.peek() {
            None => self.problem_here("the expression ends here").expected(expected),
            Some(')') => self.problem_here("nothing stands before this parenthesis").expected(expected),
            Some('*') => self
                .problem_here("there are no wildcards")
                .expected("=~ with a regex, or quotes around a star"),
            Some(next) => self.problem_here(format!("{next:?} cannot start a term")).expected(expected),
        }
    }

    fn no_value(&self, operator: Operator) -> Problem {
        let problem = match self.lexer.peek() {
            None => self.problem_here("the value is missing"),
            Some('=') => self.problem_here(format!("{}= is no operator", operator.symbol())),
            Some(next) => self.problem_here(format!("{next:?} cannot start a value")),
        };
        problem.expected(format!("a value behind {}; text with signs needs quotes", operator.symbol()))
    }

    /// A problem with the next character, or with the end.
    fn problem_here(&self, message: impl Into<String>) -> Problem {
        let at = self.lexer.at();
        let length = self.lexer.peek().map_or(0, char::len_utf8);
        Problem::new(at..at + length, message)
    }

    /// The next word, or the next character.
    fn next_word(&self) -> Range<usize> {
        let at = self.lexer.at();
        let sign = self.lexer.peek().map_or(0, char::len_utf8);
        at..at + self.lexer.peek_word().len().max(sign)
    }
}
