//! Grams: every four characters that follow each other, without a digit among them.

use super::map::mix;
use super::text::{Text, is_in_gram};

/// How many characters a gram has.
pub(super) const GRAM: usize = 4;

/// Names a gram.
pub(super) fn gram(packed: u32) -> u64 {
    mix(u64::from(packed) + 1)
}

/// The bytes of a gram as a number; never 0, since NUL is in no gram.
pub(super) fn packed(gram: &[u8]) -> u32 {
    u32::from_le_bytes([gram[0], gram[1], gram[2], gram[3]])
}

/// Calls for each stretch of a body of which every four characters are a gram.
pub(super) fn stretches(text: &Text, mut each: impl FnMut(&[u8])) {
    let bytes = text.bytes();
    let mut take = |stretch: &[u8]| {
        if !text.has_foreign() {
            if stretch.len() >= GRAM {
                each(stretch);
            }
            return;
        }
        stretch.split(|&byte| !is_in_gram(byte)).filter(|part| part.len() >= GRAM).for_each(&mut each);
    };
    let mut from = 0;
    for run in text.runs() {
        let (start, end) = (run.start as usize, run.end as usize);
        if run.hides_letters() {
            take(&bytes[from..start]);
            from = end;
        } else if run.has_digit() {
            for at in (start..end).filter(|&at| bytes[at].is_ascii_digit()) {
                take(&bytes[from..at]);
                from = at + 1;
            }
        }
    }
    take(&bytes[from..]);
}
