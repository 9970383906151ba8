//! Cuts an expression into words, quoted strings and signs. What a sign may be depends on where it stands, so the parser
//! asks for what it wants next.

use std::ops::Range;

use super::ast::Relation;
use super::error::Problem;

/// An operator between a field and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Related(Relation),
    Has,
    Matches,
    MatchesNot,
}

/// Operators, the longer ones before their beginnings.
const OPERATORS: [(&str, Operator); 9] = [
    ("=~", Operator::Matches),
    ("!~", Operator::MatchesNot),
    ("!=", Operator::Related(Relation::NotEqual)),
    ("<=", Operator::Related(Relation::LessOrEqual)),
    (">=", Operator::Related(Relation::GreaterOrEqual)),
    ("=", Operator::Related(Relation::Equal)),
    ("<", Operator::Related(Relation::Less)),
    (">", Operator::Related(Relation::Greater)),
    (":", Operator::Has),
];

impl Operator {
    /// How it is written.
    pub(super) fn symbol(self) -> &'static str {
        let known = OPERATORS.iter().find(|(_, operator)| *operator == self);
        known.expect("every operator is in the table").0
    }
}

/// Text in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quoted {
    /// What it stands for.
    pub(super) text: String,
    /// Where it stands, quotes included.
    pub(super) span: Range<usize>,
}

/// How a backslash in quotes is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    /// As in most languages.
    Text,
    /// It belongs to the regex, but before a quote.
    Regex,
}

/// A position in an expression.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte offset of what comes next.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What comes next, if anything does.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The text between two byte offsets.
    pub(super) fn slice(&self, span: Range<usize>) -> &'a str {
        &self.text[span]
    }

    pub(super) fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes this sign if it comes next.
    pub(super) fn take(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        if found {
            self.at += sign.len_utf8();
        }
        found
    }

    /// Takes this word if it comes next and nothing is attached to it but a parenthesis.
    pub(super) fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = self.peek_word() == keyword;
        if found {
            self.at += keyword.len();
        }
        found
    }

    /// The bare word that comes next; empty when none does.
    pub(super) fn peek_word(&self) -> &'a str {
        self.word_while(is_word_char)
    }

    /// Takes the bare word that comes next, which may be empty.
    pub(super) fn take_word(&mut self) -> &'a str {
        let word = self.peek_word();
        self.at += word.len();
        word
    }

    /// Takes the bare value that comes next, which may be empty. In values, colons are ordinary: `10:30:00`.
    pub(super) fn take_value(&mut self) -> &'a str {
        let value = self.word_while(|character| is_word_char(character) || character == ':');
        self.at += value.len();
        value
    }

    /// Takes an operator, and blanks before it, if one comes next.
    pub(super) fn take_operator(&mut self) -> Option<(Operator, Range<usize>)> {
        let mut ahead = self.clone();
        ahead.skip_blanks();
        let (symbol, operator) = OPERATORS.iter().find(|(symbol, _)| ahead.rest().starts_with(symbol))?;
        self.at = ahead.at + symbol.len();
        Some((*operator, ahead.at..self.at))
    }

    /// Takes a quoted string. The quote must come next.
    pub(super) fn take_quoted(&mut self, escapes: Escapes) -> Result<Quoted, Problem> {
        let start = self.at;
        let quote = self.take_char().expect("the caller saw a quote");
        let mut text = String::new();
        loop {
            let at = self.at;
            match self.take_char() {
                Some(end) if end == quote => return Ok(Quoted { text, span: start..self.at }),
                Some('\\') => self.take_escape(at, escapes, &mut text)?,
                Some(other) => text.push(other),
                None => {
                    let problem = Problem::new(start..start + 1, "this quote is never closed");
                    return Err(problem.expected(format!("{quote} at the end of the text")));
                }
            }
        }
    }

    /// Reads what stands behind the backslash at `start`.
    fn take_escape(&mut self, start: usize, escapes: Escapes, text: &mut String) -> Result<(), Problem> {
        match (self.take_char(), escapes) {
            // The end of the expression: the quote that is missing is reported.
            (None, _) => {}
            (Some(quote @ ('"' | '\'')), _) => text.push(quote),
            (Some(other), Escapes::Regex) => text.extend(['\\', other]),
            (Some('\\'), _) => text.push('\\'),
            (Some('n'), _) => text.push('\n'),
            (Some('r'), _) => text.push('\r'),
            (Some('t'), _) => text.push('\t'),
            (Some('u'), _) => match self.take_code_point() {
                Some(character) => text.push(character),
                None => return Err(bad_escape(start..self.at)),
            },
            (Some(_), _) => return Err(bad_escape(start..self.at)),
        }
        Ok(())
    }

    /// Takes `{HEX}`.
    fn take_code_point(&mut self) -> Option<char> {
        let digits = self.rest().strip_prefix('{')?.split_once('}')?.0;
        if digits.len() > 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?;
        self.at += digits.len() + 2;
        Some(character)
    }

    fn take_char(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// A quote inside of a word belongs to the word (`don't`), but behind a dot it begins a quoted key.
    fn word_while(&self, accepts: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let mut previous = '.';
        for (at, character) in rest.char_indices() {
            if !accepts(character) || (character == '\'' && previous == '.') {
                return &rest[..at];
            }
            previous = character;
        }
        rest
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
}

/// Whether text can stand without quotes wherever a word can.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| is_word_char(character) && character != '\'')
}

fn is_word_char(character: char) -> bool {
    let sign =
        matches!(character, '(' | ')' | '"' | '=' | '<' | '>' | '!' | '~' | ':' | '*' | '\\' | '“' | '”');
    !(sign || character.is_whitespace() || character.is_control())
}

fn bad_escape(span: Range<usize>) -> Problem {
    Problem::new(span, "unknown escape in quoted text")
        .expected(r#"one of \" \' \n \r \t \u{HEX}, or \\ for a backslash"#)
}
