//! A place in an input: how much of it is stored, as one number that only grows.

/// How many of a sequence's low bits count results.
const RESULT_BITS: u32 = 16;

/// The most results that may lie between the oldest kept piece and the place.
pub(crate) const MAX_RESULTS: u64 = (1 << RESULT_BITS) - 2;

/// Where reading has to start again, and what is stored of what comes behind.
///
/// Mostly `results` is 0 and `start` lies behind the last line stored. While pieces of a container's line wait for the rest of it,
/// `start` stays at the oldest of them, and `results` counts the lines behind it that are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// A position in the input at which a line begins, bytes.
    pub(crate) start: u64,
    /// How many results that come from reading there are stored already; at most [`MAX_RESULTS`].
    pub(crate) results: u64,
}

impl Place {
    /// Inputs are at most this long: 256 TiB. Places behind it cannot be told apart.
    pub(crate) const MAX_START: u64 = u64::MAX >> RESULT_BITS;

    /// The place behind a line, with nothing kept.
    pub(crate) fn behind(position: u64) -> Self {
        Self { start: position, results: 0 }
    }

    /// The place as a producer's sequence. Sequences order as places do.
    pub(crate) fn sequence(self) -> u64 {
        (self.start.min(Self::MAX_START) << RESULT_BITS) | self.results.min(MAX_RESULTS + 1)
    }

    /// The place of a sequence; 0, which stands for none, is the input's start.
    pub(crate) fn of_sequence(sequence: u64) -> Self {
        Self { start: sequence >> RESULT_BITS, results: sequence & ((1 << RESULT_BITS) - 1) }
    }
}
