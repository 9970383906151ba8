//! Each spelling of a time against the instant it means.
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;

use super::*;
use crate::scan::Scanner;

fn at(text: &str) -> u64 {
    u64::try_from(text.parse::<Timestamp>().unwrap().as_nanosecond()).unwrap()
}

fn context(now: &str) -> Context {
    Context { now: at(now), offset: UtcOffset::UTC }
}

/// Reads with `read`; gives the instant, whether the zone was assumed, and what is left.
fn read(read: fn(&mut Scanner<'_>) -> Option<Civil>, text: &str) -> Option<(u64, bool, &str)> {
    let mut scanner = Scanner::new(text);
    let stamp = read(&mut scanner)?.resolve(&context("2024-07-01T12:00:00Z"))?;
    Some((stamp.nanos, stamp.zone_assumed, scanner.rest()))
}

#[test]
fn numeric_times_are_read_in_all_their_spellings() {
    let local = [
        "2024-01-31 23:59:59 x",
        "2024-01-31T23:59:59 x",
        "2024/01/31 23:59:59 x",
        "2024.01.31 23:59:59 x",
        "2024-01-31_23:59:59 x",
        "2024-01-31:23:59:59 x",
        "2024-01-31t23:59:59,000 x",
    ];
    for text in local {
        assert_eq!(read(numeric, text), Some((at("2024-01-31T23:59:59Z"), true, " x")), "{text}");
    }
    assert_eq!(read(numeric, "2024-01-31  3:59:59").unwrap().0, at("2024-01-31T03:59:59Z"));
}

#[test]
fn fractions_are_read_to_the_nanosecond() {
    for (text, instant) in [
        ("2024-01-31 23:59:59,1", "2024-01-31T23:59:59.1Z"),
        ("2024-01-31 23:59:59.123", "2024-01-31T23:59:59.123Z"),
        ("2024-01-31 23:59:59:123", "2024-01-31T23:59:59.123Z"),
        ("2024-01-31 23:59:59.123456789", "2024-01-31T23:59:59.123456789Z"),
        ("2024-01-31 23:59:59.123456789987654321098", "2024-01-31T23:59:59.123456789Z"),
    ] {
        assert_eq!(read(numeric, text), Some((at(instant), true, "")), "{text}");
    }
}

#[test]
fn zones_are_read_directly_and_after_a_blank() {
    for (text, rest) in [
        ("2024-01-31T22:59:59Z", ""),
        ("2024-01-31T22:59:59z x", " x"),
        ("2024-01-31T23:59:59+01:00", ""),
        ("2024-01-31T23:59:59+0100", ""),
        ("2024-01-31T23:59:59+01", ""),
        ("2024-01-31T17:29:59-0530 x", " x"),
        ("2024-01-31 23:59:59 +0100 x", " x"),
        ("2024-01-31 23:59:59 +01:00] x", "] x"),
        ("2024-01-31 22:59:59 UTC [1]", " [1]"),
        ("2024-01-31 23:59:59 CET: x", ": x"),
        ("2024-01-31 17:59:59 EST", ""),
        ("2024-01-31T23:59:59+01:00[Europe/Berlin] x", " x"),
    ] {
        assert_eq!(read(numeric, text), Some((at("2024-01-31T22:59:59Z"), false, rest)), "{text}");
    }
}

#[test]
fn what_is_no_zone_is_left_alone() {
    for rest in [
        " - INFO",
        " -1 left",
        " -12 left",
        " -12345 left",
        " UTCTIME",
        " INFO",
        " IST x",
        "-text",
        " +1 x",
        " Z_order",
        "Zone",
        " PST8PDT",
    ] {
        let text = format!("2024-01-31T22:59:59{rest}");
        assert_eq!(read(numeric, &text), Some((at("2024-01-31T22:59:59Z"), true, rest)), "{text}");
    }
}

#[test]
fn impossible_times_are_refused() {
    for text in [
        "2024-13-01 00:00:00",
        "2024-02-30 00:00:00",
        "2023-02-29 00:00:00",
        "2024-01-31 24:00:00",
        "2024-01-31 23:60:00",
        "2024-01-31 23:59:61",
        "1969-12-31 23:59:59",
        "2600-01-01 00:00:00",
        "2024-01/31 00:00:00",
        "2024-01-31 23:59",
        "2024-1-31 23:59:59",
        "24-01-31 23:59:59",
        "2024-01-31 23:59:599",
    ] {
        assert_eq!(read(numeric, text), None, "{text}");
    }
    assert_eq!(read(numeric, "2016-12-31T23:59:60Z").unwrap().0, at("2017-01-01T00:00:00Z"), "a leap second");
}

#[test]
fn times_with_names_of_months_are_read() {
    for (reader, text, instant, assumed, rest) in [
        (
            month_name_day as fn(&mut Scanner<'_>) -> Option<Civil>,
            "Jun  4 15:16:01 host",
            "2024-06-04T15:16:01Z",
            true,
            " host",
        ),
        (month_name_day, "Jun 14 15:16:01.5 host", "2024-06-14T15:16:01.5Z", true, " host"),
        (month_name_day, "Jun 14 2005 15:16:01: %X", "2005-06-14T15:16:01Z", true, ": %X"),
        (month_name_day, "Jun 14 15:16:01 2005] x", "2005-06-14T15:16:01Z", true, "] x"),
        (month_name_day, "Jun 14 15:16:01 2005x", "2024-06-14T15:16:01Z", true, " 2005x"),
        (month_name_day, "Jun 14, 2005 15:16:01 UTC", "2005-06-14T15:16:01Z", false, ""),
        (long, "Sun Dec 04 04:47:44 2005] [", "2005-12-04T04:47:44Z", true, "] ["),
        (long, "Sun Dec  4 04:47:44.123456 2005", "2005-12-04T04:47:44.123456Z", true, ""),
        (long, "Sun, 04 Dec 2005 04:47:44 GMT", "2005-12-04T04:47:44Z", false, ""),
        (dashed_day, "31-Jan-2024 23:59:59.123 INFO", "2024-01-31T23:59:59.123Z", true, " INFO"),
        (dashed_day, "31 Jan 2024 23:59:59,123 INFO", "2024-01-31T23:59:59.123Z", true, " INFO"),
        (access_log, "31/Jan/2024:23:59:59 +0100]", "2024-01-31T22:59:59Z", false, "]"),
    ] {
        assert_eq!(read(reader, text), Some((at(instant), assumed, rest)), "{text}");
    }
}

#[test]
fn missing_year_is_the_last_one_not_more_than_a_day_ahead() {
    let read_at = |now: &str, text: &str| {
        let civil = month_name_day(&mut Scanner::new(text)).unwrap();
        civil.resolve(&context(now)).map(|stamp| stamp.nanos)
    };
    for (now, text, instant) in [
        ("2024-01-01T00:30:00Z", "Dec 31 23:59:59", "2023-12-31T23:59:59Z"),
        ("2023-12-31T23:30:00Z", "Jan  1 00:00:05", "2024-01-01T00:00:05Z"),
        ("2024-06-15T00:00:00Z", "Jun 16 00:00:00", "2024-06-16T00:00:00Z"),
        ("2024-06-15T00:00:00Z", "Jun 16 00:00:01", "2023-06-16T00:00:01Z"),
        ("2026-11-10T00:00:00Z", "Feb 29 12:00:00", "2024-02-29T12:00:00Z"),
    ] {
        assert_eq!(read_at(now, text), Some(at(instant)), "{text} at {now}");
    }
    assert_eq!(read_at("2024-01-01T00:30:00Z", "Feb 30 12:00:00"), None);
}

#[test]
fn missing_date_is_the_last_one_not_more_than_an_hour_ahead() {
    let read_at = |now: &str, text: &str, offset: &str| {
        let clock = clock(&mut Scanner::new(text)).unwrap();
        let context = Context { now: at(now), offset: offset.parse().unwrap() };
        Civil { date: Date::None, clock, offset: None }.resolve(&context).unwrap().nanos
    };
    for (now, text, offset, instant) in [
        ("2024-01-01T12:00:00Z", "11:59:59", "Z", "2024-01-01T11:59:59Z"),
        ("2024-01-01T12:00:00Z", "13:00:00", "Z", "2024-01-01T13:00:00Z"),
        ("2024-01-01T12:00:00Z", "13:00:01", "Z", "2023-12-31T13:00:01Z"),
        ("2024-01-01T23:30:00Z", "00:10:00", "Z", "2024-01-02T00:10:00Z"),
        ("2024-01-01T23:30:00Z", "00:10:00", "+02:00", "2024-01-01T22:10:00Z"),
    ] {
        assert_eq!(read_at(now, text, offset), at(instant), "{text} at {now}");
    }
}

#[test]
fn default_offset_is_used_only_without_a_zone() {
    let context = Context { now: 0, offset: UtcOffset::hours(2) };
    let resolve = |text: &str| numeric(&mut Scanner::new(text)).unwrap().resolve(&context).unwrap();
    assert_eq!(
        resolve("2024-01-31 01:00:00"),
        Stamp { nanos: at("2024-01-30T23:00:00Z"), zone_assumed: true }
    );
    assert_eq!(
        resolve("2024-01-31 01:00:00Z"),
        Stamp { nanos: at("2024-01-31T01:00:00Z"), zone_assumed: false }
    );
}

#[test]
fn epoch_numbers_tell_their_unit_and_lose_nothing() {
    for (text, nanos) in [
        ("1700000000", 1_700_000_000_000_000_000),
        ("1700000000.123", 1_700_000_000_123_000_000),
        ("1700000000.123456789", 1_700_000_000_123_456_789),
        ("1700000000.1234567891234567", 1_700_000_000_123_456_789),
        ("1.700000000123456789e9", 1_700_000_000_123_456_789),
        ("1.7e9", 1_700_000_000_000_000_000),
        ("1700000000123", 1_700_000_000_123_000_000),
        ("1700000000123.456", 1_700_000_000_123_456_000),
        ("1700000000123456", 1_700_000_000_123_456_000),
        ("1700000000123456789", 1_700_000_000_123_456_789),
        ("1", 1_000_000_000),
    ] {
        assert_eq!(from_number(text), Some(Stamp { nanos, zone_assumed: false }), "{text}");
    }
    for text in [
        "",
        "0",
        "-5",
        "x",
        "1x",
        "1.x",
        ".5",
        "1e",
        "1e99",
        "1e-99",
        "1e2147483647",
        "1e-2147483648",
        "99999999999999999999",
        "1 ",
        &"9".repeat(40),
    ] {
        assert_eq!(from_number(text), None, "{text}");
    }
    assert_eq!(from_parts(5, 7), Some(Stamp { nanos: 5_000_000_007, zone_assumed: false }));
    for (seconds, nanos) in [(0, 5), (-1, 5), (5, -1), (5, 1_000_000_000), (i64::MAX, 0)] {
        assert_eq!(from_parts(seconds, nanos), None);
    }
}

#[test]
fn offsets_are_parsed_shown_and_bounded() {
    for (text, seconds, shown) in [
        ("Z", 0, "+00:00"),
        ("utc", -1, ""),
        ("UTC", 0, "+00:00"),
        ("+02:00", 7200, "+02:00"),
        ("-0530", -19_800, "-05:30"),
        ("+18", 64_800, "+18:00"),
    ] {
        match text.parse::<UtcOffset>() {
            Ok(offset) => assert_eq!((offset.seconds(), offset.to_string().as_str()), (seconds, shown)),
            Err(InvalidOffset) => assert_eq!(text, "utc"),
        }
    }
    for text in ["", "02:00", "+18:01", "+2", "+02:00x", "Europe/Berlin", "+99"] {
        assert_eq!(text.parse::<UtcOffset>(), Err(InvalidOffset), "{text}");
    }
    for seconds in [i32::MIN, i32::MAX, 64_801, -64_801] {
        assert_eq!(UtcOffset::from_seconds(seconds), Err(InvalidOffset));
    }
    assert_eq!(UtcOffset::from_seconds(-3661).unwrap().to_string(), "-01:01:01");
}
