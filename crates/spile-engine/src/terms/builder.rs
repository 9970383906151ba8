//! Collects the terms of a row group, page by page, and writes them down.
//!
//! Lines of a page are much alike, so most of what a body has was just seen in another: stretches of text and tokens are
//! first looked up among the latest, and only what is new is looked at closely.

use super::bits::Bits;
use super::facts::{Facts, Flag};
use super::gram::{gram, stretches};
use super::layout::{GRAM_BITS, Section, TOKEN_BITS};
use super::map::{PageMap, entry};
use super::page_set::MAX_PAGES;
use super::parts::LongTokens;
use super::seen::{LatestEntries, LatestStretches, PageGrams};
use super::text::Text;
use super::token::{Known, known, trace_token};

/// The most entries that are kept of a row group, some thirty times the usual: 1 million, 8 MB while they are collected, and about
/// 45 MB while the map is built. Beyond them it has no terms.
const MAX_ENTRIES: usize = 1_000_000;

/// Makes the terms of a row group: which of its pages have what. Kept for the next row group, it allocates little.
#[derive(Debug, Default)]
pub struct TermsBuilder {
    text: Text,
    cuts: Bits,
    facts: Vec<Facts>,
    grams: PageGrams,
    long_tokens: LongTokens,
    latest_stretches: LatestStretches,
    latest_tokens: LatestEntries,
    /// Entries of all pages so far, in any order, some more than once.
    gram_entries: Vec<u64>,
    token_entries: Vec<u64>,
    /// The page that records were last added to.
    page: usize,
    has_too_many: bool,
}

impl TermsBuilder {
    /// Takes what a record of a page has: its text, and its trace id or nothing. It is fastest when the records of a page follow
    /// each other.
    ///
    /// # Panics
    /// If the page is not below [`MAX_PAGES`].
    pub fn add(&mut self, page: usize, body: &[u8], trace_id: &[u8]) {
        assert!(page < MAX_PAGES, "terms are kept for at most {MAX_PAGES} pages");
        if page != self.page {
            self.end_page();
            self.page = page;
        }
        if self.facts.len() <= page {
            self.facts.resize(page + 1, Facts::default());
        }
        if let Ok(id) = trace_id.try_into() {
            self.add_token(trace_token(id));
        }
        self.text.read(body);
        self.add_tokens();
        stretches(&self.text, &mut self.cuts, |stretch| {
            let stretch = &self.text.bytes()[stretch];
            if self.latest_stretches.is_new(stretch) {
                self.grams.add(stretch);
            }
        });
        self.bound();
    }

    /// Writes down the terms of a row group of so many pages, and is empty again.
    ///
    /// # Panics
    /// If a record was added to a page beyond, or if there are more than [`MAX_PAGES`].
    #[must_use]
    pub fn finish(&mut self, pages: usize) -> Vec<u8> {
        assert!(
            self.facts.len() <= pages && pages <= MAX_PAGES,
            "records were added to the row group's pages, of which there are at most {MAX_PAGES}"
        );
        self.end_page();
        self.facts.resize(pages, Facts::default());
        sort(&mut self.gram_entries);
        sort(&mut self.token_entries);
        let build = |entries: &[u64], bits| {
            (!self.has_too_many).then(|| PageMap::build(entries, pages, bits)).flatten()
        };
        let grams = build(&self.gram_entries, GRAM_BITS);
        let tokens = build(&self.token_entries, TOKEN_BITS);
        let section = Section { facts: &self.facts, grams, tokens }.to_bytes();
        self.facts.clear();
        self.gram_entries.clear();
        self.token_entries.clear();
        (self.page, self.has_too_many) = (0, false);
        section
    }

    fn add_tokens(&mut self) {
        if self.text.has_long_uuid() {
            self.facts[self.page].set(Flag::LongUuid);
        }
        for at in 0..self.text.runs().len() {
            let run = self.text.runs()[at];
            let known = known(&self.text, run);
            if !self.long_tokens.take(&self.text, run, known) {
                self.facts[self.page].note(&self.text, run, known);
            }
            if let Known::Key(token) = known {
                self.add_token(token);
            }
        }
    }

    fn add_token(&mut self, token: u64) {
        let entry = entry(token, self.page);
        if self.latest_tokens.is_new(entry) {
            self.token_entries.push(entry);
        }
    }

    /// Moves what was seen of a page to the entries of all pages.
    fn end_page(&mut self) {
        let page = self.page;
        if let Some(facts) = self.facts.get_mut(page) {
            self.long_tokens.end_page(facts, |part| self.token_entries.push(entry(part, page)));
            if self.grams.is_full() {
                facts.set(Flag::AnyGram);
                self.grams.drain(|_| {});
            }
            self.grams.drain(|packed| self.gram_entries.push(entry(gram(packed), page)));
        }
        self.latest_stretches.forget();
        self.latest_tokens.forget();
    }

    /// Keeps the entries within their bound.
    fn bound(&mut self) {
        let entries = |of: &Self| of.gram_entries.len() + of.token_entries.len();
        if entries(self) <= MAX_ENTRIES {
            return;
        }
        sort(&mut self.gram_entries);
        sort(&mut self.token_entries);
        // Where half of them were the same it goes on; otherwise sorting so many would take ever longer.
        if self.has_too_many || entries(self) > MAX_ENTRIES / 2 {
            self.has_too_many = true;
            self.gram_entries.clear();
            self.token_entries.clear();
        }
    }
}

/// Sorts entries, and leaves one of those that are the same.
fn sort(entries: &mut Vec<u64>) {
    entries.sort_unstable();
    entries.dedup();
}
