//! Parts of long tokens: by them an id is refused in a page though a longer token there might have it in it.
//!
//! Of every sixteen characters of a long token that follow each other one part of eight is a key: the one with the least hash.
//! A text of sixteen characters chooses the same part wherever it stands, so what is in no chosen part is in no token. That is
//! several keys a token, so it is done only in pages of which few lines have long tokens; in others their length decides.

use super::facts::{Facts, Flag};
use super::map::mix;
use super::text::{Run, Text};
use super::token::Known;

/// Tokens with more characters are long. A text must have as many to choose a part.
const LONG: usize = 16;

/// How many characters a part has.
const PART: usize = 8;

/// The most characters of all long tokens of a page for which parts are kept.
const MAX_PAGE_BYTES: usize = 2 * 1024;

/// The part that a text chooses, by its first characters; `None` when it is too short.
pub(super) fn part_of(text: &[u8]) -> Option<u64> {
    text.first_chunk::<LONG>().map(chosen)
}

/// Names the part that sixteen characters choose.
fn chosen(text: &[u8; LONG]) -> u64 {
    let parts = text.windows(PART).map(|part| {
        let part = part.try_into().expect("a window has the length that it was asked for");
        // The hash of a part must not be that of a token.
        mix(u64::from_le_bytes(part) ^ 0x5bd1_e995_9e37_79b9)
    });
    parts.min().expect("sixteen characters have parts of eight")
}

/// The long tokens of a page while it is read.
#[derive(Debug, Default)]
pub(super) struct LongTokens {
    /// Distinct ones, one behind the other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// What is to be known of the page when there are too many.
    facts: Facts,
    are_too_many: bool,
}

impl LongTokens {
    /// Takes a run of a body if it is long; otherwise it returns false.
    pub(super) fn take(&mut self, text: &Text, run: Run, known: Known) -> bool {
        if run.len() <= LONG || run.is_uuid() {
            return false;
        }
        self.facts.note(text, run, known);
        let token = text.run(run);
        self.are_too_many |= self.bytes.len() + token.len() > MAX_PAGE_BYTES;
        if !self.are_too_many && !self.tokens().any(|other| other == token) {
            self.bytes.extend_from_slice(token);
            self.ends.push(self.bytes.len());
        }
        true
    }

    /// Adds to the page's facts what is known by them, calls for each part, and forgets all tokens.
    pub(super) fn end_page(&mut self, facts: &mut Facts, mut each: impl FnMut(u64)) {
        facts.add_flags(&self.facts);
        if self.are_too_many {
            facts.add_lengths(&self.facts);
        } else if !self.ends.is_empty() {
            facts.set(Flag::Parts);
            for token in self.tokens() {
                token.windows(LONG).filter_map(part_of).for_each(&mut each);
            }
        }
        self.bytes.clear();
        self.ends.clear();
        self.facts = Facts::default();
        self.are_too_many = false;
    }

    fn tokens(&self) -> impl Iterator<Item = &[u8]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }
}
