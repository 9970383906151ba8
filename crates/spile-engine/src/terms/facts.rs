//! What is known of a page as a whole, in a few bytes.
//!
//! A key refuses a page only for a run that is known whole. What a filter looks for may be part of a longer run; then the page is refused
//! if it has no run that is long enough to have such a part, other than those known by a key. Runs are told apart by what is
//! before them: in `order-40123456` no id behind a blank can be meant, however long it is.

use super::text::{Kind, Run, Text};
use super::token::Known;

/// A length of this or more.
const LONGEST: u8 = u8::MAX;

/// How many bytes the facts of a page take.
pub(super) const FACT_BYTES: usize = Before::COUNT * Class::COUNT + 1;

/// What a run can be a part of: one of a class is part of runs of its own class and of those above only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Decimal,
    Hex,
    Mixed,
}

impl Class {
    const COUNT: usize = 3;

    pub(super) fn of(run: Run) -> Self {
        match run.kind {
            Kind::Decimal => Self::Decimal,
            Kind::Hex | Kind::WholeUuid => Self::Hex,
            Kind::Mixed => Self::Mixed,
        }
    }
}

/// What is before a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Before(u8);

impl Before {
    /// Those that are usual before ids; all others, and the start of a text, are one more.
    const COUNT: usize = 8;
    const DASH: Self = Self(4);

    pub(super) fn of(byte: Option<u8>) -> Self {
        Self(match byte {
            Some(b' ') => 0,
            Some(b'=') => 1,
            Some(b':') => 2,
            Some(b'"') => 3,
            Some(b'-') => Self::DASH.0,
            Some(b'_') => 5,
            Some(b'/') => 6,
            _ => 7,
        })
    }
}

/// Something that is true of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    /// It has more grams than are kept: it may have any.
    AnyGram = 1,
    /// It has ids whose letters are in no gram.
    HiddenLetters = 2,
    /// It has UUIDs, whose parts have no keys of their own.
    WholeUuid = 4,
    /// It has what a UUID could be part of, without being one.
    LongUuid = 8,
    /// It has long tokens that are known by parts of them, not by their length.
    Parts = 16,
}

/// The facts of one page, while it is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    /// A bound on what runs can have parts of, by what is before them and by their class: a text in them that is as long as
    /// this, or longer, has a key. So a run without a key counts as one character longer than it is.
    longest: [[u8; Class::COUNT]; Before::COUNT],
    flags: u8,
}

impl Facts {
    pub(super) fn set(&mut self, flag: Flag) {
        self.flags |= flag as u8;
    }

    /// Adds the flags of others.
    pub(super) fn add_flags(&mut self, others: &Self) {
        self.flags |= others.flags;
    }

    /// Adds the runs of others.
    pub(super) fn add_lengths(&mut self, others: &Self) {
        let lengths = self.longest.iter_mut().flatten().zip(others.longest.iter().flatten());
        lengths.for_each(|(length, other)| *length = (*length).max(*other));
    }

    /// Notes a run of a body.
    pub(super) fn note(&mut self, text: &Text, run: Run, known: Known) {
        let before = Before::of(text.before(run));
        if run.hides_letters() {
            self.set(Flag::HiddenLetters);
        }
        if run.is_uuid() {
            self.set(Flag::WholeUuid);
            // Its parts have no keys: the first one, and the longest of the others.
            self.raise(before, Class::Hex, 8 + 1);
            self.raise(Before::DASH, Class::Hex, 12 + 1);
        } else {
            self.raise(before, Class::of(run), run.len() + usize::from(known == Known::Length));
        }
    }

    fn raise(&mut self, before: Before, class: Class, length: usize) {
        let longest = &mut self.longest[usize::from(before.0)][class as usize];
        *longest = (*longest).max(u8::try_from(length).unwrap_or(LONGEST));
    }

    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> {
        self.longest.iter().flatten().copied().chain([self.flags])
    }
}

/// The pages for which something is true, as bits, out of the facts of all pages.
fn pages_with(facts: &[u8], holds: impl Fn(&[u8; FACT_BYTES]) -> bool) -> u128 {
    let (facts, _) = facts.as_chunks();
    facts.iter().enumerate().fold(0, |pages, (page, fact)| pages | u128::from(holds(fact)) << page)
}

/// The pages that have something by a flag.
pub(super) fn pages_flagged(facts: &[u8], flag: Flag) -> u128 {
    pages_with(facts, |fact| fact[FACT_BYTES - 1] & flag as u8 != 0)
}

/// The pages in which a text of a class and length, and with this before it if that is known, may be part of a run without being a token.
pub(super) fn pages_with_longer(facts: &[u8], before: Option<Before>, class: Class, length: usize) -> u128 {
    let is_longer = |longest: &u8| *longest == LONGEST || usize::from(*longest) > length;
    pages_with(facts, |fact| {
        let (by_before, _) = fact.as_chunks::<{ Class::COUNT }>();
        let mut lengths = by_before.iter().enumerate();
        lengths.any(|(at, longest)| {
            before.is_none_or(|before| usize::from(before.0) == at)
                && longest[class as usize..].iter().any(is_longer)
        })
    })
}
