//! Text that is looked for whatever its case.

use regex::bytes::{Regex, RegexBuilder};

/// Memory that a search may use to remember states, for each thread that runs it at the same time.
const STATE_BYTES: usize = 256 * 1024;

/// The most spellings of a part of a text that are searched for at once.
const MAX_SPELLINGS: usize = 16;

/// The most characters of such a part.
const MAX_PART: usize = 12;

/// Text to be found anywhere, compared by Unicode's simple case folding.
///
/// The search is a case-insensitive regex of the literal, which looks for all spellings of its beginning at once (SIMD).
#[derive(Clone, Debug)]
pub(super) struct Needle {
    text: Box<str>,
    search: Regex,
}

impl Needle {
    /// Compiles a search for text, which is no longer than an expression.
    pub(super) fn new(text: &str) -> Self {
        // Spellings that differ in ASCII case only make the same filter.
        let text = text.to_ascii_lowercase();
        Self { search: search_in_any_case(&text), text: text.into() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        self.search.is_match(text)
    }
}

/// Compiles a search for text in any case.
pub(super) fn search_in_any_case(text: &str) -> Regex {
    RegexBuilder::new(&regex::escape(text))
        .case_insensitive(true)
        .dfa_size_limit(STATE_BYTES)
        .build()
        .expect("an escaped literal of at most 8 KiB stays far below the size limit of regexes")
}

/// The part of a text that is likely to be rarest and has few spellings, so that all of them are searched for at once and
/// a hit needs no further check. `request_id=3ade68b1` is better searched for by its end than by its beginning.
pub(super) fn rarest_part(text: &str) -> &str {
    let starts = text.char_indices().map(|(start, _)| start);
    let parts = starts.map(|start| part_of_few_spellings(&text[start..]));
    let best = parts.rev().max_by_key(|part| part.chars().map(rarity).sum::<usize>());
    best.unwrap_or(text)
}

/// The beginning of a text, as far as it has few spellings.
fn part_of_few_spellings(text: &str) -> &str {
    let mut spellings = 1;
    for (at, (start, character)) in text.char_indices().enumerate() {
        spellings *= match character {
            // The Kelvin sign, and the long s.
            'k' | 's' => 3,
            letter if letter.is_ascii_alphabetic() => 2,
            other if other.is_ascii() => 1,
            _ => 4,
        };
        if at > 0 && (spellings > MAX_SPELLINGS || at == MAX_PART) {
            return &text[..start];
        }
    }
    text
}

/// How much a character makes a text rare in logs.
fn rarity(character: char) -> usize {
    match character {
        'e' | 't' | 'a' | 'o' | 'i' | 'n' | 's' | 'r' | 'l' | 'd' | 'c' | ' ' => 2,
        '0'..='9' => 4,
        _ => 3,
    }
}
