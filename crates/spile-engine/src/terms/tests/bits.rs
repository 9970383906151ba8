//! Bits for bytes, against looking at one byte at a time.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::bits::{Bits, foreign, in_range};

fn bits_of(text: &[u8], first: u8, last: u8) -> (Bits, Vec<bool>) {
    let mut bits = Bits::default();
    bits.mark(text, |eight| in_range(eight, first, last));
    (bits, text.iter().map(|byte| (first..=last).contains(byte)).collect())
}

#[test]
fn every_byte_is_told_apart() {
    let all: Vec<u8> = (0..=255).collect();
    for (first, last) in [(b'0', b'9'), (b'a', b'z'), (b'g', b'z'), (0, 0), (0, 127), (127, 127)] {
        let (bits, expected) = bits_of(&all, first, last);
        (0..256).for_each(|at| assert_eq!(bits.any(at..at + 1), expected[at], "{at} in {first}..={last}"));
    }
    let mut bits = Bits::default();
    bits.mark(&all, foreign);
    (0..256).for_each(|at| assert_eq!(bits.any(at..at + 1), at == 0 || at >= 128));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn runs_and_gaps_are_found(text in "[0-9a-z \0é]{0,20}([0-9]{0,90}|[a-z]{0,150})[0-9a-z ]{0,80}", from in 0..300_usize, to in 0..300_usize) {
        let (bits, expected) = bits_of(text.as_bytes(), b'0', b'9');
        let (from, to) = (from.min(text.len()), to.min(text.len()));
        let first = |wanted| (from..text.len()).find(|&at| expected[at] == wanted);
        prop_assert_eq!(Some(bits.next_set(from)).filter(|&at| at < text.len()), first(true));
        prop_assert_eq!(bits.next_clear(from).min(text.len()), first(false).unwrap_or(text.len()));
        let start = (0..from).rev().find(|&at| !expected[at]).map_or(0, |at| at + 1);
        prop_assert_eq!(bits.start_of_set(from), start);
        if from <= to {
            prop_assert_eq!(bits.any(from..to), expected[from..to].contains(&true));
            prop_assert_eq!(bits.all(from..to), !expected[from..to].contains(&false));
        }
    }

    #[test]
    fn ranges_are_set_and_bits_added(length in 1..300_usize, ranges in vec((0..300_usize, 0..300_usize), 0..5)) {
        let text = vec![b' '; length];
        let (mut bits, mut expected) = bits_of(&text, b'0', b'9');
        for (a, b) in ranges {
            let (mut one, _) = bits_of(&text, b'0', b'9');
            let range = a.min(b).min(length)..a.max(b).min(length);
            expected[range.clone()].fill(true);
            one.set(range);
            bits.add(&one);
        }
        let mut copy = Bits::default();
        copy.copy(&bits);
        (0..length).for_each(|at| assert_eq!(copy.any(at..at + 1), expected[at], "{at}"));
    }
}
