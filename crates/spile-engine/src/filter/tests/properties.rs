//! Over random expressions and records: the fast ways agree with the plain ones, and no input does harm.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use spile_proto::v1::{KeyValue, LogRecord};

use super::{Any, attribute, filter, frame, resource, text};
use crate::filter::Filter;
use crate::frame::Frame;
use crate::resource::ResourceDef;

/// An expression as a tree, so that its meaning can be worked out from that of its leaves.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(String),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

impl Tree {
    fn text(&self) -> String {
        let joined = |trees: &[Self], joint: &str| {
            let parts: Vec<_> = trees.iter().map(Self::text).collect();
            format!("({})", parts.join(joint))
        };
        match self {
            Self::Leaf(text) => text.clone(),
            Self::Not(tree) => format!("NOT ({})", tree.text()),
            Self::And(trees) => joined(trees, " "),
            Self::Or(trees) => joined(trees, " OR "),
        }
    }

    fn holds(&self, leaf: &impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Leaf(text) => leaf(text),
            Self::Not(tree) => !tree.holds(leaf),
            Self::And(trees) => trees.iter().all(|tree| tree.holds(leaf)),
            Self::Or(trees) => trees.iter().any(|tree| tree.holds(leaf)),
        }
    }
}

/// Texts that occur in each other, fold to each other, or look like a record's encoding.
const TEXTS: [&str; 14] =
    ["a", "ab", "aab", "rare", "Rare", "RARE a", "k", "\u{212a}", "ſ", "s", "\n", "\u{2}", "Σς", "5"];
const PATTERNS: [&str; 9] =
    ["a+b", "rare|ab", "(?i)RARE", "^a", "a$", "r(ar)+e", r"\d", "x?", r"[[:alpha:]]\s"];
const KEYS: [&str; 4] = ["a", "b.c", "weird key", "rare"];
const RELATIONS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
const LEVELS: [&str; 8] = ["0", "3", "17", "24", "WARN", "ERROR", "FATAL2", "crit"];

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        select(&TEXTS[..]).prop_map(quoted),
        select(&["5", "5.0", "-1", "1e3", "true", "x"][..]).prop_map(String::from),
    ]
}

fn key() -> impl Strategy<Value = String> {
    let prefixed = (select(&["attributes.", "resource."][..]), select(&KEYS[..]));
    prop_oneof![
        4 => prefixed.prop_map(|(prefix, key)| prefix.to_owned() + &quoted(key)),
        1 => Just("b.c".to_owned()),
        1 => Just("service.name".to_owned()),
    ]
}

fn leaf() -> impl Strategy<Value = String> {
    let field = select(&["body", "severity_text", "event_name", "scope.name"][..]);
    let text_operator = select(&["=", "!=", ":"][..]);
    let relation = || select(&RELATIONS[..]);
    let regex_operator = || select(&["=~", "!~"][..]);
    let pattern = || select(&PATTERNS[..]).prop_map(|pattern| format!("\"{pattern}\""));
    prop_oneof![
        4 => select(&TEXTS[..]).prop_map(quoted),
        2 => (relation(), select(&LEVELS[..])).prop_map(|(relation, level)| format!("severity{relation}{level}")),
        2 => (relation(), 0..20u8).prop_map(|(relation, nano)| format!("time{relation}1970-01-01T00:00:00.0000000{nano:02}Z")),
        2 => (field.clone(), text_operator, select(&TEXTS[..])).prop_map(|(f, o, t)| format!("{f}{o}{}", quoted(t))),
        2 => (field.clone(), regex_operator(), pattern()).prop_map(|(f, o, p)| format!("{f}{o}{p}")),
        1 => field.prop_map(|field| format!("{field}:*")),
        3 => (key(), relation(), value()).prop_map(|(k, r, v)| format!("{k}{r}{v}")),
        1 => (key(), value()).prop_map(|(k, v)| format!("{k}:{v}")),
        1 => (key(), regex_operator(), pattern()).prop_map(|(k, o, p)| format!("{k}{o}{p}")),
        1 => key().prop_map(|key| format!("{key}:*")),
        1 => (select(&["=", "!="][..]), 0..3u8).prop_map(|(o, id)| format!("trace_id{o}{}", format!("0{id}").repeat(16))),
        1 => Just("span_id:*".to_owned()),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_map(Tree::Leaf).prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            vec(inner.clone(), 1..4).prop_map(Tree::And),
            vec(inner, 1..4).prop_map(Tree::Or),
        ]
    })
}

fn any_value() -> impl Strategy<Value = Any> {
    prop_oneof![
        select(&TEXTS[..]).prop_map(text),
        select(&[-1, 5, 1000, i64::MAX][..]).prop_map(Any::IntValue),
        select(&[5.0, 0.5, f64::NAN, 1e300][..]).prop_map(Any::DoubleValue),
        any::<bool>().prop_map(Any::BoolValue),
        Just(Any::BytesValue(b"a".to_vec())),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let values = KEYS.map(|key| option::of(any_value().prop_map(move |value| attribute(key, value))));
    values.prop_map(|values| values.into_iter().flatten().collect())
}

fn words() -> impl Strategy<Value = String> {
    vec(select(&TEXTS[..]), 0..5).prop_map(|words| words.concat())
}

fn record() -> impl Strategy<Value = LogRecord> {
    let short =
        || option::weighted(0.3, select(&TEXTS[..])).prop_map(|text| text.unwrap_or_default().to_owned());
    (words(), short(), short(), 0..=24i32, 1..20u64, attributes(), 0..4u8).prop_map(
        |(body, scope_name, severity_text, severity_number, time_unix_nano, attributes, id)| LogRecord {
            trace_id: if id < 3 { vec![id; 16] } else { Vec::new() },
            span_id: if id % 2 == 0 { vec![id; 8] } else { Vec::new() },
            event_name: severity_text.to_lowercase(),
            ..LogRecord {
                body,
                scope_name,
                severity_text,
                severity_number,
                time_unix_nano,
                attributes,
                ..LogRecord::default()
            }
        },
    )
}

fn resources() -> [Arc<ResourceDef>; 3] {
    [
        resource(&[("service.name", "rare"), ("a", "5"), ("b.c", "ab")]),
        resource(&[("service.name", "a"), ("rare", "x")]),
        resource(&[("weird key", "true")]),
    ]
}

prop_compose! {
    fn some_frame()(records in vec((record(), 0..4usize), 1..80)) -> Frame {
        let resources = resources();
        frame(records.iter().map(|(record, of)| (record, resources.get(*of))))
    }
}

fn plain(filter: &Filter, frame: &Frame, run: std::ops::Range<usize>) -> Vec<u32> {
    run.filter(|&at| filter.matches(&frame.record(at))).map(|at| at as u32).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_canonical_text_reads_back_as_an_equal_filter(tree in tree()) {
        let filter = filter(&tree.text());
        let again = Filter::parse(filter.canonical()).unwrap();
        prop_assert_eq!(again.canonical(), filter.canonical());
        prop_assert_eq!(&again, &filter);
        prop_assert_eq!(again.fingerprint(), filter.fingerprint());
    }

    #[test]
    fn a_filter_means_what_its_parts_mean(tree in tree(), frame in some_frame()) {
        let whole = filter(&tree.text());
        for at in 0..frame.len() {
            let record = frame.record(at);
            let expected = tree.holds(&|leaf| filter(leaf).matches(&record));
            prop_assert_eq!(whole.matches(&record), expected, "{} is {}", tree.text(), whole);
        }
    }

    #[test]
    fn select_picks_what_matches(tree in tree(), frame in some_frame(), run in (0..80usize, 0..80usize)) {
        let filter = filter(&tree.text());
        let end = run.1.min(frame.len());
        for run in [0..frame.len(), run.0.min(end)..end] {
            let expected = plain(&filter, &frame, run.clone());
            let mut selected = Vec::new();
            filter.select(&frame, run, &mut selected);
            prop_assert_eq!(&selected, &expected, "{}", filter);
            prop_assert!(selected.is_empty() || filter.may_match(frame.summary()));
            for at in selected {
                let time = frame.time_unix_nano(at as usize);
                prop_assert!((filter.min_time_unix_nano()..=filter.max_time_unix_nano()).contains(&time));
            }
        }
    }

    #[test]
    fn adding_conditions_picks_the_intersection(
        tree in tree(), frame in some_frame(), level in 0..26u8, since in option::of(0..20u64), until in option::of(0..20u64),
    ) {
        let base = filter(&tree.text());
        let narrowed = base.and_level(level).and_time(since, until);
        let mut expected = plain(&base, &frame, 0..frame.len());
        expected.retain(|&at| {
            let (at, time) = (at as usize, frame.time_unix_nano(at as usize));
            frame.severity(at) >= level && since.is_none_or(|since| time >= since) && until.is_none_or(|until| time < until)
        });
        prop_assert_eq!(plain(&narrowed, &frame, 0..frame.len()), expected);
        prop_assert_eq!(&filter(narrowed.canonical()), &narrowed);
    }

    #[test]
    fn texts_are_found_as_a_plain_search_finds_them(haystack in "[aAbB \n]{0,60}", needle in "[aAbB \n]{1,4}") {
        let expected = haystack.to_ascii_lowercase().contains(&needle.to_ascii_lowercase());
        prop_assert_eq!(super::picks(&quoted(&needle), &super::body(&haystack), None), expected);
    }

    #[test]
    fn any_text_can_be_quoted(text in ".{1,40}") {
        let filter = filter(&quoted(&text));
        prop_assert!(filter.matches(&frame([(&super::body(&text), None)]).record(0)));
        prop_assert_eq!(&self::filter(filter.canonical()), &filter);
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        harmless(&text)?;
    }

    #[test]
    fn no_soup_of_tokens_panics(
        tokens in vec(select(&[
            "(", ")", "\"", "'", "\\", "-", "=", "=~", "!~", ":", "*", "<", " ", "\n", "AND", "OR", "NOT", "or", "severity",
            "time", "body", "attributes.", "resource.", "a.b", "a", "5", "trace_id", "ERROR", "[", "{9}", "+", "?", "ü", "“", "\u{3000}", "\u{212a}",
            "1970-01-01T00:00:00Z", "\\u{41}", "service.name",
        ][..]), 0..30),
    ) {
        harmless(&tokens.concat())?;
        harmless(&tokens.join(" "))?;
    }
}

/// Reads a text, uses what it reads as, and shows what is wrong with it.
fn harmless(text: &str) -> Result<(), TestCaseError> {
    match Filter::parse(text) {
        Ok(filter) => {
            let frame =
                frame([(&super::body(text), None), (&super::with_attribute("a", super::text(text)), None)]);
            let mut selected = Vec::new();
            filter.select(&frame, 0..2, &mut selected);
            prop_assert_eq!(selected, plain(&filter, &frame, 0..2));
            prop_assert_eq!(&Filter::parse(filter.canonical()).unwrap(), &filter);
        }
        Err(error) => {
            prop_assert!(text.get(error.span()).is_some(), "{:?} lies in {text:?}", error.span());
            prop_assert_eq!(error.to_string().lines().count(), 3);
        }
    }
    Ok(())
}
