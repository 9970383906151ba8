//! What is refused.

use super::super::{MAX_PAGES, Terms, TermsBuilder};
use super::{pages, read, terms_of};

/// Whether a page of one body may match.
fn may(body: &str, expression: &str) -> bool {
    !pages(&terms_of(&[&[body]]), expression).is_empty()
}

/// A sequence of numbers that looks random and is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        super::super::map::mix(self.0)
    }
}

const PAGES: usize = 16;
const PAGE_RECORDS: usize = 256;

/// A row group of request lines with an id each; a rare word in page 3, and one half of the pages of another shape.
fn requests() -> (Terms, Vec<String>, usize) {
    let mut numbers = Numbers(1);
    let mut builder = TermsBuilder::default();
    let mut ids = Vec::new();
    for page in 0..PAGES {
        for at in 0..PAGE_RECORDS {
            let id = format!("{:016x}", numbers.next());
            let took = numbers.next() % 2_000;
            let body = match (page, at) {
                (3, 100) => format!("request {id}: certificate has expired"),
                (0..8, _) => format!("GET /api/v2/orders request_id={id} status=200 took={took}ms"),
                _ => format!(
                    "2026-11-22T10:00:00.{:09}Z handled {id} in {took}.{took:03} ms",
                    numbers.next() % 1_000_000_000
                ),
            };
            builder.add(page, body.as_bytes(), &numbers.next().to_le_bytes().repeat(2));
            ids.push(id);
        }
    }
    let bytes = builder.finish(PAGES);
    let size = bytes.len();
    (read(bytes, PAGES), ids, size)
}

#[test]
fn an_id_leaves_its_page() {
    let (terms, ids, _) = requests();
    let mut others = 0;
    for (at, id) in ids.iter().enumerate().step_by(7) {
        let found = pages(&terms, &format!("\"{id}\""));
        assert!(found.contains(at / PAGE_RECORDS));
        others += found.len() - 1;
    }
    assert!(others < 40, "{others} other pages of {} ids", ids.len() / 7);
}

#[test]
fn an_absent_id_leaves_hardly_a_page() {
    let (terms, ..) = requests();
    let mut numbers = Numbers(2);
    let left: usize = (0..500).map(|_| pages(&terms, &format!("\"{:016x}\"", numbers.next())).len()).sum();
    assert!(left < 40, "{left} of {} pages", 500 * PAGES);
    let left: usize =
        (0..500).map(|_| pages(&terms, &format!("trace_id={:032x}", numbers.next())).len()).sum();
    assert!(left < 40, "{left} of {} pages", 500 * PAGES);
}

#[test]
fn a_trace_id_leaves_its_page() {
    let mut builder = TermsBuilder::default();
    for n in 0..1_000_u64 {
        builder.add(n as usize / 100, b"the same", &u128::from(n).to_be_bytes());
    }
    let terms = read(builder.finish(10), 10);
    let left: Vec<_> = (0..1_000_u64).map(|n| pages(&terms, &format!("trace_id={n:032x}"))).collect();
    assert!(left.iter().enumerate().all(|(n, pages)| pages.contains(n / 100)));
    assert!(left.iter().map(|pages| pages.len()).sum::<usize>() < 1_050);
}

#[test]
fn a_rare_word_leaves_the_page_that_has_it() {
    let (terms, ..) = requests();
    for text in [
        "\"certificate has expired\"",
        "\"ERTIFICATE HAS EXP\"",
        "body=~\"(?i)has\\s+Expired$\"",
        "body=~\"certif.*expired\"",
    ] {
        assert_eq!(pages(&terms, text).iter().collect::<Vec<_>>(), [3], "{text}");
    }
    for text in ["\"out of memory\"", "\"connection reset\"", "body=~\"panicked at|segfault\""] {
        assert!(pages(&terms, text).is_empty(), "{text}");
    }
}

#[test]
fn a_common_word_leaves_the_pages_of_its_shape() {
    let (terms, ..) = requests();
    assert_eq!(pages(&terms, "handled").iter().collect::<Vec<_>>(), (8..16).collect::<Vec<_>>());
    assert_eq!(pages(&terms, "handled OR expired").len(), 9);
    assert_eq!(pages(&terms, "handled expired").len(), 0);
    assert!(pages(&terms, "-handled").is_all());
    assert!(pages(&terms, "severity>=ERROR span_id:* scope:x").is_all());
}

#[test]
fn a_record_takes_two_bytes_an_id() {
    let (_, ids, size) = requests();
    // An id and a trace id each, and the grams.
    assert!(size < ids.len() * 4, "{size} bytes for {} records", ids.len());
}

#[test]
fn a_part_of_an_id_is_refused_where_no_token_is_longer() {
    assert!(!may("id=7f3a9c2e", "\"7f3a9c2f\""));
    assert!(may("id=7f3a9c2f01", "\"7f3a9c2e\""), "a longer token could have it");
    assert!(!may("id=7f3a9c2f01", "\"id=7f3a9c2e now\""), "it is whole");
    assert!(!may("id=7f3a9c2f01", "\"7f3a9c2z\""), "a hexadecimal number has no z");
    assert!(!may("order 123456789 for 12", "\"7f3a9c2\""), "a decimal number has no letters");
    assert!(!may("id=7f3a9c2f01", "body=7f3a9c2e"));
    assert!(!may("id=7f3a9c2f01", "body=~\"id=7f3a9c2e\\\\b\""));
    assert!(may("id=7f3a9c2f01", "body=~\"id=7f3a9c2f.1\""));
}

#[test]
fn a_part_of_an_id_is_refused_by_what_is_before_it() {
    let body = "request 0123456789abcdef of ord-40123457";
    assert!(!may(body, "ord-40123456"));
    assert!(may(body, "ord-4012345"));
    assert!(may(body, "40123456"), "the request's id could have it");
    assert!(may(body, "\"request 01234567\""));
    assert!(!may(body, "\"request: 01234567\""));
}

#[test]
fn an_address_is_an_id() {
    let body = "session 0x9F79586cdc7f3d65";
    assert!(may(body, "0x9f79586cdc7f3d65"));
    assert!(may(body, "x9f79586cdc7f3d65"));
    assert!(may(body, "9f79586cdc7f3d65"));
    assert!(!may(body, "9f79586cdc7f3d66"));
    assert!(!may(body, "0x9f79586cdc7f3d66"));
}

#[test]
fn an_id_is_refused_though_a_few_tokens_are_longer() {
    let long = "7f3a9c2e11aa00bb7f3a9c2e11aa00bc4d5e6f";
    let body = format!("key sha256:{long} accepted");
    for start in 0..=long.len() - 16 {
        assert!(may(&body, &long[start..start + 16]), "{start}");
    }
    assert!(may(&body, &long[3..]));
    assert!(!may(&body, "7f3a9c2e11aa00bd"));
    assert!(!may(&body, "0123456789abcdef"));
    assert!(may(&body, "0123456789abc"), "it is too short to tell");
}

#[test]
fn a_uuid_is_refused_whatever_other_ids_there_are() {
    let body = "id 550e8400-e29b-41d4-a716-446655440000 of 0123456789abcdef0123456789abcdef";
    assert!(may(body, "\"550E8400-E29B-41D4-A716-446655440000\""));
    assert!(!may(body, "\"550E8400-E29B-41D4-A716-446655440001\""));
    assert!(may("x550e8400-e29b-41d4-a716-4466554400001", "\"550e8400-e29b-41d4-a716-446655440000\""));
}

#[test]
fn a_page_with_many_longer_tokens_is_not_refused_for_what_they_may_have() {
    let mut numbers = Numbers(4);
    let mut builder = TermsBuilder::default();
    let mut tokens = Vec::new();
    for page in 0..2 {
        for _ in 0..100 {
            let token = format!("{:016x}{:016x}", numbers.next(), numbers.next());
            builder.add(page, format!("trace {token} done").as_bytes(), &[]);
            tokens.push(token);
        }
        builder.add(2, b"trace 0123456789abcdef done", &[]);
    }
    let terms = read(builder.finish(3), 3);
    for (at, token) in tokens.iter().enumerate() {
        assert!(pages(&terms, &format!("\"{}\"", &token[9..25])).contains(at / 100));
        assert!(!pages(&terms, &format!("\"{token}\"")).contains(2));
    }
    assert!(pages(&terms, "\"0123456789abcdee\"").iter().all(|page| page < 2));
}

#[test]
fn what_folds_to_ascii_stands_for_it_beside_an_id() {
    assert!(may("7f3a9c2e\u{212a}", "body=~\"^7f3a9c2e(?-u:\\b)\""), "to ASCII the Kelvin sign is no letter");
    assert!(may("7f3a9c2e\u{212a}", "body=~\"^7f3a9c2e[^a-z]\""));
    assert!(!may("7f3a9c2e\u{212a}", "body=~\"^7f3a9c2e\\b\""));
    assert!(!may("7f3a9c2e\u{212a}", "body=~\"^7f3a9c2e[^\\w]\""));
    assert!(may("7f3a9c2e\u{212a}", "7f3a9c2eK"));
}

#[test]
fn letters_of_ids_are_no_words() {
    let body = "id=7facade9c2e11aa00bb";
    assert!(may(body, "facade"), "an id may have it by chance");
    assert!(!may(body, "\"the facade is\""));
    assert!(!may(body, "facades"), "an id has no s");
    assert!(!may("no ids", "facade"));
}

#[test]
fn a_page_of_noise_takes_bounded_room_and_is_not_refused() {
    let mut numbers = Numbers(3);
    let mut builder = TermsBuilder::default();
    for _ in 0..400 {
        let noise: String = (0..200).map(|_| char::from(b'a' + (numbers.next() % 26) as u8)).collect();
        builder.add(0, noise.as_bytes(), &[]);
    }
    builder.add(1, b"a calm page", &[]);
    let bytes = builder.finish(2);
    assert!(bytes.len() < 1_000, "{} bytes", bytes.len());
    let terms = read(bytes, 2);
    assert_eq!(pages(&terms, "expired").iter().collect::<Vec<_>>(), [0]);
    assert!(pages(&terms, "calm").is_all());
}

#[test]
fn a_row_group_of_more_terms_than_are_kept_has_none() {
    let mut numbers = Numbers(5);
    let mut builder = TermsBuilder::default();
    for _ in 0..64 {
        let ids: Vec<String> = (0..16_000).map(|_| format!("{:016x}", numbers.next())).collect();
        builder.add(0, ids.join(" ").as_bytes(), &[]);
    }
    let bytes = builder.finish(2);
    assert_eq!(bytes, [0]);
    assert!(pages(&read(bytes, 2), "absent").is_all());
    builder.add(1, b"the next row group", &[]);
    assert_eq!(pages(&read(builder.finish(2), 2), "next").iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn a_builder_is_empty_after_a_row_group() {
    let mut builder = TermsBuilder::default();
    let mut of_one = |body: &str| {
        builder.add(1, body.as_bytes(), &[]);
        read(builder.finish(MAX_PAGES), MAX_PAGES)
    };
    let (first, second) = (of_one("first row group 111111"), of_one("second row group 222222"));
    assert_eq!(pages(&first, "first 111111").iter().collect::<Vec<_>>(), [1]);
    assert_eq!(pages(&second, "second 222222").iter().collect::<Vec<_>>(), [1]);
    assert!(pages(&second, "first").is_empty());
    assert!(pages(&second, "111111").is_empty());
    assert_eq!(pages(&second, "group").len(), 1);
}
