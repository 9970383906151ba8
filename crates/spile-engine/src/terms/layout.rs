//! How the terms of a row group are stored, and read where they lie.
//!
//! One byte says which maps there are: bit 0 grams, bit 1 tokens. When there is one, the facts of each page follow
//! (25 bytes each), then the maps. All numbers are little-endian. A map that is missing is taken for one that has everything.

use std::ops::Range;

use bytes::Bytes;
use thiserror::Error;

use super::facts::{Before, Class, FACT_BYTES, Facts, Flag, pages_flagged, pages_with_longer};
use super::map::{CellBits, PageMap};
use super::page_set::MAX_PAGES;

/// Grams are many, and a filter asks for several: a small chance for each is enough.
pub(super) const GRAM_BITS: CellBits = CellBits::Eight;

/// A token is asked for alone, of every row group: of 64 with 16 pages one seems to have it in a page, which a million records are.
/// With two bits more it would be one of 256, for half a byte a record (1 % of a segment).
pub(super) const TOKEN_BITS: CellBits = CellBits::Ten;

const HAS_GRAMS: u8 = 1;
const HAS_TOKENS: u8 = 2;

/// The stored terms of a row group are not what was written, or not those of that row group.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("invalid terms of a row group: {0}")]
pub struct TermsError(&'static str);

/// The terms of a row group, to be stored.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) facts: &'a [Facts],
    pub(super) grams: Option<Vec<u8>>,
    pub(super) tokens: Option<Vec<u8>>,
}

impl Section<'_> {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let flag = |map: &Option<_>, flag| if map.is_some() { flag } else { 0 };
        let mut bytes = vec![flag(&self.grams, HAS_GRAMS) | flag(&self.tokens, HAS_TOKENS)];
        if bytes[0] != 0 {
            bytes.extend(self.facts.iter().flat_map(Facts::bytes));
            bytes.extend(self.grams.iter().chain(&self.tokens).flatten());
        }
        bytes
    }
}

/// The terms of a row group: which of its pages may hold a text or a trace id.
///
/// They are asked where they lie. A page that has what is asked for is never left out, as long as the bytes are those that
/// were written: whoever stores them keeps a checksum with them.
#[derive(Clone, Debug)]
pub struct Terms {
    pub(super) pages: usize,
    bytes: Bytes,
    facts: Range<usize>,
    grams: Option<(PageMap, Range<usize>)>,
    tokens: Option<(PageMap, Range<usize>)>,
    any_gram: u128,
    hidden_letters: u128,
}

impl Terms {
    /// Takes the stored terms of a row group of so many pages. Nothing is copied.
    ///
    /// # Errors
    /// If the bytes are not such terms.
    pub fn read(bytes: Bytes, pages: usize) -> Result<Self, TermsError> {
        if pages > MAX_PAGES {
            return Err(TermsError("there are more pages than terms are kept for"));
        }
        let &which = bytes.first().ok_or(TermsError("there are none"))?;
        if which & !(HAS_GRAMS | HAS_TOKENS) != 0 {
            return Err(TermsError("they have unknown parts"));
        }
        let facts = 1..1 + if which == 0 { 0 } else { pages * FACT_BYTES };
        let fact_bytes = bytes.get(facts.clone()).ok_or(TermsError("the facts of pages are cut off"))?;
        let any_gram = pages_flagged(fact_bytes, Flag::AnyGram);
        let hidden_letters = pages_flagged(fact_bytes, Flag::HiddenLetters);
        let mut end = facts.end;
        let mut map = |flag, bits| {
            if which & flag == 0 {
                return Ok(None);
            }
            let found = PageMap::read(&bytes[end..], bits);
            let (map, head, cells) = found.ok_or(TermsError("a map is cut off or malformed"))?;
            let start = end + head;
            end = start + cells;
            Ok(Some((map, start..end)))
        };
        let grams = map(HAS_GRAMS, GRAM_BITS)?;
        let tokens = map(HAS_TOKENS, TOKEN_BITS)?;
        if end != bytes.len() {
            return Err(TermsError("there are bytes behind them"));
        }
        Ok(Self { pages, bytes, facts, grams, tokens, any_gram, hidden_letters })
    }

    /// Bytes of memory that they take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }

    /// The pages that may have a gram.
    pub(super) fn pages_with_gram(&self, gram: u64) -> u128 {
        let Some((map, cells)) = &self.grams else { return u128::MAX };
        map.pages(&self.bytes[cells.clone()], gram, self.pages) | self.any_gram
    }

    /// The pages that may have a token.
    pub(super) fn pages_with_token(&self, token: u64) -> u128 {
        let Some((map, cells)) = &self.tokens else { return u128::MAX };
        map.pages(&self.bytes[cells.clone()], token, self.pages)
    }

    /// The pages in which a text may be part of a run that no key is known for.
    pub(super) fn pages_with_longer(&self, before: Option<Before>, class: Class, length: usize) -> u128 {
        pages_with_longer(&self.bytes[self.facts.clone()], before, class, length)
    }

    /// The pages that have something by a flag.
    pub(super) fn pages_flagged(&self, flag: Flag) -> u128 {
        match flag {
            Flag::HiddenLetters => self.hidden_letters,
            Flag::AnyGram => self.any_gram,
            other => pages_flagged(&self.bytes[self.facts.clone()], other),
        }
    }
}
