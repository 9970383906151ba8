//! The drawing, as it looks.

use jiff::tz::{TimeZone, offset};
use spile_client::proto::{HistogramBucket, HistogramResponse, SeverityCount};

use super::chart::Chart;
use super::json::HistogramJson;
use super::number::{percent, short};
use crate::output::Clock;

const MINUTE: u64 = 60_000_000_000;
/// 2026-11-22T23:50:00Z.
const START: u64 = 1_795_391_400_000_000_000;

fn histogram(start: u64, width: u64, bars: &[&[(i32, u64)]]) -> HistogramResponse {
    let buckets: Vec<_> = (0..)
        .zip(bars)
        .map(|(index, counts)| HistogramBucket {
            start_unix_nano: start + index * width,
            counts: counts
                .iter()
                .map(|&(severity_number, records)| SeverityCount { severity_number, records })
                .collect(),
        })
        .collect();
    let records = bars.iter().flat_map(|counts| counts.iter()).map(|(_, records)| records).sum();
    HistogramResponse { buckets, bucket_nanos: width, records, scanned: records, cursor: "c".to_owned() }
}

fn some() -> HistogramResponse {
    histogram(
        START,
        5 * MINUTE,
        &[
            &[(9, 700), (13, 20), (17, 1)],
            &[(5, 90), (9, 1_100), (17, 300), (21, 8)],
            &[],
            &[(0, 3), (1, 4), (10, 9)],
        ],
    )
}

fn draw(histogram: &HistogramResponse, width: usize) -> String {
    Chart { width, coloured: false, clock: &Clock::new(false) }.draw(histogram)
}

#[test]
fn bars_stand_by_time_with_the_worst_next_to_the_axis() {
    assert_eq!(
        draw(&some(), 72),
        "\
UTC               RECORDS
2026-11-22 23:50      721  ▓▒░░░░░░░░░░░░░░░░░░░░
           23:55    1,498  █▓▓▓▓▓▓▓▓▓░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░::
2026-11-23 00:00        0
           00:05       16  ░

██ FATAL 8 (0.4%)  ▓▓ ERROR 301 (13.5%)  ▒▒ WARN 20 (0.9%)
░░ INFO 1,809 (80.9%)  :: DEBUG 90 (4.0%)  .. TRACE 4 (0.2%)
++ no level 3 (0.1%)
2,235 records, 5m a bar
"
    );
}

#[test]
fn huge_counts_are_short() {
    let huge = histogram(START, 60 * MINUTE, &[&[(9, 1_234_567)], &[(9, 98_765_432_100)]]);
    let drawn = draw(&huge, 60);
    assert!(drawn.contains("2026-11-22 23:50    1.23M  ░\n"), "{drawn}");
    assert!(drawn.contains("2026-11-23 00:50    98.8G  ░░░░"), "{drawn}");
    assert!(drawn.ends_with("98,766,666,667 records, 1h a bar\n"), "{drawn}");
    assert!(drawn.lines().all(|line| line.chars().count() <= 60), "{drawn}");
}

#[test]
fn one_bar_is_as_wide_as_there_is_room() {
    let one = histogram(START, 24 * 60 * MINUTE, &[&[(9, 1)]]);
    let drawn = draw(&one, 50);
    let bar = drawn.lines().nth(1).unwrap_or_default();
    assert_eq!(bar.chars().count(), 50, "{drawn}");
    assert!(drawn.contains("░░ INFO 1 (100%)\n1 record, 1d a bar\n"), "{drawn}");
}

#[test]
fn a_narrow_terminal_still_has_bars() {
    assert!(draw(&some(), 5).contains("1,498  █▓░░░░░░░:\n"), "{}", draw(&some(), 5));
}

#[test]
fn colours_take_the_place_of_letters() {
    let drawn = Chart { width: 80, coloured: true, clock: &Clock::new(false) }.draw(&some());
    assert!(drawn.contains("\x1b[31m██\x1b[0m ERROR 301 (13.5%)"), "{drawn:?}");
    assert!(!drawn.contains(['▓', '▒', '░']), "{drawn:?}");
}

#[test]
fn times_are_as_exact_as_their_bars() {
    let second = |start, width| {
        let drawn = draw(&histogram(start, width, &[&[(9, 1)], &[(9, 1)]]), 80);
        drawn.lines().nth(2).unwrap_or_default().to_owned()
    };
    let day = 24 * 60 * MINUTE;
    let midnight = START - START % day;
    assert!(second(midnight, day).starts_with("2026-11-23        1  ░"), "{}", second(midnight, day));
    assert!(second(START, 10_000_000_000).starts_with("           23:50:10 "));
    assert!(second(START, 250_000_000).starts_with("           23:50:00.250 "));
    assert!(second(START, 1).starts_with("           23:50:00.000000001"));
}

#[test]
fn local_times_have_their_offset_above_them() {
    let clock = Clock::in_zone(TimeZone::fixed(offset(1)));
    let drawn = Chart { width: 60, coloured: false, clock: &clock }.draw(&some());
    assert!(drawn.starts_with("UTC+01:00         RECORDS\n2026-11-23 00:50 "), "{drawn}");
}

#[test]
fn an_hour_that_comes_twice_is_told_apart() {
    let Ok(berlin) = TimeZone::get("Europe/Berlin") else { panic!("the system's time zones are there") };
    // 2026-10-25T00:00:00Z: clocks go back an hour later.
    let drawn = Chart { width: 60, coloured: false, clock: &Clock::in_zone(berlin) }.draw(&histogram(
        1_792_886_400_000_000_000,
        60 * MINUTE,
        &[&[(9, 1)], &[(9, 1)]],
    ));
    assert!(drawn.starts_with("LOCAL "), "{drawn}");
    assert!(drawn.contains("02:00+02:00") && drawn.contains("02:00+01:00"), "{drawn}");
}

#[test]
fn counts_have_at_most_six_characters() {
    for (number, text) in [
        (0, "0"),
        (99_999, "99,999"),
        (100_000, "100k"),
        (999_499, "999k"),
        (999_500, "1.00M"),
        (1_234_567, "1.23M"),
        (12_345_678, "12.3M"),
        (123_456_789, "123M"),
        (999_999_999, "1.00G"),
        (u64::MAX, "18.4E"),
    ] {
        assert_eq!(short(number), text, "{number}");
        assert!(text.len() <= 6);
    }
}

#[test]
fn a_share_never_claims_nothing_or_all_wrongly() {
    assert_eq!(percent(1, 1_000_000), "<0.1%");
    assert_eq!(percent(999_999, 1_000_000), ">99.9%");
    assert_eq!(percent(1, 1), "100%");
    assert_eq!(percent(1, 3), "33.3%");
}

#[test]
fn json_has_times_and_counts_by_severity() {
    let json = serde_json::to_value(HistogramJson::new(&some())).unwrap_or_default();
    assert_eq!(json["bucketNanos"], 300_000_000_000_u64);
    assert_eq!(json["records"], 2_235);
    let bucket = &json["buckets"][1];
    assert_eq!(bucket["start"], "2026-11-22T23:55:00.000000000Z");
    assert_eq!(bucket["startUnixNano"], "1795391700000000000");
    assert_eq!(bucket["counts"], serde_json::json!({"DEBUG": 90, "INFO": 1100, "ERROR": 300, "FATAL": 8}));
    assert_eq!(json["buckets"][2]["counts"], serde_json::json!({}));
}
