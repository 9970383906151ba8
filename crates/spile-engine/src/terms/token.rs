//! Tokens: the runs that are worth a key of their own, such as ids and long numbers.

use xxhash_rust::xxh3::xxh3_64;

use super::text::{Kind, Run, Text};

/// The fewest digits of a number that is a token. Below lie durations, sizes, ports and process ids: in each line another, of
/// so few that a page of lines has most of them.
const MIN_NUMBER: usize = 6;

/// The fewest characters of another token.
pub(super) const MIN_TOKEN: usize = 5;

/// Letters that a number may have behind it: `1500ms`, `64KB`, `123456789Z`.
const MAX_UNIT: usize = 2;

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

/// How a page knows a run of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// By a key of its own.
    Key(u64),
    /// Only by how long it is.
    Length,
}

/// How a page knows a run of a body.
pub(super) fn known(text: &Text, run: Run) -> Known {
    let bytes = text.run(run);
    let is_token = is_token(run, bytes) && !(is_number(bytes) && text.is_fraction(run));
    if is_token { Known::Key(token(bytes)) } else { Known::Length }
}

/// The key of a part of a text that is a run of the whole; `None` unless every page that has such a run is sure to have its key.
pub(super) fn key_of_whole_run(text: &Text, run: Run) -> Option<u64> {
    let bytes = text.run(run);
    let may_be_fraction = is_number(bytes) && text.before(run) == Some(b'.');
    (is_token(run, bytes) && !may_be_fraction).then(|| token(bytes))
}

/// Whether a run is a token, for what it consists of.
fn is_token(run: Run, bytes: &[u8]) -> bool {
    match run.kind {
        Kind::WholeUuid => true,
        Kind::Decimal => bytes.len() >= MIN_NUMBER,
        Kind::Hex | Kind::Mixed if is_number(bytes) => {
            bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= MIN_NUMBER
        }
        Kind::Hex | Kind::Mixed => bytes.len() >= MIN_TOKEN,
    }
}

/// Whether a run is a number, if need be with a unit.
fn is_number(run: &[u8]) -> bool {
    run[0].is_ascii_digit() && run[..run.len().saturating_sub(MAX_UNIT)].iter().all(u8::is_ascii_digit)
}
