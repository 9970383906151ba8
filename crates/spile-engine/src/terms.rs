//! Terms: which pages of a row group may hold a text or a trace id.
//!
//! With each row group of a segment its terms are stored, in a few bytes a record. They refuse most pages for most texts before
//! anything is decompressed, and never one that has a match. There are two kinds of terms:
//!
//! - **Grams**, four characters without a digit, answer for any text that has letters, wherever it starts and ends.
//! - **Tokens**, runs of letters and digits with a digit among them, answer for ids, of which grams cannot tell: in a page of
//!   random ids nearly every short part of one occurs. The key is of the whole token, so what is looked for may also be a part of
//!   a longer one. A page knows how long its tokens are, and is refused if none is longer.
//!
//! In reading order: `text` (how a text is read, with `bits`), `gram`, `token`, `facts` (what is known of a page as a whole), `parts` (of
//! long tokens), `map` (from a term to its pages), `builder` with `seen`, `layout` (as it is stored), `needs` (what is asked for),
//! `page_set` (the answer).

mod bits;
mod builder;
mod facts;
mod gram;
mod layout;
mod map;
mod needs;
mod page_set;
mod parts;
mod seen;
#[cfg(test)]
mod tests;
mod text;
mod token;

pub use builder::TermsBuilder;
pub use layout::{Terms, TermsError};
pub use needs::Needs;
pub(crate) use needs::{Need, Open};
pub use page_set::{MAX_PAGES, PageSet};
