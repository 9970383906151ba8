//! Tokens: the runs with a digit that are worth a key of their own, such as ids and long numbers.

use xxhash_rust::xxh3::xxh3_64;

use super::text::{Part, Run, Text};

/// The fewest digits of a number that is a token. Below lie durations, sizes, ports and process ids: in each line another, of
/// so few that a page of lines has most of them.
const MIN_NUMBER: usize = 6;

/// The fewest characters of another token.
const MIN_MIXED: usize = 5;

/// Letters that a number may have behind it: `1500ms`, `64KB`, `123456789Z`.
const MAX_UNIT: usize = 2;

/// What a run can be a part of: one of a class is part of runs of its own class and of those above only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Decimal,
    Hex,
    Mixed,
}

impl Class {
    pub(super) const COUNT: usize = 3;

    pub(super) fn of(run: Run) -> Self {
        if run.is_decimal() {
            Self::Decimal
        } else if run.is_hex() {
            Self::Hex
        } else {
            Self::Mixed
        }
    }
}

/// Names a token.
pub(super) fn token(text: &[u8]) -> u64 {
    xxh3_64(text)
}

/// Names a trace id as the token of its hexadecimal digits: often it is in a body, too.
pub(super) fn trace_token(id: &[u8; 16]) -> u64 {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 32];
    for (two, byte) in text.chunks_exact_mut(2).zip(id) {
        two.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    token(&text)
}

/// How a run with a digit is known of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// By a key of its own.
    Key(u64),
    /// Only by how long it is.
    Length,
}

/// How a page knows a run of a body; `None` for a run without a digit, of which it has grams.
pub(super) fn known(text: &Text, run: Run) -> Option<Known> {
    if !run.has_digit() {
        return None;
    }
    let bytes = text.run(run);
    let has_key = run.part == Part::Alone && has_key(bytes) && !(is_number(bytes) && text.is_fraction(run));
    Some(if has_key { Known::Key(token(bytes)) } else { Known::Length })
}

/// The key of a part of a text that is a run of the whole; `None` unless every page that has such a run is sure to have its key.
pub(super) fn key_of_whole_run(text: &Text, run: Run) -> Option<u64> {
    let bytes = text.run(run);
    let may_be_fraction = is_number(bytes) && text.before(run) == Some(b'.');
    (run.has_digit() && has_key(bytes) && !may_be_fraction).then(|| token(bytes))
}

/// Whether a run with a digit is a token, for what it consists of.
fn has_key(run: &[u8]) -> bool {
    if is_number(run) {
        run.iter().filter(|byte| byte.is_ascii_digit()).count() >= MIN_NUMBER
    } else {
        run.len() >= MIN_MIXED
    }
}

/// Whether it is a number, if need be with a unit.
fn is_number(run: &[u8]) -> bool {
    run[0].is_ascii_digit() && run[..run.len().saturating_sub(MAX_UNIT)].iter().all(u8::is_ascii_digit)
}
