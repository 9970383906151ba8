//! What a filter needs a page to have, in terms that are stored.

use super::facts::Flag;
use super::gram::{GRAM, gram, packed};
use super::layout::Terms;
use super::page_set::PageSet;
use super::text::{Part, Run, Text, is_in_gram};
use super::token::{Class, key_of_whole_run, token, trace_token};

/// The most grams that are asked for of one text; of a longer text some are left out.
const MAX_TEXT_GRAMS: usize = 48;

/// What a page must have so that a record in it may match: made once for a filter, asked of many row groups.
#[derive(Clone, Debug)]
pub struct Needs(Need);

#[derive(Clone, Debug)]
pub(crate) enum Need {
    /// Every one; without any, nothing is needed.
    All(Vec<Need>),
    /// At least one; without any, no page will do.
    Any(Vec<Need>),
    /// A term of the page.
    Term(Term),
}

/// A term that a page has, unless something is true of the page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    Token(u64),
    /// A token, unless the page has UUIDs, of which it may be a part.
    TokenOrUuid(u64),
    /// A UUID, unless the page has what a UUID could be part of.
    UuidOrLonger(u64),
    /// A token, unless the page has longer runs of the class or of those above, of which it may be a part.
    TokenOrLonger(u64, Class, usize),
    Gram(u64),
    /// A gram, unless the page has ids whose letters are in no gram.
    GramOrHidden(u64),
}

/// Whether a text may go on where it starts and ends. Where it may not, it starts or ends the whole, or what stands there is
/// neither a letter nor a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) start: bool,
    pub(crate) end: bool,
}

impl Open {
    pub(crate) const BOTH: Self = Self { start: true, end: true };
    pub(crate) const NEITHER: Self = Self { start: false, end: false };
}

impl Needs {
    /// Whether nothing is needed that terms tell of: then every page will do, and they need not be read.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.0.is_nothing()
    }
}

impl From<Need> for Needs {
    fn from(need: Need) -> Self {
        Self(need)
    }
}

impl Terms {
    /// The pages that may have what is needed. Every page that has a record which matches is one of them.
    #[must_use]
    pub fn pages(&self, needs: &Needs) -> PageSet {
        let all = PageSet::all(self.pages);
        PageSet::of_bits(self.pages_of(&needs.0, all.bits()), self.pages)
    }

    /// Those of some pages that may have what is needed.
    fn pages_of(&self, need: &Need, among: u128) -> u128 {
        match need {
            // Nothing is asked of a row group that is out already.
            Need::All(needs) => needs.iter().fold(among, |pages, need| match pages {
                0 => 0,
                pages => self.pages_of(need, pages),
            }),
            Need::Any(needs) => needs.iter().fold(0, |pages, need| pages | self.pages_of(need, among)),
            Need::Term(term) => among & self.pages_with(term),
        }
    }

    fn pages_with(&self, term: &Term) -> u128 {
        match *term {
            Term::Token(token) => self.pages_with_token(token),
            Term::TokenOrUuid(token) => self.pages_with_token(token) | self.pages_flagged(Flag::WholeUuid),
            Term::UuidOrLonger(token) => self.pages_with_token(token) | self.pages_flagged(Flag::LongUuid),
            Term::TokenOrLonger(token, class, length) => {
                self.pages_with_token(token) | self.pages_with_longer(class, length)
            }
            Term::Gram(gram) => self.pages_with_gram(gram),
            Term::GramOrHidden(gram) => self.pages_with_gram(gram) | self.pages_flagged(Flag::HiddenLetters),
        }
    }
}

impl Need {
    pub(crate) const NOTHING: Self = Self::All(Vec::new());

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::All(needs) if needs.is_empty())
    }

    /// Every one of these.
    pub(crate) fn all(needs: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for need in needs {
            match need {
                Self::All(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        // Single terms first, and of these the tokens, which are the rarest.
        all.sort_by_key(|need| if let Self::Term(term) = need { Some(term.clone()) } else { None });
        let trees = all.iter().take_while(|need| !matches!(need, Self::Term(_))).count();
        all.rotate_left(trees);
        Self::All(all)
    }

    /// At least one of these.
    pub(crate) fn any(needs: impl IntoIterator<Item = Self>) -> Self {
        let needs: Vec<_> = needs.into_iter().collect();
        if needs.iter().any(Self::is_nothing) { Self::NOTHING } else { Self::Any(needs) }
    }

    /// A trace id.
    pub(crate) fn trace(id: &[u8; 16]) -> Self {
        Self::Term(Term::Token(trace_token(id)))
    }

    /// A text in a body, whatever its case.
    pub(crate) fn text(text: &str, open: Open) -> Self {
        let mut read = Text::default();
        read.read(text.as_bytes());
        let part = TextPart { text: &read, open };
        let tokens = read.runs().iter().filter_map(|&run| part.token(run));
        let mut grams: Vec<_> = part.grams().collect();
        grams.sort();
        grams.dedup();
        // Their order is that of their hashes, so these are any of them.
        grams.truncate(MAX_TEXT_GRAMS);
        Self::all(tokens.chain(grams).map(Self::Term))
    }
}

/// A text that is part of a body.
struct TextPart<'a> {
    text: &'a Text,
    open: Open,
}

impl TextPart<'_> {
    /// Whether a run may go on beyond the text.
    fn is_open(&self, run: Run) -> bool {
        (self.open.start && run.start == 0) || (self.open.end && run.end as usize == self.text.bytes().len())
    }

    /// The token that a body must have because of a run.
    fn token(&self, run: Run) -> Option<Term> {
        match run.part {
            Part::UuidStart => Some(Term::UuidOrLonger(token(self.text.uuid(run)))),
            Part::UuidRest => None,
            // The run that it is part of is a token, or the page counts it as longer than that.
            Part::Alone if self.is_open(run) => run
                .has_digit()
                .then(|| Term::TokenOrLonger(token(self.text.run(run)), Class::of(run), run.len())),
            Part::Alone => {
                let key = key_of_whole_run(self.text, run)?;
                Some(if self.may_be_in_uuid(run) { Term::TokenOrUuid(key) } else { Term::Token(key) })
            }
        }
    }

    /// Whether a whole run may be part of a UUID that goes on beyond the text.
    fn may_be_in_uuid(&self, run: Run) -> bool {
        let is_joined = [self.text.before(run), self.text.behind(run)].contains(&Some(b'-'));
        run.is_hex() && is_joined && matches!(run.len(), 4 | 8 | 12)
    }

    /// The grams that a body must have.
    fn grams(&self) -> impl Iterator<Item = Term> {
        let windows = self.text.bytes().windows(GRAM).enumerate();
        windows.filter(|(_, window)| window.iter().all(|&byte| is_in_gram(byte))).map(|(at, window)| {
            let gram = gram(packed(window));
            if self.may_be_hidden(at) { Term::GramOrHidden(gram) } else { Term::Gram(gram) }
        })
    }

    /// Whether letters of the gram at a place may be in no gram of a body.
    fn may_be_hidden(&self, at: usize) -> bool {
        let runs = self.text.runs();
        let first = runs.partition_point(|run| run.end as usize <= at);
        let touched = runs[first..].iter().take_while(|run| (run.start as usize) < at + GRAM);
        touched
            .copied()
            .any(|run| run.hides_letters() || run.is_hex() && (self.is_open(run) || self.may_be_in_uuid(run)))
    }
}
