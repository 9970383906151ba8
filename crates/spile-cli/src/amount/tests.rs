//! Amounts, there and back.

use proptest::prelude::*;

use super::{interval, parse_interval, parse_size, size};

#[test]
fn sizes_are_read_as_they_are_meant() {
    for (text, bytes) in [
        ("0", 0),
        ("1500", 1_500),
        ("10GiB", 10 << 30),
        (" 10 gib ", 10 << 30),
        ("10G", 10 << 30),
        ("10GB", 10_000_000_000),
        ("3k", 3 << 10),
        ("1TiB", 1 << 40),
    ] {
        assert_eq!(parse_size(text), Ok(bytes), "{text}");
    }
    for text in ["", "GiB", "-1", "1.5GiB", "10 apples", "99999999TiB", "99999999999999999999999"] {
        assert!(parse_size(text).is_err(), "{text}");
    }
}

#[test]
fn lengths_of_time_are_read_as_they_are_meant() {
    const SECOND: u64 = 1_000_000_000;
    for (text, nanos) in [
        ("30s", 30 * SECOND),
        ("1m", 60 * SECOND),
        ("1h30m", 5_400 * SECOND),
        ("7d", 7 * 86_400 * SECOND),
        ("1w", 7 * 86_400 * SECOND),
        ("2 hours", 7_200 * SECOND),
        ("250ms", SECOND / 4),
    ] {
        assert_eq!(parse_interval(text), Ok(nanos), "{text}");
    }
    for text in ["", "5", "-5m", "0s", "1 month", "2 hours ago", "soon", "900y", "200000000d"] {
        assert!(parse_interval(text).is_err(), "{text}");
    }
}

#[test]
fn a_length_of_time_is_told_in_few_units() {
    for (nanos, text) in [
        (0, "0s"),
        (60_000_000_000, "1m"),
        (5_400_000_000_000, "1h30m"),
        (86_400_000_000_000, "1d"),
        (1_500_000, "1ms500us"),
    ] {
        assert_eq!(interval(nanos), text);
    }
}

proptest! {
    #[test]
    fn what_is_told_is_read_again(nanos in 1_u64..100_000_000_000_000_000) {
        prop_assert_eq!(parse_interval(&interval(nanos)), Ok(nanos));
    }

    #[test]
    fn a_size_that_is_told_is_read_again(bytes in 0_u64..1 << 50, shift in 0..13) {
        let bytes = bytes << shift;
        prop_assert_eq!(parse_size(&size(bytes)), Ok(bytes));
    }
}
