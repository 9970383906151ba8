//! Context against a `Vec`: on both sides, over all tiers, within its bounds.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::fixture::{Entry, Fixture, small_limits};
use crate::limits::Limits;

fn uniform(records: u64) -> Vec<Vec<Entry>> {
    let all: Vec<_> = (0..records).map(|n| Entry { time: n + 1, severity: (n % 24) as u8 + 1 }).collect();
    all.chunks(16).map(<[Entry]>::to_vec).collect()
}

fn offsets(found: &Surroundings) -> Vec<u64> {
    for (offset, body) in found.rows.offsets().zip(found.rows.bodies()) {
        assert_eq!(String::from_utf8_lossy(body), Fixture::body(offset.0));
    }
    found.rows.offsets().map(|offset| offset.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn it_gives_the_nearest_that_match_on_either_side(
        records in 1u64..700,
        kept in prop::option::of(1_000u64..8_000),
        sealed in 0usize..45,
        min_severity in prop::sample::select(vec![0u8, 9, 24]),
        part in 0u64..=100,
        (before, after) in (0usize..30, 0usize..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::sealed(small_limits(), &uniform(records), sealed).await;
            kept.into_iter().for_each(|bytes| fixture.retain(bytes));
            let position = records * part / 100;
            let matching = fixture.matching(min_severity);
            let at = matching.partition_point(|&offset| offset < position);
            let wanted = &matching[at.saturating_sub(before)..matching.len().min(at + after)];
            let filter = Filter::all().and_level(min_severity);
            let plan = ContextPlan { position: Offset(position), before, after, filter };
            let found = fixture.stream.context(plan).await.unwrap();
            assert_eq!(offsets(&found), wanted);
            let head = fixture.head();
            let gone = (position < head && after > 0).then_some((Offset(position), Offset(head), GapCause::Retention));
            assert_eq!(found.gaps, gone.into_iter().collect::<Vec<_>>());
        });
    }
}

#[tokio::test]
async fn of_too_many_bytes_the_nearest_come() {
    let bytes = Fixture::with(Limits::default(), &uniform(1)).await;
    let plan = |position, filter| ContextPlan { position: Offset(position), before: 100, after: 100, filter };
    let one = bytes.stream.context(plan(0, Filter::all())).await.unwrap().rows.records().len();
    // Three records of the same length on either side, and one record however long it is.
    for (context_bytes, wanted) in [(3 * (one + 2) + 1, 197..203), (1, 199..201)] {
        let fixture = Fixture::with(Limits { context_bytes, ..small_limits() }, &uniform(400)).await;
        let found = fixture.stream.context(plan(200, Filter::all())).await.unwrap();
        let near = offsets(&found);
        assert_eq!(
            near.first().copied()..near.last().map(|last| last + 1),
            Some(wanted.start)..Some(wanted.end)
        );
    }
}

#[tokio::test]
async fn a_range_that_cannot_be_read_is_told() {
    let fixture = Fixture::with(small_limits(), &uniform(600)).await;
    Fixture::damage(&fixture.journal_files()[1]);
    let fixture = fixture.reopen(true);
    let all = |position, before, after| {
        let plan = ContextPlan { position: Offset(position), before, after, filter: Filter::all() };
        async { fixture.stream.context(plan).await.unwrap() }
    };
    let whole = all(0, 0, 600).await;
    let [(from, to, GapCause::Quarantined)] = whole.gaps[..] else { panic!("{:?}", whole.gaps) };
    let around = all(to.0, 3, 3).await;
    assert_eq!(around.gaps, [(from, to, GapCause::Quarantined)]);
    let wanted: Vec<_> = (from.0 - 3..from.0).chain(to.0..to.0 + 3).collect();
    assert_eq!(offsets(&around), wanted);
}
