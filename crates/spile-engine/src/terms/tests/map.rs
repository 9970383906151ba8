//! The map from terms to pages.

use proptest::collection::{btree_set, hash_map};
use proptest::prelude::*;

use super::super::map::{CellBits, PageMap, entry, mix};
use super::super::page_set::MAX_PAGES;

fn entries(terms: impl IntoIterator<Item = (u64, Vec<usize>)>) -> Vec<u64> {
    let mut all: Vec<u64> = terms
        .into_iter()
        .flat_map(|(term, pages)| pages.into_iter().map(move |page| entry(term, page)))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Builds a map and reads it again; asks it for terms.
fn built(entries: &[u64], pages: usize, bits: CellBits) -> impl Fn(u64) -> Vec<usize> + use<> {
    let bytes = PageMap::build(entries, pages, bits).unwrap();
    let (map, head, cells) = PageMap::read(&bytes, bits).unwrap();
    assert_eq!(bytes.len(), head + cells);
    move |term| {
        let found = map.pages(&bytes[head..], term, pages);
        (0..pages).filter(|page| found >> page & 1 != 0).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_page_of_a_term_is_found(
        terms in hash_map(any::<u64>(), btree_set(0..MAX_PAGES, 1..20), 0..200), pages in 1..=MAX_PAGES,
    ) {
        let terms: Vec<(u64, Vec<usize>)> = terms
            .into_iter()
            .map(|(term, of_term)| (term, of_term.into_iter().filter(|&page| page < pages).collect()))
            .collect();
        let entries = entries(terms.clone());
        for bits in [CellBits::Eight, CellBits::Ten] {
            let find = built(&entries, pages, bits);
            for (term, of_term) in &terms {
                let found = find(*term);
                prop_assert!(of_term.iter().all(|page| found.contains(page)), "{of_term:?} are in {found:?}");
            }
        }
    }
}

#[test]
fn a_term_of_one_page_is_found_in_hardly_another() {
    let terms = (0..20_000).map(|n| (mix(n), vec![n as usize % 16]));
    let find = built(&entries(terms), 16, CellBits::Ten);
    let found: usize = (0..20_000).map(|n| find(mix(n)).len()).sum();
    assert!((20_000..20_800).contains(&found), "{found}");
}

#[test]
fn an_unknown_term_is_seldom_found() {
    for (bits, most) in [(CellBits::Eight, 8_000), (CellBits::Ten, 2_000)] {
        let terms = (0..20_000).map(|n| (mix(n), vec![n as usize % 16]));
        let find = built(&entries(terms), 16, bits);
        // One in 16, and one in 64.
        let found: usize = (100_000..200_000).map(|n| find(mix(n)).len()).sum();
        assert!(found < most, "{found} of 100,000 with {bits:?}");
    }
}

#[test]
fn a_term_of_most_pages_takes_two_entries() {
    let bytes = |terms: u64, of_term: Vec<usize>| {
        let entries = entries((0..terms).map(|n| (mix(n), of_term.clone())));
        PageMap::build(&entries, 32, CellBits::Ten).unwrap().len()
    };
    assert!(bytes(1_000, (0..30).collect()) < bytes(1_000, vec![3, 9, 20]));
    let find = |of_term: std::ops::Range<usize>| {
        built(&entries([(mix(1), of_term.collect())]), 32, CellBits::Ten)(mix(1))
    };
    assert_eq!(find(3..19), (3..19).collect::<Vec<_>>());
    assert_eq!(find(3..20), (0..32).collect::<Vec<_>>());
}

#[test]
fn maps_of_all_sizes_are_built_and_are_small() {
    for count in [0, 1, 2, 3, 10, 100, 1_000, 10_000, 50_000, 200_000] {
        let entries = entries((0..count).map(|n| (mix(n), vec![n as usize % 16])));
        let bytes = PageMap::build(&entries, 16, CellBits::Ten).unwrap();
        let bound = count as usize * 2 + 64;
        assert!(bytes.len() <= bound, "{} bytes for {count} entries", bytes.len());
        // The first byte is the number of the try.
        assert!(bytes[0] < 8, "{} tries for {count} entries failed", bytes[0]);
    }
}

#[test]
fn keys_that_collide_give_no_map_instead_of_a_wrong_one() {
    // A term in two places is two equal keys, which is what keys that were made to collide come to.
    let (a, b) = (entry(mix(1), 0), entry(mix(2), 0));
    assert!(PageMap::build(&[a, b, a], 1, CellBits::Ten).is_none());
}
