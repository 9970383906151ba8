//! Widths are round, narrow enough, and never too many.

#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn the_narrowest_round_width_is_taken() {
    for (span, most, width) in [
        (1, 60, 1),
        (60, 60, 1),
        (61, 60, 2),
        (3 * MICROSECOND, 60, 50),
        (SECOND, 60, 20 * MILLISECOND),
        (HOUR, 60, MINUTE),
        (HOUR + 1, 60, 2 * MINUTE),
        (DAY, 60, 30 * MINUTE),
        (DAY, 1_000, 2 * MINUTE),
        (7 * DAY, 60, 3 * HOUR),
        (365 * DAY, 60, 10 * DAY),
    ] {
        // From a time that is a multiple of every width.
        let buckets = round(0, span - 1, most);
        assert_eq!(buckets.width_nanos(), width, "{span} in {most}");
        assert!(buckets.count() <= most);
    }
}

#[test]
fn every_time_lies_in_a_bucket_and_there_are_never_too_many() {
    let times = [0, 1, 999, SECOND, 1_700_000_000 * SECOND + 123, 19_999 * DAY, 20_001 * DAY, u64::MAX];
    for (at, &first) in times.iter().enumerate() {
        for &last in &times[at..] {
            for most in [1, 2, 7, 60, 1_000] {
                let buckets = round(first, last, most);
                assert!((1..=most).contains(&buckets.count()), "{first} to {last} in {most}");
                let (of_first, of_last) = (buckets.of(first), buckets.of(last));
                assert_eq!(
                    (of_first, of_last),
                    (Some(0), Some(buckets.count() - 1)),
                    "{first} to {last} in {most}"
                );
                assert!(buckets.start_unix_nano(0) <= first);
            }
        }
    }
}
