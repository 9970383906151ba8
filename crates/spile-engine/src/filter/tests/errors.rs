//! What is refused: the message, the place, and what would have been right.

use crate::filter::{Filter, FilterError, MAX_EXPRESSION_BYTES, MAX_NESTING, MAX_REGEXES, MAX_TERMS};

fn error(expression: &str) -> FilterError {
    Filter::parse(expression).expect_err(expression)
}

/// Asserts message, marked part of the expression, and a part of what was expected.
fn assert_refused(cases: &[(&str, &str, &str, &str)]) {
    for (expression, marked, message, expected) in cases {
        let error = error(expression);
        assert_eq!(error.message(), *message, "{expression}");
        assert_eq!(&expression[error.span()], *marked, "{expression}: {error}");
        let said = error.expected().unwrap_or_default();
        assert!(said.contains(expected), "{expression}: {said:?} should contain {expected:?}");
    }
}

#[test]
fn errors_show_the_place() {
    assert_eq!(
        error("severity>=LOUD x").to_string(),
        "invalid filter at column 11: unknown severity \"LOUD\"; expected TRACE, DEBUG, INFO, WARN, ERROR, FATAL, \
         one of these with 2 to 4 behind it, an alias, or 0 to 24\n  severity>=LOUD x\n            ^^^^"
    );
    assert_eq!(
        error("grüße\tOR").to_string(),
        "invalid filter at column 9: the expression ends here; expected a text, a comparison such as \
         severity>=ERROR, or a group in parentheses\n  grüße OR\n          ^"
    );
    assert_eq!(error("ü ü )").column(), 5);
    assert_eq!(error("ü ü )").span(), 6..7);
}

#[test]
fn errors_in_long_expressions_show_their_surroundings() {
    let (before, after) = ("a ".repeat(50), " b".repeat(50));
    let text = error(&format!("{before}sev>=1{after}")).to_string();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("invalid filter at column 101: unknown field \"sev\""));
    assert_eq!(lines[1], format!("  ...{}sev>=1{}...", "a ".repeat(20), &" b".repeat(50)[..37]));
    assert_eq!(lines[2], format!("     {}^^^", " ".repeat(40)));
    let long_word = format!("severity={}", "x".repeat(500));
    let text = error(&long_word).to_string();
    let lines: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(lines[0], format!("  severity={}...", "x".repeat(40)));
    assert_eq!(lines[1], format!("           {}", "^".repeat(40)));
}

#[test]
fn misplaced_words_and_signs_are_refused() {
    let term = "a text, a comparison such as severity>=ERROR, or a group in parentheses";
    let joined = "parentheses that say what belongs together";
    assert_refused(&[
        ("a b OR c", "OR", "AND and OR are mixed here", joined),
        ("a OR b AND c", "AND", "AND and OR are mixed here", joined),
        ("a OR b c", "c", "AND and OR are mixed here", joined),
        ("a OR b \"c\"", "\"", "AND and OR are mixed here", joined),
        ("(a", "(", "this parenthesis is never closed", ")"),
        ("a)", ")", "this parenthesis was never opened", ""),
        ("()", ")", "nothing stands before this parenthesis", term),
        ("(a OR)", ")", "nothing stands before this parenthesis", term),
        ("a OR", "", "the expression ends here", term),
        ("a AND", "", "the expression ends here", term),
        ("AND a", "AND", "AND stands without a term", "\"AND\" for the text"),
        ("OR", "OR", "OR stands without a term", "\"OR\" for the text"),
        ("a AND OR b", "OR", "OR stands without a term", ""),
        ("a or b", "or", "or could be an operator or a text", "OR for the operator, or \"or\" for the text"),
        ("not a", "not", "not could be an operator or a text", "NOT for the operator"),
        ("- a", "-", "nothing is negated here", "directly behind it"),
        ("a -", "-", "nothing is negated here", "directly behind it"),
        ("NOT", "NOT", "nothing is negated here", "directly behind it"),
        ("--a", "-", "a second negation", "text that starts with - needs quotes"),
        ("NOT -a", "-", "a second negation", "one"),
        ("NOT NOT a", "NOT", "NOT stands without a term", ""),
        ("*", "*", "there are no wildcards", "=~ with a regex"),
        ("foo*", "*", "'*' cannot stand here", "quotes"),
        ("=5", "=", "'=' cannot start a term", term),
        ("a\\b", "\\", "'\\\\' cannot stand here", "quotes"),
        ("“smart”", "“", "'“' cannot start a term", term),
        ("foo\"bar\"", "\"", "\" directly behind a term", "a blank before it"),
        ("\"foo\"bar", "b", "'b' cannot stand here", "quotes"),
        ("foo(bar)", "(", "( directly behind a term", "a blank before it"),
        ("(a)(b)", "(", "( directly behind a term", "a blank before it"),
    ]);
}

#[test]
fn broken_quotes_are_refused() {
    assert_refused(&[
        ("a \"b", "\"", "this quote is never closed", "\" at the end of the text"),
        ("'b\"", "'", "this quote is never closed", "' at the end of the text"),
        ("\"a\\", "\"", "this quote is never closed", ""),
        (r#""a\qb""#, r"\q", "unknown escape in quoted text", r"\u{HEX}"),
        (r#""\u{d800}""#, r"\u", "unknown escape in quoted text", ""),
        (r#""\u{1234567}""#, r"\u", "unknown escape in quoted text", ""),
        (r#""\u{+41}""#, r"\u", "unknown escape in quoted text", ""),
        ("\"\"", "\"\"", "every text contains the empty text", "the text to look for"),
        ("body:''", "''", "every text contains the empty text", "the text to look for"),
    ]);
}

#[test]
fn unknown_fields_are_refused_with_what_was_meant() {
    assert_refused(&[
        ("level>=ERROR", "level", "unknown field \"level\"", "severity, or attributes.level"),
        ("Severity>=ERROR", "Severity", "unknown field \"Severity\"", "severity, or"),
        ("msg:x", "msg", "unknown field \"msg\"", "body, or attributes.msg"),
        ("user=5", "user", "unknown field \"user\"", "service.name, resource.KEY or attributes.KEY"),
        ("error: x", "error", "unknown field \"error\"", "text that contains an operator needs quotes"),
        ("10.0.0.1:80", "10.0.0.1", "unknown field \"10.0.0.1\"", "needs quotes"),
        ("a..b=1", "a..b", "unknown field \"a..b\"", ""),
        (".a=1", ".a", "unknown field \".a\"", ""),
        ("attributes.=1", "attributes.", "\"attributes.\" lacks a key", "attributes.user"),
        ("attributes.\"\"=1", "\"\"", "the key is empty", ""),
        ("attributes.\"k\"", "attributes.\"k\"", "a field without an operator", ":* to ask"),
        ("\"k\"=5", "=", "a comparison needs a field without quotes on its left", "attributes.\"KEY\""),
        ("k8s.\"pod\"=x", "\"", "\" directly behind a term", ""),
    ]);
}

#[test]
fn operators_and_values_that_do_not_fit_the_field_are_refused() {
    assert_refused(&[
        ("severity=~x", "=~", "severity does not take =~", "severity_text"),
        ("severity:x", ":", "severity does not take :", ":*"),
        ("severity=25", "25", "unknown severity \"25\"", "0 to 24"),
        ("severity=''", "''", "unknown severity \"\"", "TRACE"),
        ("time:5", ":", "time does not take :", "=, !=, <, <=, > or >="),
        ("time>=2026-11-22", "2026-11-22", "invalid time \"2026-11-22\"", "RFC 3339"),
        (
            "time>=1969-12-31T23:59:59Z",
            "1969-12-31T23:59:59Z",
            "invalid time \"1969-12-31T23:59:59Z\"",
            "1970",
        ),
        (
            "time<2555-01-01T00:00:00Z",
            "2555-01-01T00:00:00Z",
            "invalid time \"2555-01-01T00:00:00Z\"",
            "2553",
        ),
        ("trace_id=4bf9", "4bf9", "invalid trace_id \"4bf9\"", "32 hexadecimal digits"),
        (
            "span_id=00f067aa0ba902bx",
            "00f067aa0ba902bx",
            "invalid span_id \"00f067aa0ba902bx\"",
            "16 hexadecimal",
        ),
        ("trace_id<5", "<", "trace_id does not take <", "=, != or :*"),
        ("trace_id=~5", "=~", "trace_id does not take =~", "=, != or :*"),
        ("body>5", ">", "body does not take >", "=, !=, :, =~, !~ or :*"),
        ("scope<=x", "<=", "scope.name does not take <=", "=~"),
        ("attributes.a=*", "*", "* is no value", ":* to ask whether the field is there"),
        ("attributes.a==1", "=", "== is no operator", "a value behind ="),
        ("attributes.a=", "", "the value is missing", "a value behind ="),
        ("attributes.a= OR b", "OR", "OR stands in the place of a value", "\"OR\" for the text"),
        ("attributes.a=)", ")", "')' cannot start a value", ""),
        ("attributes.a=x=y", "=", "'=' cannot stand here", "quotes"),
        ("service.name!=(a OR b)", "(", "!= takes one value", "-FIELD=(a OR b)"),
        ("body!~(a OR b)", "(", "!~ takes one value", "-FIELD"),
        ("severity=(ERROR WARN)", "WARN", "values in parentheses are joined by OR", "OR or )"),
        ("severity=(ERROR AND WARN)", "AND", "values in parentheses are joined by OR", "OR or )"),
        ("severity=(ERROR “", "“", "values in parentheses are joined by OR", ""),
        ("severity=(ERROR OR LOUD)", "LOUD", "unknown severity \"LOUD\"", ""),
        ("severity=(ERROR", "(", "this parenthesis is never closed", ")"),
        ("severity=()", ")", "')' cannot start a value", ""),
    ]);
}

#[test]
fn broken_regexes_are_refused_at_their_place() {
    assert_refused(&[
        ("body=~\"a(b\"", "(", "invalid regex: unclosed group", ""),
        ("body=~'a\\'(b'", "'a\\'(b'", "invalid regex: unclosed group", ""),
        (
            "body=~[z-a]",
            "z-a",
            "invalid regex: invalid character class range, the start must be <= the end",
            "",
        ),
        ("body=~{9}ü", "", "invalid regex: repetition operator missing expression", ""),
        (r#"body=~"\p{Nope}""#, r"\p{Nope}", "invalid regex: Unicode property not found", ""),
        (r#"body=~"(?-u)\xff""#, r"\xff", "invalid regex: pattern can match invalid UTF-8", ""),
        (r#"body=~"(a)\1""#, r"\1", "invalid regex: backreferences are not supported", ""),
    ]);
}

#[test]
fn what_is_beyond_the_limits_is_refused() {
    let long = "a".repeat(MAX_EXPRESSION_BYTES + 1);
    assert_eq!(error(&long).message(), "the expression has 8193 bytes");
    assert_eq!(error(&long).expected(), Some("at most 8192"));
    for depth in [MAX_NESTING + 1, MAX_EXPRESSION_BYTES] {
        let deep = "(".repeat(depth);
        assert_eq!(error(&deep).message(), "parentheses nest too deep");
        assert_eq!(error(&deep).column(), MAX_NESTING + 1);
    }
    for many in [
        vec!["a"; MAX_TERMS + 1].join(" OR "),
        format!("service.name=({})", vec!["a"; MAX_TERMS + 1].join(" OR ")),
    ] {
        assert_eq!(error(&many).message(), "too many terms");
        assert_eq!(error(&many).expected(), Some("at most 256"));
    }
    assert_eq!(error(&vec!["body=~a"; MAX_REGEXES + 1].join(" ")).message(), "too many regexes");
}

#[test]
fn regexes_that_could_be_slow_are_refused() {
    let heavy = "the regexes repeat too much";
    for (pattern, message) in [
        ("a{3000}", heavy),
        ("(a{50}){50}", heavy),
        ("(?:(?:a{20}){20}){20}", heavy),
        ("((a{0,100}){0,100}){0,100}", heavy),
        ("(?:((((a{9}){9}){9}){9}){9}){4294967295}", heavy),
        (".{300}", heavy),
        ("(.?){200}", heavy),
        ("\\w{100}", "the regex is too large"),
        ("\\pL{100}", "the regex is too large"),
    ] {
        let error = error(&format!("body=~\"{pattern}\""));
        assert!(error.message().starts_with(message), "{pattern}: {error}");
    }
    // Each alone would do.
    let several = ["body=~\"[a-z]{250}\""; 3].join(" OR ");
    assert!(error(&several).message().starts_with(heavy));
    assert_eq!(error(&several).column(), 51);
    let nested = format!("body=~\"{}a{}\"", "(".repeat(200), ")".repeat(200));
    assert!(error(&nested).message().starts_with("invalid regex: exceed the maximum number of nested"));
}

#[test]
fn regexes_of_every_day_are_within_the_limits() {
    let words = vec!["connection refused"; 300].join("|");
    for pattern in [
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "\\b\\d{1,3}(\\.\\d{1,3}){3}\\b",
        "error.{0,80}timeout",
        "[A-Za-z0-9+/]{64,}={0,2}",
        "(?i)\\b(exception|panic|fatal)\\b.*\\b(database|socket)\\b",
        "^(GET|POST) /api/v\\d+/\\w+ .* 5\\d\\d$",
        &words,
    ] {
        let filter = Filter::parse(&format!("body=~\"{pattern}\"")).unwrap();
        assert!(filter.step_bytes() >= 4096, "{pattern}: {}", filter.step_bytes());
    }
}

#[test]
fn heavy_regexes_are_run_in_small_steps() {
    let step = |expression: &str| Filter::parse(expression).unwrap().step_bytes();
    assert!(step("") > crate::frame::MAX_FRAME_BYTES);
    assert!(step("severity>=ERROR timeout body=~\"user \\d+\"") > crate::frame::MAX_FRAME_BYTES);
    assert_eq!(step("body=~[a-z]{500} x"), 4096);
    assert_eq!(step("body=~[a-z]{100} OR -attributes.a!~[a-z]{100}"), 10_000);
}
