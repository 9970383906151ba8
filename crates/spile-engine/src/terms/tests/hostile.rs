//! Stored terms that are not what was written.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{MAX_PAGES, Terms, TermsBuilder};
use super::pages;
use crate::filter::Filter;

fn written() -> Vec<u8> {
    let mut builder = TermsBuilder::default();
    for n in 0..200_usize {
        let body = format!("request 7f3a9c2e11aa{n:04x} took {n} ms for user_{}", n * 7919);
        builder.add(n / 50, body.as_bytes(), &[n as u8; 16]);
    }
    builder.finish(4)
}

/// Asks for a bit of everything.
fn ask(bytes: &[u8], count: usize) {
    let Ok(terms) = Terms::read(Bytes::copy_from_slice(bytes), count) else { return };
    let needs = r#"request "7f3a9c2e11aa0001" "x 123456 y" body=~"a|\b1234567\b" "550e8400-e29b-41d4-a716-446655440000""#;
    let found = terms.pages(Filter::parse(needs).unwrap().needs());
    assert!(found.iter().all(|page| page < count));
    assert!(terms.memory_bytes() < bytes.len() + 1024);
}

#[test]
fn what_was_written_is_read_and_no_less() {
    let bytes = written();
    assert!(pages(&Terms::read(bytes.clone().into(), 4).unwrap(), "took").is_all());
    for end in 0..bytes.len() {
        let cut = Bytes::copy_from_slice(&bytes[..end]);
        // Only the first byte alone could be whole: when it says that there are no terms.
        assert!(Terms::read(cut, 4).is_err(), "{end} of {} bytes", bytes.len());
    }
    let longer = [&bytes[..], &[0]].concat();
    let error = Terms::read(longer.into(), 4).unwrap_err();
    assert_eq!(error.to_string(), "invalid terms of a row group: there are bytes behind them");
    assert!(Terms::read(bytes.into(), 5).is_err());
}

#[test]
fn more_pages_than_there_can_be_are_refused() {
    assert!(Terms::read(Bytes::from_static(&[0]), MAX_PAGES).is_ok());
    assert!(Terms::read(Bytes::from_static(&[0]), MAX_PAGES + 1).is_err());
}

#[test]
fn without_terms_every_page_may_match() {
    let terms = Terms::read(Bytes::from_static(&[0]), 3).unwrap();
    assert!(pages(&terms, r#"word "7f3a9c2e11aa0001" "550e8400-e29b-41d4-a716-446655440000""#).is_all());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_do_harm(bytes in vec(any::<u8>(), 0..400), count in 0..=MAX_PAGES) {
        ask(&bytes, count);
        // With heads that are plausible.
        let mut bytes = bytes;
        bytes.splice(0..0, [2]);
        ask(&bytes, 0);
        bytes.splice(1..1, [0, 4, 1, 0, 0, 0]);
        ask(&bytes, 0);
    }

    #[test]
    fn no_changed_bytes_do_harm(changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), head in any::<bool>()) {
        let mut bytes = written();
        for (at, value) in changes {
            let range = if head { 24 } else { bytes.len() };
            bytes[at.index(range)] = value;
        }
        ask(&bytes, 4);
    }
}
