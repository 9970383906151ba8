//! Sizes and durations.

use std::time::Duration;

use crate::config::value::{parse_bytes, parse_duration, render_bytes, render_duration};

#[test]
fn sizes_are_read() {
    let cases = [
        ("0", 0),
        ("512", 512),
        ("1B", 1),
        ("64KiB", 64 << 10),
        ("64kib", 64 << 10),
        (" 64 MiB ", 64 << 20),
        ("10GiB", 10 << 30),
        ("1TiB", 1 << 40),
        ("10kb", 10_000),
        ("10MB", 10_000_000),
        ("2GB", 2_000_000_000),
    ];
    for (text, bytes) in cases {
        assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
    }
}

#[test]
fn what_is_no_size_is_refused() {
    for text in ["", "MiB", "-1", "1.5MiB", "10 apples", "1MiBs", "99999999999TiB", "99999999999999999999"] {
        assert!(parse_bytes(text).is_err(), "{text}");
    }
}

#[test]
fn durations_are_read() {
    let cases = [
        ("250ms", Duration::from_millis(250)),
        ("15s", Duration::from_secs(15)),
        ("15m", Duration::from_secs(900)),
        ("1h30m", Duration::from_secs(5_400)),
        ("1h 30m", Duration::from_secs(5_400)),
        ("7d", Duration::from_secs(604_800)),
        ("0s", Duration::ZERO),
    ];
    for (text, duration) in cases {
        assert_eq!(parse_duration(text), Ok(duration), "{text}");
    }
}

#[test]
fn what_is_no_duration_is_refused() {
    for text in
        ["", "15", "s", "1.5s", "-1s", "15 seconds", "1h30", "99999999999999999999s", "999999999999999999d"]
    {
        assert!(parse_duration(text).is_err(), "{text}");
    }
}

#[test]
fn rendering_is_the_shortest_exact_form_and_reads_back() {
    for bytes in [0, 1, 999, 1000, 1024, 1500, 64 << 20, 10 << 30, 10_000_000, (1 << 40) + 1] {
        assert_eq!(parse_bytes(&render_bytes(bytes)), Ok(bytes));
    }
    assert_eq!(
        [render_bytes(64 << 20), render_bytes(10_000_000), render_bytes(1_500)],
        ["64MiB", "10MB", "1500B"]
    );
    for ms in [0, 1, 999, 1_000, 61_000, 5_400_000, 604_800_000] {
        let duration = Duration::from_millis(ms);
        assert_eq!(parse_duration(&render_duration(duration)), Ok(duration));
    }
    let rendered = [900, 90, 604_800].map(|secs| render_duration(Duration::from_secs(secs)));
    assert_eq!(rendered, ["15m", "90s", "7d"]);
}
