//! Selecting from frames: hits outside of bodies, runs, many resources, common texts.

use super::{Any, attribute, body, filter, frame, resource, text};
use crate::frame::Frame;
use crate::record::RecordView;
use spile_proto::v1::LogRecord;

fn selected(expression: &str, frame: &Frame, run: std::ops::Range<usize>) -> Vec<u32> {
    let mut out = vec![99];
    filter(expression).select(frame, run, &mut out);
    assert_eq!(out[0], 99, "what was in the list stays");
    out.split_off(1)
}

#[test]
fn a_hit_outside_of_the_body_is_no_match() {
    let records = [
        LogRecord { scope_name: "rare".into(), ..body("x") },
        body("it is rare"),
        LogRecord { attributes: vec![attribute("rare", text("rare"))], ..body("y") },
        LogRecord { attributes: vec![attribute("k", text("rare"))], ..body("rare too") },
        body("z"),
    ];
    let frame = frame(records.iter().map(|record| (record, None)));
    assert_eq!(selected("rare", &frame, 0..5), [1, 3]);
    assert_eq!(selected("attributes.k=rare", &frame, 0..5), [3]);
    assert_eq!(selected("attributes.rare:*", &frame, 0..5), [2]);
    assert_eq!(selected("scope=rare OR attributes.rare:*", &frame, 0..5), [0, 2]);
}

#[test]
fn a_match_behind_an_overlapping_hit_is_found() {
    // The body's length is 97, which is the letter `a`: a search over the bytes hits there first.
    let record = body(&format!("aab{}", "x".repeat(94)));
    let other = body("aab");
    let frame = frame([(&other, None), (&record, None), (&record, None)]);
    assert_eq!(selected("aab", &frame, 0..3), [0, 1, 2]);
    assert_eq!(selected("body=~'aa(b)'", &frame, 0..3), [0, 1, 2]);
}

#[test]
fn a_hit_across_two_records_hides_nothing() {
    // The newline is the key of the next record's field.
    let frame = frame([(&body("end"), None), (&body("d\n"), None), (&body("x\n"), None), (&body("y"), None)]);
    for needle in [r"\n", r"d\n", r"\n\u{2}"] {
        let plain: Vec<u32> = (0..4)
            .filter(|&at| filter(&format!("\"{needle}\"")).matches(&frame.record(at)))
            .map(|at| at as u32)
            .collect();
        assert_eq!(selected(&format!("\"{needle}\""), &frame, 0..4), plain, "{needle}");
    }
    assert_eq!(selected(r#""\n""#, &frame, 0..4), [1, 2]);
}

#[test]
fn only_the_run_is_looked_at() {
    let records: Vec<_> = (0..100).map(|n| body(if n % 10 == 0 { "ten" } else { "other" })).collect();
    let frame = frame(records.iter().map(|record| (record, None)));
    assert_eq!(selected("ten", &frame, 15..50), [20, 30, 40]);
    assert_eq!(selected("ten", &frame, 20..21), [20]);
    assert_eq!(selected("ten", &frame, 21..30), Vec::<u32>::new());
    assert_eq!(selected("ten", &frame, 100..100), Vec::<u32>::new());
    assert_eq!(selected("", &frame, 98..100), [98, 99]);
    assert_eq!(selected("-ten", &frame, 9..12), [9, 11]);
}

#[test]
#[should_panic(expected = "a run of records lies in its frame")]
fn a_run_beyond_the_frame_is_refused() {
    selected("x", &frame([(&body("x"), None)]), 0..2);
}

#[test]
fn resources_are_asked_once_and_picked_right() {
    let resources: Vec<_> = (0..5).map(|n| resource(&[("service.name", &format!("s{n}"))])).collect();
    let records: Vec<_> = (0..60).map(|n| body(&format!("line {n}"))).collect();
    let of = |n: usize| (n % 6 < 5).then(|| &resources[n % 6]);
    let frame = frame(records.iter().enumerate().map(|(n, record)| (record, of(n))));
    let every_sixth = |first: u32| -> Vec<u32> { (first..60).step_by(6).collect() };
    assert_eq!(selected("service.name=s2", &frame, 0..60), every_sixth(2));
    assert_eq!(selected("-service.name:*", &frame, 0..60), every_sixth(5));
    assert_eq!(selected("service.name=none", &frame, 0..60), Vec::<u32>::new());
    assert_eq!(selected("service.name=(s0 OR s1) \"line 1\"", &frame, 0..60), [1, 12, 13, 18, 19]);
    assert_eq!(selected("service.name=s3 OR \"line 59\"", &frame, 48..60), [51, 57, 59]);
}

#[test]
fn a_text_in_most_records_is_as_right_as_a_rare_one() {
    let records: Vec<_> = (0..500)
        .map(|n| LogRecord {
            attributes: vec![attribute("n", Any::IntValue(n % 7))],
            ..body(if n % 5 == 4 { "rare" } else { "common" })
        })
        .collect();
    let frame = frame(records.iter().map(|record| (record, None)));
    for expression in
        ["common", "common attributes.n=3", "attributes.n=(1 OR 2)", "rare OR common", "rare attributes.n>5"]
    {
        let filter = filter(expression);
        let plain: Vec<u32> =
            (0..500).filter(|&at| filter.matches(&frame.record(at))).map(|at| at as u32).collect();
        assert!(!plain.is_empty());
        assert_eq!(selected(expression, &frame, 0..500), plain, "{expression}");
    }
    assert_eq!(frame.record(4).body(), "rare");
}
