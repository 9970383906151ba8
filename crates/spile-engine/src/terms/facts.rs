//! What is known of a page as a whole, in four bytes.
//!
//! A key refuses a page only for a run that is known whole. What a filter looks for may be part of a longer run; then the page is refused
//! if it has no run that is long enough to have such a part, other than those known by a key.

use super::text::{Part, Run, Text};
use super::token::{Class, Known};

/// How many bytes the facts of a page take.
pub(super) const FACT_BYTES: usize = Class::COUNT + 1;

/// A length of this or more.
const LONGEST: u8 = u8::MAX;

/// Something that is true of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    /// It has more grams than are kept: it may have any.
    AnyGram = 1,
    /// It has ids whose letters are in no gram.
    HiddenLetters = 2,
    /// It has UUIDs, whose runs have no keys of their own.
    WholeUuid = 4,
    /// It has what a UUID could be part of, without being one.
    LongUuid = 8,
}

/// The facts of one page, while it is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    /// For each class of runs a bound on what they can have parts of: a text in them that is as long as this, or longer, has
    /// a key. So a run without a key counts as one character longer than it is.
    longest: [u8; Class::COUNT],
    flags: u8,
}

impl Facts {
    pub(super) fn set(&mut self, flag: Flag) {
        self.flags |= flag as u8;
    }

    /// Notes the runs of a body but for what `known` says of those with a digit.
    pub(super) fn note_text(&mut self, text: &Text) {
        if text.has_long_uuid() {
            self.set(Flag::LongUuid);
        }
        for run in text.runs() {
            if run.hides_letters() {
                self.set(Flag::HiddenLetters);
            }
            if run.part != Part::Alone {
                self.set(Flag::WholeUuid);
            }
        }
    }

    /// Notes a run with a digit.
    pub(super) fn note_run(&mut self, run: Run, known: Known) {
        let length = run.len() + usize::from(known == Known::Length);
        let longest = &mut self.longest[Class::of(run) as usize];
        *longest = (*longest).max(u8::try_from(length).unwrap_or(LONGEST));
    }

    pub(super) fn to_bytes(self) -> [u8; FACT_BYTES] {
        let [decimal, hex, mixed] = self.longest;
        [decimal, hex, mixed, self.flags]
    }
}

/// The pages for which something is true, as bits, out of the facts of all pages.
pub(super) fn pages_with(facts: &[u8], holds: impl Fn(&[u8; FACT_BYTES]) -> bool) -> u128 {
    let (facts, _) = facts.as_chunks();
    facts.iter().enumerate().fold(0, |pages, (page, fact)| pages | u128::from(holds(fact)) << page)
}

/// The pages that have something by a flag.
pub(super) fn pages_flagged(facts: &[u8], flag: Flag) -> u128 {
    pages_with(facts, |fact| fact[Class::COUNT] & flag as u8 != 0)
}

/// The pages in which a text of a class and length may be part of a run without being a token.
pub(super) fn pages_with_longer(facts: &[u8], class: Class, length: usize) -> u128 {
    pages_with(facts, |fact| {
        fact[class as usize..Class::COUNT]
            .iter()
            .any(|&longest| longest == LONGEST || usize::from(longest) > length)
    })
}
