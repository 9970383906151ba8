//! What an expression reads as, shown by its canonical text.

use super::filter;
use crate::filter::{Filter, MAX_NESTING, MAX_REGEXES, MAX_TERMS};

fn assert_reads(cases: &[(&str, &str)]) {
    for (expression, canonical) in cases {
        let read = filter(expression);
        assert_eq!(read.canonical(), *canonical, "{expression}");
        assert_eq!(filter(canonical), read, "the canonical text of {expression}");
    }
}

#[test]
fn terms_side_by_side_must_all_hold() {
    assert_reads(&[
        ("a b", r#""a" "b""#),
        ("a AND b", r#""a" "b""#),
        ("a AND b c", r#""a" "b" "c""#),
        ("a\t\n b", r#""a" "b""#),
        ("(a b) (c)", r#""a" "b" "c""#),
    ]);
}

#[test]
fn one_of_the_terms_joined_by_or_must_hold() {
    assert_reads(&[
        ("a OR b", r#""a" OR "b""#),
        ("a OR (b OR c)", r#""a" OR "b" OR "c""#),
        ("(a OR b) c", r#""c" ("a" OR "b")"#),
        ("a OR (b c)", r#""a" OR ("b" "c")"#),
        ("(a (b OR (c d)))", r#""a" ("b" OR ("c" "d"))"#),
    ]);
}

#[test]
fn negation_is_a_sign_or_a_word_and_moves_inwards() {
    assert_reads(&[
        ("-a", r#"-"a""#),
        ("NOT a", r#"-"a""#),
        ("NOT(a)", r#"-"a""#),
        ("-(a OR b)", r#"-"a" -"b""#),
        ("-(a b)", r#"-"a" OR -"b""#),
        ("-(a -b)", r#""b" OR -"a""#),
        ("-(-(a))", r#""a""#),
        ("-severity>=ERROR", "severity<=WARN"),
        ("-time<2026-11-22T10:00:00Z", "time>=2026-11-22T10:00:00Z"),
        ("-body=x", r#"-body="x""#),
        ("body!=x", r#"-body="x""#),
        ("body!~x", r#"-body=~"x""#),
        ("-body!~x", r#"body=~"x""#),
        ("-attributes.a!=1", "-attributes.a!=1"),
        ("-attributes.a!~x", r#"-attributes.a!~"x""#),
    ]);
}

#[test]
fn order_case_of_texts_and_duplicates_do_not_matter() {
    assert_reads(&[
        ("b a", r#""a" "b""#),
        ("b OR a OR B", r#""a" OR "b""#),
        ("Error ERROR", r#""error""#),
        ("body:a a 'a' (a OR a)", r#""a""#),
        ("attributes.a=1 x severity>=WARN", r#"severity>=WARN "x" attributes.a=1"#),
    ]);
    assert_ne!(filter("body=A"), filter("body=a"), "equality has case");
}

#[test]
fn words_may_contain_most_signs() {
    for word in [
        "don't",
        "a-b",
        "user/login",
        "10.0.0.1",
        "x@y.com",
        "100%",
        "a,b;c",
        "[x]",
        "{y}",
        "#1",
        "größe",
        "a+b",
        "?",
    ] {
        assert_eq!(filter(word).canonical(), format!("\"{word}\""));
        assert_eq!(filter(&format!("-{word}")).canonical(), format!("-\"{word}\""));
    }
    assert_reads(&[("ANDROID ORDER NOTE", r#""android" "note" "order""#)]);
}

#[test]
fn quoted_text_has_escapes() {
    assert_reads(&[
        (r#""a \"b\" \\ c""#, r#""a \"b\" \\ c""#),
        (r#"'a "b" c'"#, r#""a \"b\" c""#),
        (r"'it\'s'", r#""it's""#),
        (r#""\t\n\r""#, r#""\t\n\r""#),
        ("\"\t\n\r\"", r#""\t\n\r""#),
        (r#""\u{1f600}\u{0}\u{7F}""#, r#""😀\u{0}\u{7f}""#),
        (r#""AND""#, r#""and""#),
    ]);
}

#[test]
fn in_a_regex_a_backslash_belongs_to_the_regex() {
    assert_reads(&[
        (r#"body=~"user \d+""#, r#"body=~"user \d+""#),
        (r#"body=~'say "hi" \d'"#, r#"body=~"say \"hi\" \d""#),
        (r#"body=~"say \"hi\"""#, r#"body=~"say \"hi\"""#),
        (r#"body=~"a\\\"b""#, r#"body=~"a\\\"b""#),
        (r"body=~'it\'s'", r#"body=~"it's""#),
        (r#"body=~"\n""#, r#"body=~"\n""#),
        ("body=~^x|y$", r#"body=~"^x|y$""#),
    ]);
    assert!(Filter::parse(r#"body=~"\\\\\"""#).is_ok());
}

#[test]
fn blanks_may_stand_around_operators() {
    assert_reads(&[
        ("severity >= ERROR", "severity>=ERROR"),
        ("attributes.a\n=\n1", "attributes.a=1"),
        ("body : x", r#""x""#),
        ("service.name = ( a OR b )", r#"resource.service.name="a" OR resource.service.name="b""#),
    ]);
}

#[test]
fn severities_are_names_and_numbers() {
    assert_reads(&[
        ("severity=ERROR", "severity=ERROR"),
        ("severity=17", "severity=17"),
        ("severity='error2'", "severity=ERROR2"),
        ("severity>ERROR", "severity=FATAL"),
        ("severity<=ERROR", "severity<=ERROR"),
        ("severity<=17", "severity<=17"),
        ("severity<=3", "severity<=TRACE3"),
        ("severity<=0", "severity=0"),
        ("severity!=ERROR", "severity<=WARN OR severity=FATAL"),
        ("x severity!=ERROR", r#"(severity<=WARN OR severity=FATAL) "x""#),
        ("x OR severity!=ERROR", r#"severity<=WARN OR severity=FATAL OR "x""#),
        ("x OR (severity>INFO severity<22)", r#"(severity>=WARN severity<=21) OR "x""#),
        ("severity=(ERROR OR DEBUG)", "severity=DEBUG OR severity=ERROR"),
        ("severity=crit", "severity=ERROR2"),
        ("severity>=warning severity>=err", "severity>=ERROR"),
        ("severity:*", "severity>=TRACE"),
        ("severity>=0", ""),
        ("severity<=24 OR x", ""),
        ("severity<0", "severity<0"),
        ("severity>FATAL x", "severity<0"),
        ("severity<0 OR x", r#""x""#),
    ]);
}

#[test]
fn times_are_merged_into_ranges() {
    assert_reads(&[
        ("time>=2026-11-22T10:00:00Z", "time>=2026-11-22T10:00:00Z"),
        ("timestamp>=\"2026-11-22T12:00:00.5+02:00\"", "time>=2026-11-22T10:00:00.5Z"),
        ("time>2026-11-22T10:00:00Z", "time>=2026-11-22T10:00:00.000000001Z"),
        ("time<=2026-11-22T10:00:00Z", "time<2026-11-22T10:00:00.000000001Z"),
        ("time=2026-11-22T10:00:00Z", "time=2026-11-22T10:00:00Z"),
        (
            "time>=2026-11-22T10:00:00Z x time<2026-11-22T11:00:00Z time>=2026-11-22T09:00:00Z",
            r#"time>=2026-11-22T10:00:00Z time<2026-11-22T11:00:00Z "x""#,
        ),
        (
            "-(time>=2026-11-22T10:00:00Z time<2026-11-22T11:00:00Z)",
            "time<2026-11-22T10:00:00Z OR time>=2026-11-22T11:00:00Z",
        ),
        (
            "x OR (time>=2026-11-22T10:00:00Z time<2026-11-22T11:00:00Z)",
            r#"(time>=2026-11-22T10:00:00Z time<2026-11-22T11:00:00Z) OR "x""#,
        ),
        ("time>=2026-11-22T10:00:00Z time<2026-11-22T09:00:00Z", "severity<0"),
        ("time>=1970-01-01T00:00:00Z", ""),
        ("time<1970-01-01T00:00:00Z", "severity<0"),
        ("time<=2554-07-21T23:34:33.709551615Z", ""),
        ("time>2554-07-21T23:34:33.709551615Z", "severity<0"),
        ("time:*", ""),
    ]);
}

#[test]
fn every_field_is_written_under_one_name() {
    let id = "4BF92F3577B34DA6A3CE929D0E0E4736";
    let trace = (format!("trace_id={id}"), format!("trace_id={}", id.to_lowercase()));
    assert_reads(&[
        (&trace.0, &trace.1),
        ("span_id!='00f067aa0ba902b7'", "-span_id=00f067aa0ba902b7"),
        ("trace_id:*", "trace_id:*"),
        ("span_id:*", "span_id:*"),
        ("body=''", r#"body="""#),
        ("body:*", "body:*"),
        ("severity_text:warn", r#"severity_text:"warn""#),
        ("event_name=~^a", r#"event_name=~"^a""#),
        ("scope=a", r#"scope.name="a""#),
        ("scope.name:A", r#"scope.name:"a""#),
        ("service.name=Shop", r#"resource.service.name="Shop""#),
        ("resource.host.name:*", "resource.host.name:*"),
        ("k8s.pod.name=web-1", r#"k8s.pod.name="web-1""#),
        ("attributes.http.status_code>=500", "attributes.http.status_code>=500"),
        ("attributes.\"weird key\"=1", "attributes.\"weird key\"=1"),
        ("resource.'a\"b'=1", r#"resource."a\"b"=1"#),
        ("attributes.'simple'=1", "attributes.simple=1"),
        ("attributes.a'b=1", "attributes.\"a'b\"=1"),
        ("attributes.a/b-c@d=1", "attributes.a/b-c@d=1"),
    ]);
}

#[test]
fn values_keep_whether_they_are_numbers() {
    assert_reads(&[
        ("attributes.a=500", "attributes.a=500"),
        ("attributes.a=-5.50e3", "attributes.a=-5.50e3"),
        ("attributes.a='500'", "attributes.a=\"500\""),
        ("attributes.a=true", "attributes.a=\"true\""),
        ("attributes.a=5m", "attributes.a=\"5m\""),
        ("attributes.a=10.0.0.1", "attributes.a=\"10.0.0.1\""),
        ("attributes.a=-", "attributes.a=\"-\""),
        ("attributes.a=inf", "attributes.a=\"inf\""),
        ("attributes.a=10:30:00", "attributes.a=\"10:30:00\""),
        ("attributes.a=(1 OR '1')", "attributes.a=\"1\" OR attributes.a=1"),
        ("-attributes.a:(x OR y)", "-attributes.a:\"x\" -attributes.a:\"y\""),
    ]);
}

#[test]
fn filters_combine() {
    let base = filter("a OR b");
    let since = Some(1_000_000_000);
    let timed = base.and_time(since, Some(2_000_000_000));
    assert_eq!(timed.canonical(), r#"time>=1970-01-01T00:00:01Z time<1970-01-01T00:00:02Z ("a" OR "b")"#);
    assert_eq!((timed.min_time_unix_nano(), timed.max_time_unix_nano()), (1_000_000_000, 1_999_999_999));
    assert_eq!(timed.and(&filter("a OR b")), timed);
    assert_eq!(base.and_time(None, None), base);
    assert_eq!(base.and_time(None, Some(0)).canonical(), "severity<0");
    assert_eq!((base.min_time_unix_nano(), base.max_time_unix_nano()), (0, u64::MAX));
    let either = filter("time<1970-01-01T00:00:01Z OR (x time=1970-01-01T00:00:09Z)");
    assert_eq!((either.min_time_unix_nano(), either.max_time_unix_nano()), (0, 9_000_000_000));
}

#[test]
fn the_empty_expression_is_all() {
    for expression in ["", " \n\t "] {
        assert!(filter(expression).is_all());
    }
    assert_eq!(filter(""), Filter::all());
    assert_eq!(Filter::default().canonical(), "");
    assert!(!filter("x").is_all());
}

#[test]
fn equal_filters_have_equal_fingerprints() {
    assert_eq!(filter("a b").fingerprint(), filter("B (A)").fingerprint());
    assert_ne!(filter("a b").fingerprint(), filter("a OR b").fingerprint());
    // Kept by others beside stored data: it must not change with a new version.
    assert_eq!(filter("severity>=ERROR").fingerprint(), xxhash_rust::xxh3::xxh3_64(b"severity>=ERROR"));
}

#[test]
fn the_limits_themselves_are_allowed() {
    let deep = format!("{}a{}", "(".repeat(MAX_NESTING), ")".repeat(MAX_NESTING));
    assert_eq!(filter(&deep).canonical(), r#""a""#);
    let terms: Vec<_> = (0..MAX_TERMS).map(|n| format!("t{n}")).collect();
    assert_eq!(filter(&terms.join(" OR ")).canonical().matches("OR").count(), MAX_TERMS - 1);
    let regexes: Vec<_> = (0..MAX_REGEXES).map(|n| format!("body=~x{n}")).collect();
    assert!(Filter::parse(&regexes.join(" ")).is_ok());
    for long in ["k", "ǆ", "\u{1f600}"] {
        let text = long.repeat(super::super::MAX_EXPRESSION_BYTES / long.len());
        assert_eq!(filter(&text).canonical().len(), text.len() + 2);
    }
}
