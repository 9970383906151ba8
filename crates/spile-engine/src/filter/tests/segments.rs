//! What segments ask a filter before they read records.

use super::{filter, resource};

/// The rows of bodies that a filter's search finds; `None` without a search.
fn found(expression: &str, bodies: &[&str]) -> Option<Vec<u32>> {
    let ends = bodies.iter().scan(0, |end, body| {
        *end += body.len() as i32;
        Some(*end)
    });
    let offsets: Vec<i32> = [0].into_iter().chain(ends).collect();
    let mut rows = Vec::new();
    filter(expression).narrow()?.find(bodies.concat().as_bytes(), &offsets, &mut rows);
    Some(rows)
}

#[test]
fn a_search_over_a_column_finds_rows() {
    let bodies = ["", "time out", "", "Timed OUT", "tim", "ed out", "", "a timed outage, timed out"];
    assert_eq!(found("\"timed out\"", &bodies), Some(vec![3, 7]), "not where one ends and another begins");
    assert_eq!(found("\"timed out\" OR time", &bodies), Some(vec![1, 3, 7]));
    assert_eq!(found("\"timed out\" severity>=ERROR", &bodies), Some(vec![3, 7]));
    assert_eq!(found("body=~\"time.*t\"", &bodies), Some(vec![1, 7]));
    assert_eq!(found("body=\"time out\"", &bodies), Some(vec![1]));
    assert_eq!(found("absent", &bodies), Some(vec![]));
    assert_eq!(found("time", &[]), Some(vec![]));
}

#[test]
fn a_search_over_a_column_finds_a_row_behind_a_hit_across_two() {
    assert_eq!(found("aa", &["ba", "ab", "aa", "aaa"]), Some(vec![2, 3]));
    assert_eq!(found("aab", &["a", "aab"]), Some(vec![1]));
}

#[test]
fn a_search_over_part_of_a_column_finds_rows_of_that_part() {
    let mut rows = Vec::new();
    filter("rare").narrow().unwrap().find(b"rare|rare|rare", &[5, 10, 10], &mut rows);
    assert_eq!(rows, [0]);
}

#[test]
fn only_what_bodies_must_contain_is_searched_for_in_them() {
    for expression in [
        "",
        "severity>=ERROR",
        "-timeout",
        "timeout OR severity>=ERROR",
        "timeout OR attributes.user:timeout",
        "scope:timeout",
        "event_name=timeout",
        "trace_id=00000000000000000000000000000001",
        "body:*",
    ] {
        assert_eq!(found(expression, &["timeout"]), None, "{expression}");
    }
    assert_eq!(found("attributes.user=x timeout", &["x", "timeout"]), Some(vec![1]));
}

#[test]
fn what_terms_cannot_tell_of_needs_nothing() {
    let nothing = [
        "",
        "severity>=ERROR",
        "-timeout",
        "NOT body=~timeout",
        "timeout OR severity>=ERROR",
        "scope:timeout event_name=timeout attributes.a:timeout resource.a=timeout severity_text=timeout",
        "span_id=0000000000000001",
        "trace_id:* body:*",
        "of",
        "body=~\"(time|)out?\"",
    ];
    for expression in nothing {
        assert!(filter(expression).needs().is_nothing(), "{expression}");
    }
    let something = [
        "timeout",
        "a timeout severity>=ERROR",
        "body=timeout",
        "timeout OR refused",
        "body=~\"(timeout|refused)\"",
        "trace_id=00000000000000000000000000000001",
    ];
    for expression in something {
        assert!(!filter(expression).needs().is_nothing(), "{expression}");
    }
}

#[test]
fn severities_that_can_match_are_bits() {
    assert_eq!(filter("").severity_bits(), (1 << 25) - 1);
    assert_eq!(filter("severity=ERROR word").severity_bits(), 0b1111 << 17);
    assert_eq!(filter("severity=ERROR OR severity=0").severity_bits(), 0b1111 << 17 | 1);
    assert_eq!(filter("severity=ERROR OR word").severity_bits(), (1 << 25) - 1);
    assert_eq!(filter("severity=ERROR severity=INFO").severity_bits(), 0);
}

#[test]
fn conditions_on_resources_are_asked_of_resources() {
    let cart = resource(&[("service.name", "cart"), ("k8s.pod.name", "cart-1")]);
    let of_cart = filter("service.name=cart severity>=ERROR word");
    assert!(of_cart.resource_matches(Some(&cart)));
    assert!(!of_cart.resource_matches(None));
    assert!(!filter("resource.k8s.pod.name=cart-2").resource_matches(Some(&cart)));
    // The record may have an attribute of this name.
    assert!(filter("k8s.pod.name=cart-2").resource_matches(Some(&cart)));
    assert!(filter("-service.name=cart").resource_matches(None));
    assert!(filter("word").resource_matches(None));
}

#[test]
fn filters_know_what_decides_them() {
    let cases = [
        ("", true, true),
        ("severity>=ERROR time>=2026-11-22T10:00:00Z", true, true),
        ("severity>=ERROR service.name=cart", false, true),
        ("service.name=cart OR service.name=shop", false, true),
        ("severity>=ERROR OR service.name=cart", false, false),
        ("severity>=ERROR OR time>=2026-11-22T10:00:00Z", false, false),
        ("k8s.pod.name=cart-1", false, false),
        ("severity>=ERROR word", false, false),
        ("trace_id:*", false, false),
    ];
    for (expression, severity_and_time, index) in cases {
        let filter = filter(expression);
        assert_eq!(filter.reads_only_severity_and_time(), severity_and_time, "{expression}");
        assert_eq!(filter.reads_index_only(), index, "{expression}");
    }
}
