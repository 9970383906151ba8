//! Over random bodies and filters made of them: a page with a record that matches is never refused.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use spile_proto::v1::LogRecord;

use super::super::TermsBuilder;
use super::read;
use crate::filter::Filter;
use crate::frame::{Frame, FrameDraft};
use crate::offset::Offset;

/// Parts of bodies, which join to runs, ids, and what is nearly one.
const PARTS: [&str; 48] = [
    "0x",
    "x",
    "0X9f79586cdc7f3d65",
    "(0xdead",
    "user",
    "Timeout",
    "dead",
    "beef",
    "added",
    "k",
    "K",
    "\u{212a}",
    "s",
    "ſ",
    "é",
    "Σ",
    "\0",
    "\n",
    " ",
    " ",
    " ",
    "=",
    ":",
    "\"",
    ".",
    "-",
    "-",
    "_",
    "/",
    "1",
    "42",
    "10.0",
    "123456",
    "0.123456789Z",
    "1500ms",
    "250000us",
    "7f3a9c2e11aa00bb",
    "7F3A9C2E",
    "deadbeef",
    "12345dead",
    "x2x4z",
    "7d9f8b6c5d",
    "550e8400-e29b-41d4-a716-446655440000",
    "abcd",
    "41d4",
    "446655440000",
    "blk_-1608999687919862906",
    "{\"msg\":\"job k finished\"}",
];

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => select(&PARTS[..]).prop_map(str::to_owned),
        2 => "[0-9a-f]{3,20}",
        1 => "[0-9]{1,20}",
        1 => "[a-zA-Z0-9]{1,40}",
        1 => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        1 => "[0-9a-g]{7,9}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-g]{11,13}(-[0-9a-f]{4}){0,4}",
        1 => "[a-f]{300}",
        2 => "[0-9a-f]{17,70}",
        1 => ".{0,3}",
    ]
}

fn body() -> impl Strategy<Value = String> {
    vec(part(), 0..10).prop_map(|parts| parts.concat())
}

/// A part of a body, at the boundaries of characters; whole when `ends` are equal.
fn cut(body: &str, ends: (Index, Index)) -> &str {
    let places: Vec<usize> = body.char_indices().map(|(at, _)| at).chain([body.len()]).collect();
    let (a, b) = (*ends.0.get(&places), *ends.1.get(&places));
    if a == b { body } else { &body[a.min(b)..a.max(b)] }
}

/// A text in another spelling that the search for any case takes for the same.
fn respelled(text: &str, how: &[u8]) -> String {
    let mut how = how.iter().cycle();
    text.chars()
        .map(|character| match (character, how.next().unwrap() % 4) {
            ('k' | 'K', 1) => '\u{212a}',
            ('\u{212a}', 1..) => 'k',
            ('s' | 'S', 1) => 'ſ',
            ('ſ', 1..) => 'S',
            ('Σ', 1..) => 'ς',
            ('é', 1..) => 'É',
            (letter, 2) => letter.to_ascii_lowercase(),
            (letter, 3) => letter.to_ascii_uppercase(),
            (same, _) => same,
        })
        .collect()
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

/// A regex that matches a text, more or less loosely.
fn regex_of(text: &str, how: &[u8]) -> String {
    let mut regex = String::new();
    let mut how = how.iter().cycle();
    for character in text.chars() {
        let literal = regex::escape(character.encode_utf8(&mut [0; 4]));
        let _ = match (how.next().unwrap() % 24, character) {
            (0, _) => write!(regex, "(?s:.)"),
            (1, '0'..='9') => write!(regex, r"\d+"),
            (2, ' ') => write!(regex, r"\s+"),
            (3, _) => write!(regex, "(?:{literal})+"),
            (4, _) => write!(regex, "(?:{literal}|never this)"),
            (5, _) => write!(regex, "(?i:{literal})"),
            (6, _) => write!(regex, "(?:{literal})?"),
            (7, _) => write!(regex, r"(?:\b{literal}|{literal})"),
            (8, '-' | ' ' | '=' | '"') => write!(regex, r"[^\w]+"),
            (9, 'a'..='z') => write!(regex, "[a-z]{{1,3}}"),
            _ => write!(regex, "{literal}"),
        };
    }
    regex
}

/// Filters that some of the bodies are likely to match.
fn expression(text: &str, other: &str, how: &[u8]) -> String {
    let any_case = quoted(&respelled(text, how));
    let regex = |text: &str| quoted(&regex_of(text, how));
    match how[0] % 12 {
        0 | 1 => any_case,
        2 => format!("body={}", quoted(text)),
        3 => format!("body=~{}", regex(text)),
        4 => format!("body=~{}", quoted(&format!("(?i){}", regex_of(&respelled(text, how), &[11])))),
        5 => format!("body=~{}", quoted(&format!(r"\b{}\b", regex_of(text, how)))),
        6 => format!("body=~{}", quoted(&format!("(?m)^{}|{}$", regex_of(text, how), regex_of(other, how)))),
        7 => format!("body=~{}", quoted(&format!(r"(?-u:\b)(?i-u:{})(?-u:\b)", regex::escape(text)))),
        8 => format!("{any_case} OR {}", quoted(other)),
        9 => format!("{any_case} {}", quoted(other)),
        10 => format!("-{any_case} OR severity>=ERROR"),
        _ => format!("trace_id={} {any_case}", format!("{:02x}", how[1] % 4).repeat(16)),
    }
}

fn frame(bodies: &[(String, u8)]) -> Frame {
    let mut draft = FrameDraft::default();
    for (body, id) in bodies {
        let trace_id = if *id < 4 { vec![*id; 16] } else { Vec::new() };
        draft.push(&LogRecord { body: body.clone(), trace_id, ..LogRecord::default() }, None, 1).unwrap();
    }
    draft.into_frame(Offset(0))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn a_page_with_a_match_is_never_refused(
        bodies in vec((body(), 0..8_u8), 1..12),
        picked in vec((any::<Index>(), any::<(Index, Index)>(), any::<Index>(), any::<(Index, Index)>(), vec(any::<u8>(), 2..40)), 6),
        page_records in 1..4_usize,
    ) {
        let mut builder = TermsBuilder::default();
        for (at, (body, id)) in bodies.iter().enumerate() {
            let id = [*id; 16];
            builder.add(at / page_records, body.as_bytes(), if id[0] < 4 { &id } else { &[] });
        }
        let pages = bodies.len().div_ceil(page_records);
        let terms = read(builder.finish(pages), pages);
        let frame = frame(&bodies);
        let mut values = Vec::new();
        let mut offsets = vec![0];
        for (body, _) in &bodies {
            values.extend(body.as_bytes());
            offsets.push(values.len() as i32);
        }
        for (body, ends, other, other_ends, how) in picked {
            let text = cut(&body.get(&bodies).0, ends);
            let other = cut(&other.get(&bodies).0, other_ends);
            // The empty text is no text to look for, and a regex can be too heavy.
            let Ok(filter) = Filter::parse(&expression(text, other, &how)) else { continue };
            let found = terms.pages(filter.needs());
            let mut rows = Vec::new();
            filter.narrow().inspect(|search| search.find(&values, &offsets, &mut rows));
            for at in (0..bodies.len()).filter(|&at| filter.matches(&frame.record(at))) {
                prop_assert!(found.contains(at / page_records), "{} lost {:?}: {:?}", filter, bodies[at].0, filter.needs());
                prop_assert!(filter.narrow().is_none() || rows.contains(&(at as u32)), "{} missed row {at}", filter);
            }
            prop_assert!(rows.is_sorted_by(|a, b| a < b));
            if filter.needs().is_nothing() {
                prop_assert!(found.is_all());
            }
        }
    }
}
