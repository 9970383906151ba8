//! Grams: every four characters that follow each other, without a digit among them.

use std::ops::Range;

use super::bits::Bits;
use super::map::mix;
use super::text::Text;

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

/// Calls for each stretch of a body of which every four characters are a gram. `cuts` is room to work in.
pub(super) fn stretches(text: &Text, cuts: &mut Bits, mut each: impl FnMut(Range<usize>)) {
    text.mark_cuts(cuts);
    let length = text.bytes().len();
    let mut from = 0;
    while from < length {
        let end = cuts.next_set(from).min(length);
        if end - from >= GRAM {
            each(from..end);
        }
        from = cuts.next_clear(end);
    }
}
