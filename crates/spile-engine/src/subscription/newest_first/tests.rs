//! Newest first against a `Vec`: every tier, small bounds, retention and damage while it reads.

#![allow(clippy::unwrap_used)]

use std::future::poll_fn;

use proptest::prelude::*;

use super::*;
use crate::fixture::{Entry, Fixture, Seen, small_limits};
use crate::limits::Limits;

fn plan(min_severity: u8) -> NewestFirstPlan {
    NewestFirstPlan { before: None, filter: Filter::all().and_level(min_severity), limit: None }
}

async fn read(fixture: &Fixture, plan: NewestFirstPlan) -> (Seen, Offset) {
    let mut reader = fixture.stream.newest_first(plan);
    let mut seen = Seen::default();
    seen.read(usize::MAX, |cx: &mut Context<'_>| reader.poll_delivery(cx)).await;
    assert_eq!(reader.delivered(), seen.offsets.len() as u64);
    (seen, reader.position())
}

fn batches() -> impl Strategy<Value = Vec<Vec<Entry>>> {
    let entry = (1u64..1_000, 1u8..=24).prop_map(|(time, severity)| Entry { time, severity });
    prop::collection::vec(prop::collection::vec(entry, 1..24), 1..40)
}

fn uniform(records: u64) -> Vec<Vec<Entry>> {
    let all: Vec<_> = (0..records).map(|n| Entry { time: n + 1, severity: (n % 24) as u8 + 1 }).collect();
    all.chunks(16).map(<[Entry]>::to_vec).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn it_gives_what_matches_from_a_position_down(
        batches in batches(),
        kept in prop::option::of(1_000u64..8_000),
        sealed in 0usize..45,
        min_severity in prop::sample::select(vec![0u8, 9, 17, 24]),
        part in 0u64..=110,
        limit in prop::option::of(1u64..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::sealed(small_limits(), &batches, sealed).await;
            kept.into_iter().for_each(|bytes| fixture.retain(bytes));
            let tail = fixture.entries.len() as u64;
            let before = (part <= 100).then_some(tail * part / 100);
            let wanted = fixture.matching(min_severity).into_iter().rev();
            let wanted: Vec<_> = wanted
                .filter(|&offset| offset < before.unwrap_or(tail))
                .take(limit.map_or(usize::MAX, |limit| limit as usize))
                .collect();
            let plan = NewestFirstPlan { before: before.map(Offset), limit, ..plan(min_severity) };
            let (seen, position) = read(&fixture, plan).await;
            assert_eq!(seen.offsets, wanted);
            let limited = limit.is_some_and(|limit| limit == wanted.len() as u64);
            assert_eq!(seen.end, Some(if limited { End::Limit } else { End::EndOfHistory }));
            let head = fixture.head();
            match before.filter(|&before| before < head) {
                Some(0) | None => assert_eq!(seen.gaps, []),
                Some(before) => assert_eq!(seen.gaps, [(0, before, GapCause::Retention)]),
            }
            assert!(position.0 <= before.unwrap_or(tail));
        });
    }

    #[test]
    fn resuming_gives_the_rest_once(batches in batches(), limit in 1u64..9, min_severity in 0u8..20) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::with(small_limits(), &batches).await;
            let (mut offsets, mut before) = (Vec::new(), None);
            loop {
                let plan = NewestFirstPlan { before, limit: Some(limit), ..plan(min_severity) };
                let (seen, position) = read(&fixture, plan).await;
                offsets.extend(seen.offsets);
                before = Some(position);
                if seen.end == Some(End::EndOfHistory) {
                    break;
                }
            }
            offsets.reverse();
            assert_eq!(offsets, fixture.matching(min_severity));
        });
    }
}

#[tokio::test]
async fn what_retention_removes_below_a_reader_is_told() {
    let fixture = Fixture::with(small_limits(), &uniform(600)).await;
    let mut reader = fixture.stream.newest_first(plan(0));
    let mut seen = Seen::default();
    seen.read(2, |cx: &mut Context<'_>| reader.poll_delivery(cx)).await;
    fixture.retain(1_000);
    assert!(fixture.head() > 0);
    seen.read(usize::MAX, |cx: &mut Context<'_>| reader.poll_delivery(cx)).await;
    let &(from, to, cause) = seen.gaps.first().unwrap();
    assert_eq!((from, cause, seen.gaps.len()), (0, GapCause::Retention, 1));
    assert_eq!(seen.offsets, (to..600).rev().collect::<Vec<_>>(), "what is not in the gap came");
    assert_eq!((reader.position(), seen.end), (Offset::ZERO, Some(End::EndOfHistory)));
}

#[tokio::test]
async fn damage_is_told_and_the_rest_is_read() {
    let fixture = Fixture::with(small_limits(), &uniform(600)).await;
    let files = fixture.journal_files();
    Fixture::damage(&files[1]);
    let (seen, _) = read(&fixture, plan(0)).await;
    let [(from, to, GapCause::Quarantined)] = seen.gaps[..] else { panic!("{:?}", seen.gaps) };
    assert!(from < to);
    assert_eq!(seen.offsets, (0..from).chain(to..600).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_repaired_gap_is_told_with_its_lower_offset_first() {
    let mut fixture = Fixture::with(small_limits(), &uniform(600)).await;
    Fixture::damage(&fixture.journal_files()[1]);
    fixture = fixture.reopen(true);
    let (seen, _) = read(&fixture, plan(0)).await;
    let [(from, to, GapCause::Quarantined)] = seen.gaps[..] else { panic!("{:?}", seen.gaps) };
    assert!(from < to);
    assert_eq!(seen.offsets, (0..from).chain(to..600).rev().collect::<Vec<_>>());
    assert_eq!(fixture.stream.newest_first(plan(0)).known_total(), Some(600 - (to - from)));
}

#[tokio::test]
async fn what_is_appended_meanwhile_is_not_read() {
    let mut fixture = Fixture::with(Limits::default(), &uniform(32)).await;
    let mut reader = fixture.stream.newest_first(plan(0));
    fixture.append(&uniform(16)[0]).await;
    let mut seen = Seen::default();
    seen.read(usize::MAX, |cx: &mut Context<'_>| reader.poll_delivery(cx)).await;
    assert_eq!(seen.offsets, (0..32).rev().collect::<Vec<_>>());
    assert_eq!(reader.scanned(), 32);
}

#[tokio::test]
async fn a_filter_that_is_slow_by_the_byte_is_looked_through_in_steps() {
    let fixture = Fixture::with(Limits::default(), &[uniform(400).concat()]).await;
    let slow = Filter::parse(r#"body=~"[0-9]([ -~]{0,12}x|[ -~]{0,12}d)""#).unwrap();
    assert!(slow.step_bytes() < MAX_FRAME_BYTES);
    let (seen, _) = read(&fixture, NewestFirstPlan { filter: slow.clone(), ..plan(0) }).await;
    let mut forward = fixture.stream.subscribe(crate::subscription::SubscriptionPlan {
        start: crate::subscription::Start::Oldest,
        follow: false,
        filter: slow,
        limit: None,
        loss_policy: crate::cursor::LossPolicy::CatchUp,
    });
    let mut offsets = Vec::new();
    while let Some(delivery) = poll_fn(|cx| forward.poll_delivery(cx)).await {
        if let Delivery::Records(picked) = delivery.unwrap() {
            offsets.extend(picked.offsets().map(|offset| offset.0));
        }
    }
    offsets.reverse();
    assert!(!offsets.is_empty());
    assert_eq!(seen.offsets, offsets);
}
