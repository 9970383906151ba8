//! What a text must have so that a regex can match in it: all literals on every way through the regex.
//!
//! Parts that follow each other and always stand for the same characters, but for their case, make one literal. It may go on at its ends
//! unless the regex says that no letter or digit stands there.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::terms::{Need, Open};

/// So many characters of a class are not one in several spellings: `k` has three.
const TOO_MANY: usize = 4;

/// What a page must have so that a regex can match a body in it.
pub(super) fn need_of(hir: &Hir) -> Need {
    let mut walk = Walk::default();
    walk.take(hir);
    walk.cut(Edge::Open);
    Need::all(walk.needs)
}

/// What is known of the character beside a literal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Edge {
    /// It may be any, or there may be none.
    #[default]
    Open,
    /// There is none, or it is neither a letter nor a digit.
    Closed,
}

/// A walk through the parts of a regex that follow each other.
#[derive(Debug, Default)]
struct Walk {
    /// The literal so far.
    text: String,
    /// What is before it.
    before: Edge,
    needs: Vec<Need>,
}

impl Walk {
    fn take(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => self.text.push_str(text),
                Err(_) => self.cut(Edge::Open),
            },
            HirKind::Class(class) => match only_character(class) {
                Some(character) => self.text.push(character),
                None => self.cut(edge_of(class)),
            },
            HirKind::Look(look) => self.cut(beside(*look)),
            HirKind::Capture(capture) => self.take(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.take(part)),
            HirKind::Repetition(repetition) if repetition.min == 0 => self.cut(Edge::Open),
            HirKind::Repetition(repetition) => match repetition.sub.kind() {
                HirKind::Class(class) if only_character(class).is_none() => self.cut(edge_of(class)),
                _ => self.take_apart(need_of(&repetition.sub)),
            },
            HirKind::Alternation(branches) => self.take_apart(Need::any(branches.iter().map(need_of))),
        }
    }

    /// Takes a need that is not joined to its neighbours.
    fn take_apart(&mut self, need: Need) {
        self.cut(Edge::Open);
        self.needs.push(need);
    }

    /// Ends the literal; what follows it, and is before the next, is known.
    fn cut(&mut self, edge: Edge) {
        if !self.text.is_empty() {
            let open = Open { start: self.before == Edge::Open, end: edge == Edge::Open };
            self.needs.push(Need::text(&self.text, open));
            self.text.clear();
        }
        self.before = edge;
    }
}

/// What is beside a literal at an assertion.
fn beside(look: Look) -> Edge {
    match look {
        Look::Start | Look::End | Look::StartLF | Look::EndLF | Look::StartCRLF | Look::EndCRLF => {
            Edge::Closed
        }
        // Of a literal's last character and the next, one is no part of a word; if it is the literal's, there is nothing to go on.
        Look::WordUnicode | Look::WordStartUnicode | Look::WordEndUnicode => Edge::Closed,
        Look::WordStartHalfUnicode | Look::WordEndHalfUnicode => Edge::Closed,
        // To these the Kelvin sign and the long s are no letters, but terms take them for some.
        Look::WordAscii | Look::WordAsciiNegate | Look::WordStartAscii | Look::WordEndAscii => Edge::Open,
        Look::WordStartHalfAscii | Look::WordEndHalfAscii | Look::WordUnicodeNegate => Edge::Open,
    }
}

/// What is beside a literal at a character of a class.
fn edge_of(class: &Class) -> Edge {
    let has = |character: char| match class {
        Class::Unicode(class) => {
            class.iter().any(|range| range.start() <= character && character <= range.end())
        }
        Class::Bytes(class) => class
            .iter()
            .any(|range| (char::from(range.start())..=char::from(range.end())).contains(&character)),
    };
    let mut continuing = ('0'..='9').chain('a'..='z').chain('A'..='Z').chain(['\u{212a}', '\u{17f}']);
    if continuing.any(has) { Edge::Open } else { Edge::Closed }
}

/// The character that a class stands for in several spellings, such as `[Aa]`.
fn only_character(class: &Class) -> Option<char> {
    let characters: Vec<char> = match class {
        Class::Unicode(class) => {
            class.iter().flat_map(|range| range.start()..=range.end()).take(TOO_MANY).collect()
        }
        Class::Bytes(class) => class
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .take(TOO_MANY)
            .map(char::from)
            .collect(),
    };
    let first = in_one_case(*characters.first()?);
    (characters.len() < TOO_MANY && characters.into_iter().all(|other| in_one_case(other) == first))
        .then_some(first)
}

/// The character that terms take another for.
fn in_one_case(character: char) -> char {
    match character {
        '\u{212a}' => 'k',
        '\u{17f}' => 's',
        other => other.to_ascii_lowercase(),
    }
}
