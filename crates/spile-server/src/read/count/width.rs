//! Round widths for the buckets of a histogram.

#[cfg(test)]
mod tests;

use spile_engine::tally::Buckets;

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000 * MICROSECOND;
const SECOND: u64 = 1_000 * MILLISECOND;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Units of time, and how many of each are a round width, ascending.
const WIDTHS: &[(u64, &[u64])] = &[
    (1, &[1, 2, 5, 10, 20, 50, 100, 200, 500]),
    (MICROSECOND, &[1, 2, 5, 10, 20, 50, 100, 200, 500]),
    (MILLISECOND, &[1, 2, 5, 10, 20, 50, 100, 200, 500]),
    (SECOND, &[1, 2, 5, 10, 15, 30]),
    (MINUTE, &[1, 2, 5, 10, 15, 30]),
    (HOUR, &[1, 2, 3, 6, 12]),
    (DAY, &[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]),
];

/// The narrowest buckets of a round width that cover the times from `first` to `last` with at most `most` of them, which is not 0.
pub(super) fn round(first: u64, last: u64, most: usize) -> Buckets {
    let widths = WIDTHS.iter().flat_map(|(unit, counts)| counts.iter().map(move |count| unit * count));
    let covering = |width| Buckets::covering(first, last, width).filter(|buckets| buckets.count() <= most);
    // Nothing is wider than all of time, which 64 bits of nanoseconds end in the year 2554.
    widths.filter_map(covering).next().unwrap_or(Buckets::ONE)
}
