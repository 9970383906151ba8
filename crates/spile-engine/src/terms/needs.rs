//! What a filter needs a page to have, in terms that are stored.

use super::bits::Bits;
use super::facts::{Before, Class, Flag};
use super::gram::{GRAM, gram, packed, stretches};
use super::layout::Terms;
use super::page_set::PageSet;
use super::parts::part_of;
use super::text::{HEX_PREFIX, Kind, Run, Text};
use super::token::{MIN_TOKEN, key_of_whole_run, token, trace_token};

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
    /// A token, unless the page has longer runs of which it may be a part.
    TokenOrLonger(u64, Longer),
    Gram(u64),
    /// A gram, unless the page has ids whose letters are in no gram.
    GramOrHidden(u64),
}

/// Runs of a class or of those above, longer than this, and with this before them if that is known. If they are known by their parts,
/// they have this part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Longer {
    class: Class,
    than: usize,
    before: Option<Before>,
    part: Option<u64>,
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
            Term::TokenOrLonger(token, longer) => {
                self.pages_with_token(token) | self.pages_with_longer_run(longer)
            }
            Term::Gram(gram) => self.pages_with_gram(gram),
            Term::GramOrHidden(gram) => self.pages_with_gram(gram) | self.pages_flagged(Flag::HiddenLetters),
        }
    }

    /// The pages that may have a run of which a text is a part, other than those that are known by a key.
    fn pages_with_longer_run(&self, longer: Longer) -> u128 {
        let Longer { class, than, before, part } = longer;
        let by_parts = match (self.pages_flagged(Flag::Parts), part) {
            (0, _) => 0,
            (pages, None) => pages,
            (pages, Some(part)) => pages & self.pages_with_token(part),
        };
        by_parts | self.pages_with_longer(before, class, than)
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
        let mut grams = part.grams();
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
    /// The token that a body must have because of a run.
    fn token(&self, run: Run) -> Option<Term> {
        let (start, end) = self.text.around(run.start as usize);
        if run.kind == Kind::WholeUuid {
            return Some(Term::UuidOrLonger(token(self.text.run(run))));
        }
        if !self.is_open(start, end) {
            let key = key_of_whole_run(self.text, run)?;
            let may_be_in_uuid = self.may_be_in_uuid(start, end);
            return Some(if may_be_in_uuid { Term::TokenOrUuid(key) } else { Term::Token(key) });
        }
        // An x at the start may be the end of `0x`, and a 0 alone its start: neither is then part of a run.
        let may_be_prefixed = start == 0 && self.text.run(run)[0] == HEX_PREFIX[1];
        if run.len() < MIN_TOKEN || may_be_prefixed {
            return None;
        }
        // The run that it is part of is a token, or the page counts it as longer than that.
        let before = (!self.is_open_at_start(start)).then(|| self.text.before(run)).flatten();
        let longer = Longer {
            class: Class::of(run),
            than: run.len(),
            before: before.map(|byte| Before::of(Some(byte))),
            part: part_of(self.text.run(run)),
        };
        Some(Term::TokenOrLonger(token(self.text.run(run)), longer))
    }

    /// Whether letters and digits may go on beyond the text.
    fn is_open(&self, start: usize, end: usize) -> bool {
        self.is_open_at_start(start) || (self.open.end && end == self.text.bytes().len())
    }

    fn is_open_at_start(&self, start: usize) -> bool {
        self.open.start && start == 0
    }

    /// Whether letters and digits that are whole may be part of a UUID that goes on beyond the text.
    fn may_be_in_uuid(&self, start: usize, end: usize) -> bool {
        let bytes = self.text.bytes();
        let is_joined = bytes[..start].ends_with(b"-") || bytes[end..].starts_with(b"-");
        is_joined && matches!(end - start, 4 | 8 | 12)
    }

    /// The grams that a body must have.
    fn grams(&self) -> Vec<Term> {
        let mut grams = Vec::new();
        stretches(self.text, &mut Bits::default(), |stretch| {
            let windows = self.text.bytes()[stretch.clone()].windows(GRAM);
            grams.extend(stretch.zip(windows).map(|(at, window)| {
                let gram = gram(packed(window));
                if self.may_be_hidden(at) { Term::GramOrHidden(gram) } else { Term::Gram(gram) }
            }));
        });
        grams
    }

    /// Whether letters of the gram at a place may be in no gram of a body, because they are those of an id.
    fn may_be_hidden(&self, at: usize) -> bool {
        (at..at + GRAM).filter(|&at| self.text.is_in_run(at)).any(|at| {
            let (start, end) = self.text.around(at);
            let bytes = &self.text.bytes()[start..end];
            let prefix = match bytes {
                [b'0', b'x', ..] => 2,
                [b'x', ..] if self.is_open_at_start(start) => 1,
                _ => 0,
            };
            let is_id = self.is_open(start, end) || end - start >= 8 || self.may_be_in_uuid(start, end);
            is_id && at >= start + prefix && self.text.is_hex(start + prefix, end)
        })
    }
}
