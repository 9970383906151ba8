//! Searches for the few texts without which no record matches: what a filter's conditions give to look for at SIMD speed.

use std::ops::Range;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::ast::{Expr, Relation, Source, Test, TextField, TextTest, ValueTest};
use super::needle::{rarest_part, search_in_any_case};

/// The most searches of a filter.
pub(super) const MAX_SEARCHES: usize = 8;

/// A search for one text.
#[derive(Clone, Debug)]
pub(super) enum Search {
    Exact(Box<Finder<'static>>),
    AnyCase(Regex),
}

/// What the texts are searched for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The encoded bytes of records.
    Record,
    /// The bodies of records.
    Body,
}

impl Search {
    /// The searches of which at least one hits each record that meets all conditions: those that are likely to hit least.
    /// `None` when there are none, or too many.
    pub(super) fn for_all(conditions: &[Expr], place: Place) -> Option<Vec<Self>> {
        let texts = place.best_of(conditions)?;
        Some(texts.iter().map(Text::search).collect())
    }

    /// The first hit at or behind a position.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        match self {
            Self::Exact(finder) => {
                let start = from + finder.find(&bytes[from..])?;
                Some(start..start + finder.needle().len())
            }
            Self::AnyCase(regex) => regex.find_at(bytes, from).map(|hit| hit.range()),
        }
    }
}

/// A text that must be there if a condition holds.
#[derive(Clone, Copy, Debug)]
enum Text<'a> {
    Exact(&'a [u8]),
    AnyCase(&'a str),
    /// An attribute's key, which is likely to be in many records.
    Key(&'a str),
}

impl Text<'_> {
    /// How rare the text is likely to be.
    fn weight(&self) -> usize {
        match self {
            Self::Exact(text) => text.len(),
            Self::AnyCase(text) => text.len(),
            Self::Key(_) => 0,
        }
    }

    fn search(&self) -> Search {
        match self {
            Self::AnyCase(text) => Search::AnyCase(search_in_any_case(rarest_part(text))),
            Self::Exact(text) => Search::Exact(Box::new(Finder::new(text).into_owned())),
            Self::Key(key) => Search::Exact(Box::new(Finder::new(key).into_owned())),
        }
    }
}

impl Place {
    /// For conditions that must all hold: the texts of the one whose texts are likely to be rarest.
    fn best_of(self, conditions: &[Expr]) -> Option<Vec<Text<'_>>> {
        let candidates = conditions.iter().filter_map(|condition| self.texts_of(condition));
        candidates.max_by_key(|texts| (texts.iter().map(Text::weight).min(), MAX_SEARCHES - texts.len()))
    }

    /// The texts of which at least one is there if the condition holds; `None` when there are none, or too many.
    fn texts_of(self, condition: &Expr) -> Option<Vec<Text<'_>>> {
        match condition {
            Expr::All(children) => self.best_of(children),
            Expr::Any(children) => {
                let texts: Option<Vec<_>> = children.iter().map(|child| self.texts_of(child)).collect();
                let texts = texts?.concat();
                (texts.len() <= MAX_SEARCHES).then_some(texts)
            }
            Expr::Is(test) => self.text_of(test).map(|text| vec![text]),
            Expr::Not(_) => None,
        }
    }

    fn text_of(self, test: &Test) -> Option<Text<'_>> {
        match test {
            Test::Text(field, test) if self == Self::Record || *field == TextField::Body => match test {
                TextTest::Equals(text) if !text.is_empty() => Some(Text::Exact(text.as_bytes())),
                TextTest::Contains(needle) => Some(Text::AnyCase(needle.text())),
                TextTest::Matches(pattern) => pattern.required().map(Text::Exact),
                TextTest::Equals(_) | TextTest::Present => None,
            },
            _ if self == Self::Body => None,
            Test::Id(_, Some(id)) => Some(Text::Exact(id)),
            // Every test of an attribute asks for its key; equality often asks for a text, too.
            Test::Attribute(Source::Record, key, test) => Some(match test {
                ValueTest::Related(Relation::Equal, literal) => {
                    literal.required().map_or(Text::Key(key), |text| Text::Exact(text.as_bytes()))
                }
                _ => Text::Key(key),
            }),
            // Severity and time are in the index; a resource's attributes lie elsewhere.
            _ => None,
        }
    }
}
