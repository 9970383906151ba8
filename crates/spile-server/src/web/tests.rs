//! Parameters, and what is said of wrong ones.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use spile_proto::v1::start::Position;
use tonic_types::StatusExt;

use super::query::Parameters;
use crate::context::Clock;

/// 2026-11-22T10:00:00Z.
const NOW: u64 = 1_795_341_600_000_000_000;

fn clock() -> Clock {
    Clock::from_fn(|| NOW)
}

/// The names and descriptions of what is wrong.
fn wrong(parameters: Parameters) -> Vec<(String, String)> {
    let Err(status) = parameters.finish() else { return Vec::new() };
    let violations = status.get_details_bad_request().unwrap().field_violations;
    violations.into_iter().map(|it| (it.field, it.description)).collect()
}

#[test]
fn values_are_decoded_as_forms_encode_them() {
    let mut parameters = Parameters::of("stream=a%2Fb&q=body%3D~%22x+y%22&level=WARN");
    let (stream, filter) = parameters.filter(&clock());
    assert_eq!((stream.as_str(), filter.expression.as_str()), ("a/b", "body=~\"x y\""));
    assert_eq!((filter.level.as_str(), filter.since_unix_nano), ("WARN", 0));
    assert!(wrong(parameters).is_empty());
}

#[test]
fn times_are_of_the_server_in_utc() {
    for (text, expected) in [
        ("-1h", NOW - 3_600_000_000_000),
        ("today", NOW - 36_000_000_000_000),
        ("2026-11-22+09:00", NOW - 3_600_000_000_000),
        ("2026-11-22T11:00:00%2B01:00", NOW),
        ("1795341600000000001", NOW + 1),
        ("@1795341600.5", NOW + 500_000_000),
        // A plus sign that nobody encoded.
        ("+1h", NOW + 3_600_000_000_000),
        ("%2B1h", NOW + 3_600_000_000_000),
    ] {
        let mut parameters = Parameters::of(&format!("since={text}"));
        assert_eq!(parameters.filter(&clock()).1.since_unix_nano, expected, "{text}");
        assert!(wrong(parameters).is_empty(), "{text}");
    }
}

#[test]
fn there_is_one_start() {
    let start = |query: &str| {
        let mut parameters = Parameters::of(query);
        let start = parameters.start(&clock());
        (start, wrong(parameters))
    };
    assert_eq!(start("").0, None);
    assert_eq!(start("after=").0, None);
    assert_eq!(start("last=3").0, Some(Position::Last(3)));
    assert_eq!(start("from=-1h").0, Some(Position::TimeUnixNano(NOW - 3_600_000_000_000)));
    assert!(matches!(start("from=latest").0, Some(Position::Latest(_))));
    let (_, wrong) = start("last=3&offset=5");
    assert_eq!(wrong, [("offset".to_owned(), "cannot be given together with last".to_owned())]);
    let (_, wrong) = start("from=somewhen");
    assert!(wrong[0].1.contains("neither oldest nor latest"), "{wrong:?}");
}

#[test]
fn what_is_wrong_is_named_at_once() {
    let mut parameters = Parameters::of("limit=-1&follow=yes&limit=3&wait=soon&mystery=1");
    parameters.number("limit");
    parameters.switch("follow");
    parameters.duration("wait");
    let wrong = wrong(parameters);
    let names: Vec<&str> = wrong.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["limit", "limit", "follow", "wait", "mystery"]);
    assert!(wrong[4].1.ends_with("those are limit, follow, wait"), "{wrong:?}");
}

#[test]
fn a_switch_needs_no_value() {
    let mut parameters = Parameters::of("follow&marks=false");
    assert_eq!((parameters.switch("follow"), parameters.switch("marks")), (Some(true), Some(false)));
    assert_eq!(parameters.switch("other"), None);
    assert!(wrong(parameters).is_empty());
}

proptest! {
    #[test]
    fn no_query_makes_it_panic(query in "\\PC{0,40}|([a-z]{1,6}=[-+%0-9a-zA-Z:.@]{0,12}&){0,4}") {
        let mut parameters = Parameters::of(&query);
        let _filter = parameters.filter(&clock());
        let _start = parameters.start(&clock());
        let _wait = parameters.duration("wait");
        let _either = parameters.finish();
    }
}
