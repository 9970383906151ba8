//! Which bytes of a text are of a kind, a bit for each: runs and gaps are found by whole words instead of byte by byte.

use std::ops::Range;

/// A bit for each byte of a text. Beyond its end all bits are clear.
#[derive(Debug, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Looks at every byte of a text: eight of them at a time are given to `kind`, which sets the high bit of each byte that is
    /// of the kind and clears that of the others. What was there before is forgotten.
    pub(super) fn mark(&mut self, text: &[u8], kind: impl Fn(u64) -> u64) {
        let (eights, rest) = text.as_chunks();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // The zeros behind the end may be of the kind.
        let last = bits_of(kind(u64::from_le_bytes(last))) & ((1 << rest.len()) - 1);
        self.words.clear();
        let (blocks, tail) = eights.as_chunks::<8>();
        self.words.extend(blocks.iter().map(|block| word_of(block, &kind)));
        self.words.push(word_of(tail, &kind) | (last << (tail.len() * 8)));
    }

    /// The first set bit at or behind a place; the end of the bits if there is none.
    pub(super) fn next_set(&self, from: usize) -> usize {
        self.next(from..usize::MAX, |word| word)
    }

    /// The first clear bit at or behind a place.
    pub(super) fn next_clear(&self, from: usize) -> usize {
        self.next(from..usize::MAX, |word| !word)
    }

    /// The first bit of a range that `look` makes a set one; not before its end, or the end of the bits, if there is none. Words beyond the
    /// range are not looked at: a long text has many ranges.
    fn next(&self, range: Range<usize>, look: impl Fn(u64) -> u64) -> usize {
        let mut at = range.start / 64;
        let mut mask = u64::MAX << (range.start % 64);
        while let Some(&word) = self.words.get(at).filter(|_| at * 64 < range.end) {
            let found = look(word) & mask;
            if found != 0 {
                return at * 64 + found.trailing_zeros() as usize;
            }
            mask = u64::MAX;
            at += 1;
        }
        (self.words.len() * 64).min(range.end)
    }

    /// Where the set bits begin that end before a place: behind the last clear bit there.
    pub(super) fn start_of_set(&self, end: usize) -> usize {
        let mut at = end / 64;
        let mut mask = (1 << (end % 64)) - 1;
        loop {
            let clear = self.words.get(at).map_or(u64::MAX, |word| !word) & mask;
            if clear != 0 {
                return at * 64 + 64 - clear.leading_zeros() as usize;
            }
            if at == 0 {
                return 0;
            }
            mask = u64::MAX;
            at -= 1;
        }
    }

    /// Whether any bit of a range is set.
    pub(super) fn any(&self, range: Range<usize>) -> bool {
        self.next(range.clone(), |word| word) < range.end
    }

    /// Whether all bits of a range are set.
    pub(super) fn all(&self, range: Range<usize>) -> bool {
        self.next(range.clone(), |word| !word) >= range.end
    }

    /// Becomes a copy of others.
    pub(super) fn copy(&mut self, others: &Self) {
        self.words.clone_from(&others.words);
    }

    /// Sets the bits that are set in others.
    pub(super) fn add(&mut self, others: &Self) {
        self.words.iter_mut().zip(&others.words).for_each(|(word, other)| *word |= other);
    }

    /// Sets the bits of a range that lies in the text.
    pub(super) fn set(&mut self, range: Range<usize>) {
        let words = if range.is_empty() { 0..0 } else { range.start / 64..range.end.div_ceil(64) };
        for at in words {
            let first = range.start.saturating_sub(at * 64);
            let count = (range.end - at * 64).min(64) - first;
            self.words[at] |= u64::MAX >> (64 - count) << first;
        }
    }
}

/// The bits of up to 64 bytes.
fn word_of(eights: &[[u8; 8]], kind: &impl Fn(u64) -> u64) -> u64 {
    eights
        .iter()
        .enumerate()
        .fold(0, |word, (at, eight)| word | (bits_of(kind(u64::from_le_bytes(*eight))) << (at * 8)))
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = LOW << 7;

/// Gathers the high bits of eight bytes.
fn bits_of(eight: u64) -> u64 {
    // Each product of two powers lands on a bit of its own; the wanted ones are the highest byte.
    ((eight & HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Eight bytes: the high bit of each that lies in a range of ASCII characters. (Other bits are to be ignored.)
pub(super) fn in_range(eight: u64, first: u8, last: u8) -> u64 {
    let low = eight & !HIGH;
    // The sums stay below 256, so no byte carries into the next.
    let from_first = low + LOW * u64::from(0x80 - first);
    let behind_last = low + LOW * u64::from(0x7f - last);
    from_first & !behind_last & !eight
}

/// Eight bytes: the high bit of each that is not ASCII, or NUL.
pub(super) fn foreign(eight: u64) -> u64 {
    eight | in_range(eight, 0, 0)
}
