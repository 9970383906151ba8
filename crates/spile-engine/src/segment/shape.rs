//! The shape of a line: lines of one statement in a program mostly have the same.

use xxhash_rust::xxh3::Xxh3Default;

/// How far into a body its shape is looked for, bytes.
const MAX_BYTES: usize = 192;

/// How many words make a shape.
const MAX_WORDS: usize = 6;

/// A hash of a body's first words. Words with digits are values, not words.
pub(super) fn of(body: &[u8]) -> u64 {
    let mut hash = Xxh3Default::new();
    let start = &body[..body.len().min(MAX_BYTES)];
    let words = start.split(|byte| !byte.is_ascii_alphanumeric());
    let words = words.filter(|word| word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic));
    for word in words.take(MAX_WORDS) {
        hash.update(word);
        hash.update(b" ");
    }
    hash.digest()
}
