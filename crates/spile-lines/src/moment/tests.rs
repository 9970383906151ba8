//! The forms of time, read at a known moment in a known zone.
#![allow(clippy::unwrap_used)]

use jiff::{Timestamp, Zoned};
use proptest::prelude::*;

use super::parse;

/// A winter morning, one hour ahead of UTC.
fn now() -> Zoned {
    "2026-11-22T10:30:00+01:00[Europe/Berlin]".parse().unwrap()
}

fn read(text: &str) -> String {
    match parse(text, &now()) {
        Ok(nanos) => Timestamp::from_nanosecond(nanos.into()).unwrap().to_string(),
        Err(error) => error,
    }
}

#[test]
fn times_are_read_as_they_are_meant() {
    for (text, expected) in [
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"),
        ("2026-11-22T10:00:00.123456789+05:30", "2026-11-22T04:30:00.123456789Z"),
        ("2026-11-22 10:00", "2026-11-22T09:00:00Z"),
        ("2026-11-22T10:00:05.5", "2026-11-22T09:00:05.5Z"),
        ("2026-07-01 10:00", "2026-07-01T08:00:00Z"),
        ("2026-11-22", "2026-11-21T23:00:00Z"),
        ("09:15", "2026-11-22T08:15:00Z"),
        ("09:15:30", "2026-11-22T08:15:30Z"),
        ("now", "2026-11-22T09:30:00Z"),
        ("1732269600000000001", "2024-11-22T10:00:00.000000001Z"),
        ("today", "2026-11-21T23:00:00Z"),
        ("Yesterday", "2026-11-20T23:00:00Z"),
        ("5m", "2026-11-22T09:25:00Z"),
        ("-5m", "2026-11-22T09:25:00Z"),
        ("5m ago", "2026-11-22T09:25:00Z"),
        ("10m", "2026-11-22T09:20:00Z"),
        ("-1h", "2026-11-22T08:30:00Z"),
        ("2 hours ago", "2026-11-22T07:30:00Z"),
        ("1 day ago", "2026-11-21T09:30:00Z"),
        ("90 minutes ago", "2026-11-22T08:00:00Z"),
        ("tomorrow", "2026-11-22T23:00:00Z"),
        ("1h30m", "2026-11-22T08:00:00Z"),
        ("1h 30m", "2026-11-22T08:00:00Z"),
        ("90s", "2026-11-22T09:28:30Z"),
        ("2d", "2026-11-20T09:30:00Z"),
        ("1w", "2026-11-15T09:30:00Z"),
        ("+5m", "2026-11-22T09:35:00Z"),
        ("@1732269600", "2024-11-22T10:00:00Z"),
        ("@1732269600.25", "2024-11-22T10:00:00.25Z"),
        (" now ", "2026-11-22T09:30:00Z"),
        // The day on which clocks went back: the first of the two.
        ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_time_is_refused_with_the_forms() {
    for text in [
        "",
        "soon",
        "-",
        "+",
        "--5m",
        "+-5m",
        "5",
        "5x",
        "@",
        "@x",
        "@1.x",
        "@1.2.3",
        "2026-13-01",
        "25:00",
        "10",
        "2026-11-22 25:00",
        "ago",
    ] {
        assert!(read(text).contains("forms"), "{text}: {}", read(text));
    }
    assert!(read("1969-12-31T00:00:00Z").contains("1970"));
    assert!(read("100y").contains("1970"));
    assert!(read("3000-01-01").contains("2554"));
}

#[test]
fn the_first_instant_is_still_a_bound() {
    assert_eq!(parse("1970-01-01T00:00:00Z", &now()), Ok(1));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,20}|[-+@0-9a-z:. T]{0,24}") {
        let _either = parse(&text, &now());
    }
}
