//! One search over all bytes of a frame finds the records that are worth a look.
//!
//! A record can only match if its bytes contain one of a few texts. The texts are searched for in the frame's bytes as a
//! whole, at SIMD speed, and a hit is mapped back to its record, which is then asked in full: the hit may lie in another
//! field. No match is missed: it is itself a hit, and hits are looked for from the start of every record that is asked.

use std::ops::Range;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::ast::{Expr, Relation, Source, Test, TextTest, ValueTest};
use super::needle::{rarest_part, search_in_any_case};
use crate::frame::Frame;

/// The most searches in one sweep.
const MAX_SEARCHES: usize = 8;

/// Texts of which a record that matches contains at least one.
#[derive(Clone, Debug)]
pub(super) struct Sweep {
    searches: Vec<Search>,
}

#[derive(Clone, Debug)]
enum Search {
    Exact(Box<Finder<'static>>),
    AnyCase(Regex),
}

impl Sweep {
    /// The best sweep for conditions that must all hold, if there is one.
    pub(super) fn for_all(conditions: &[Expr]) -> Option<Self> {
        let texts = best_of(conditions)?;
        Some(Self { searches: texts.iter().map(Text::search).collect() })
    }

    /// Starts a sweep over a run of a frame's records.
    pub(super) fn over<'a>(&'a self, frame: &'a Frame, run: Range<usize>) -> Hits<'a> {
        let end = frame.record_span(run).end;
        Hits { sweep: self, frame, bytes: &frame.records()[..end], next: [0; MAX_SEARCHES] }
    }
}

/// A text that a record's bytes contain if a condition holds for it.
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

/// For conditions that must all hold: the texts of the one whose texts are likely to be rarest.
fn best_of(conditions: &[Expr]) -> Option<Vec<Text<'_>>> {
    let candidates = conditions.iter().filter_map(texts_of);
    candidates.max_by_key(|texts| (texts.iter().map(Text::weight).min(), MAX_SEARCHES - texts.len()))
}

/// The texts of which a record contains at least one if the condition holds for it; `None` when there are none, or too many.
fn texts_of(condition: &Expr) -> Option<Vec<Text<'_>>> {
    match condition {
        Expr::All(children) => best_of(children),
        Expr::Any(children) => {
            let texts: Option<Vec<_>> = children.iter().map(texts_of).collect();
            let texts = texts?.concat();
            (texts.len() <= MAX_SEARCHES).then_some(texts)
        }
        Expr::Is(test) => text_of(test).map(|text| vec![text]),
        Expr::Not(_) => None,
    }
}

fn text_of(test: &Test) -> Option<Text<'_>> {
    match test {
        Test::Id(_, Some(id)) => Some(Text::Exact(id)),
        Test::Text(_, TextTest::Equals(text)) if !text.is_empty() => Some(Text::Exact(text.as_bytes())),
        Test::Text(_, TextTest::Contains(needle)) => Some(Text::AnyCase(needle.text())),
        Test::Text(_, TextTest::Matches(pattern)) => pattern.required().map(Text::Exact),
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

impl Search {
    fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match self {
            Self::Exact(finder) => finder.find(&bytes[from..]).map(|hit| from + hit),
            Self::AnyCase(regex) => regex.find_at(bytes, from).map(|hit| hit.start()),
        }
    }
}

/// Where a sweep has come to.
pub(super) struct Hits<'a> {
    sweep: &'a Sweep,
    frame: &'a Frame,
    bytes: &'a [u8],
    /// For each search the position behind the start of its next hit: 0 before it was searched, the maximum without a hit.
    next: [usize; MAX_SEARCHES],
}

impl Hits<'_> {
    /// The first record at or behind `at` that has a hit.
    pub(super) fn record_from(&mut self, at: usize) -> Option<usize> {
        let from = self.frame.record_span(at..at).start;
        for (search, next) in self.sweep.searches.iter().zip(&mut self.next) {
            if *next <= from {
                *next = search.find(self.bytes, from).map_or(usize::MAX, |hit| hit + 1);
            }
        }
        let next = self.next[..self.sweep.searches.len()].iter().min();
        let hit = next.filter(|next| **next != usize::MAX)? - 1;
        Some(self.frame.record_at_byte(hit))
    }
}
