//! What all requests have in common: their share of memory, and their decompression.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::budget::Budget;
use super::decompress::{Coding, decompress};
use crate::testing::pack;

#[test]
fn a_budget_is_shared_and_given_back() {
    let budget = Budget::new(10 << 10);
    let (mut one, mut other) = (budget.charge(), budget.charge());
    one.grow(1).unwrap();
    one.grow(1023).unwrap();
    assert_eq!(budget.left(), 9 << 10, "small parts of one request share a unit");
    one.grow(8 << 10).unwrap();
    other.grow(1 << 10).unwrap();
    let refused = other.grow(1).unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unavailable);
    drop(one);
    assert_eq!(budget.left(), 9 << 10);
    drop(other);
    assert_eq!(budget.left(), 10 << 10);
}

#[test]
fn more_than_the_whole_budget_is_refused_and_does_not_overflow() {
    let budget = Budget::new(10 << 10);
    let mut charge = budget.charge();
    assert!(charge.grow(usize::MAX / 2).is_err());
    assert_eq!(budget.left(), 10 << 10);
}

fn unpacked(coding: Coding, packed: Vec<u8>, max_bytes: usize) -> Result<Vec<u8>, tonic::Status> {
    let budget = Budget::new(1 << 30);
    decompress(coding, packed, max_bytes, &mut budget.charge())
}

#[test]
fn gzip_may_have_several_members() {
    let packed = [pack("gzip", b"one "), pack("gzip", b"two")].concat();
    assert_eq!(unpacked(Coding::Gzip, packed, 100).unwrap(), b"one two");
}

proptest! {
    #[test]
    fn what_is_compressed_comes_back_up_to_the_limit(bytes in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        let snapped = snap::raw::Encoder::new().compress_vec(&bytes).unwrap();
        let cases = [(Coding::Gzip, pack("gzip", &bytes)), (Coding::Zstd, pack("zstd", &bytes)), (Coding::Snappy, snapped)];
        for (coding, packed) in cases {
            prop_assert_eq!(&unpacked(coding, packed.clone(), bytes.len()).unwrap(), &bytes);
            if !bytes.is_empty() {
                let refused = unpacked(coding, packed.clone(), bytes.len() - 1).unwrap_err();
                prop_assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
                let cut = unpacked(coding, packed[..packed.len() - 1].to_vec(), bytes.len());
                prop_assert!(cut.is_err());
            }
        }
    }

    #[test]
    fn any_bytes_decompress_or_do_not(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Zstd, Coding::Snappy] {
            let _ = unpacked(coding, bytes.clone(), 1 << 20);
        }
    }
}
