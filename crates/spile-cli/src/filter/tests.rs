//! Options as expressions.
#![allow(clippy::unwrap_used)]

use super::{expression, filter};
use crate::args::FilterArgs;

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn args(expressions: &[&str], grep: &[&str], exclude: &[&str]) -> FilterArgs {
    FilterArgs {
        expressions: strings(expressions),
        grep: strings(grep),
        exclude: strings(exclude),
        ..FilterArgs::default()
    }
}

#[test]
fn all_parts_must_hold() {
    for (given, expected) in [
        (args(&[], &[], &[]), ""),
        (args(&["", " "], &[], &[]), ""),
        (args(&["a OR b"], &[], &[]), "a OR b"),
        (args(&["a OR b", "c"], &[], &[]), "(a OR b) (c)"),
        (args(&[], &["x+"], &[]), r#"body=~"x+""#),
        (args(&["a OR b"], &["x"], &["y", "z"]), r#"(a OR b) body=~"x" -body=~"y" -body=~"z""#),
    ] {
        assert_eq!(expression(&given).unwrap(), expected);
    }
}

#[test]
fn a_regex_is_quoted_so_that_it_stays_itself() {
    for (regex, quoted) in [
        (r"user \d+", r#""user \d+""#),
        (r#"say "hi""#, r#""say \"hi\"""#),
        // Escaped already: the regex for a quote, either way.
        (r#"say \"hi"#, r#""say \"hi""#),
        // A backslash, then a quote.
        (r#"\\""#, r#""\\\"""#),
        (r"C:\\dir\\", r#""C:\\dir\\""#),
        ("", r#""""#),
        ("é|ü", r#""é|ü""#),
    ] {
        let given = args(&[], &[regex], &[]);
        assert_eq!(expression(&given).unwrap(), format!("body=~{quoted}"), "{regex}");
    }
}

#[test]
fn a_regex_that_would_swallow_the_quote_is_refused() {
    for regex in ["\\", "ends with \\", "\\\\\\"] {
        let error = expression(&args(&[], &[], &[regex])).unwrap_err().to_string();
        assert!(error.contains("--exclude"), "{error}");
    }
}

#[test]
fn level_and_times_go_beside_the_expression() {
    let given = FilterArgs {
        level: Some("warn".to_owned()),
        since: Some(5),
        until: Some(9),
        ..FilterArgs::default()
    };
    let filter = filter(&given).unwrap();
    assert_eq!((filter.level.as_str(), filter.since_unix_nano, filter.until_unix_nano), ("warn", 5, 9));
}
