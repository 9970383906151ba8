//! Where a time begins, against a `Vec`: over all tiers, whatever the order of times.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::fixture::{Entry, Fixture, small_limits};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_time_begins_at_the_first_retained_record_that_is_not_earlier(
        times in prop::collection::vec(1u64..500, 1..600),
        kept in prop::option::of(1_000u64..8_000),
        sealed in 0usize..40,
        wanted in 0u64..510,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let entries: Vec<_> = times.iter().map(|&time| Entry { time, severity: 9 }).collect();
            let batches: Vec<_> = entries.chunks(16).map(<[Entry]>::to_vec).collect();
            let fixture = Fixture::sealed(small_limits(), &batches, sealed).await;
            kept.into_iter().for_each(|bytes| fixture.retain(bytes));
            let retained = fixture.head()..times.len() as u64;
            let first = retained.clone().find(|&offset| times[offset as usize] >= wanted).unwrap_or(retained.end);
            assert_eq!(fixture.stream.locate_time(wanted).await.unwrap(), Offset(first));
        });
    }
}
