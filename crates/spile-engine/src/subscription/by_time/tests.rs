//! By time against a sorted `Vec`: all shapes of data, all tiers, small windows, retention and damage while it reads.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::fixture::{Entry, Fixture, Seen, small_limits};
use crate::limits::Limits;

/// A window for about a dozen records.
const WINDOW: usize = 3_000;

fn limits() -> Limits {
    Limits { time_order_bytes: WINDOW, ..small_limits() }
}

fn plan(min_severity: u8) -> ByTimePlan {
    ByTimePlan { resume: None, filter: Filter::all().and_level(min_severity), limit: None }
}

/// Reads to the end, or so many deliveries, and holds the reader to its bound after each.
async fn read_some(reader: &mut ByTime, seen: &mut Seen, deliveries: usize, bound: usize) {
    seen.read(deliveries, |cx: &mut Context<'_>| {
        let polled = reader.poll_delivery(cx);
        assert!(reader.held_bytes() <= bound, "{} of {bound} bytes", reader.held_bytes());
        polled
    })
    .await;
}

async fn read(fixture: &Fixture, plan: ByTimePlan) -> (Seen, ByTime) {
    let mut reader = fixture.stream.by_time(plan);
    let mut seen = Seen::default();
    read_some(&mut reader, &mut seen, usize::MAX, WINDOW).await;
    assert_eq!(reader.delivered(), seen.offsets.len() as u64);
    (seen, reader)
}

/// The offsets of what matches, in the order of time.
fn sorted(fixture: &Fixture, min_severity: u8) -> Vec<u64> {
    let mut offsets = fixture.matching(min_severity);
    offsets.sort_by_key(|&offset| (fixture.entries[offset as usize].time, offset));
    offsets
}

fn batches_of(times: impl IntoIterator<Item = u64>) -> Vec<Vec<Entry>> {
    let entries = times.into_iter().enumerate();
    let all: Vec<_> = entries.map(|(n, time)| Entry { time, severity: (n % 24) as u8 + 1 }).collect();
    all.chunks(16).map(<[Entry]>::to_vec).collect()
}

/// Times without any order, the same in each run.
fn shuffled(count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(move |n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 100_000 + 1)
}

fn shapes() -> Vec<(&'static str, Vec<u64>)> {
    let ascending = || 1u64..=600;
    let with = |at: usize, time: u64| {
        let mut times: Vec<_> = ascending().map(|time| time + 1_000).collect();
        times[at] = time;
        times
    };
    vec![
        ("ascending", ascending().collect()),
        ("nearly ascending", ascending().map(|time| 100 + time + time * 7 % 23).collect()),
        ("descending", ascending().rev().collect()),
        ("all equal", vec![7; 600]),
        ("shuffled", shuffled(600).collect()),
        ("one very early", with(500, 1)),
        ("one very late", with(20, u64::MAX)),
        ("two ascending runs", (1..=300).chain(1..=300).collect()),
    ]
}

#[tokio::test]
async fn whatever_the_shape_of_the_times_it_sorts_them_within_its_bound() {
    for (shape, times) in shapes() {
        for sealed in [0, 20, 100] {
            let fixture = Fixture::sealed(limits(), &batches_of(times.clone()), sealed).await;
            let (seen, reader) = read(&fixture, plan(0)).await;
            assert_eq!(seen.offsets, sorted(&fixture, 0), "{shape}, {sealed} batches sealed");
            assert_eq!((seen.gaps.len(), seen.end), (0, Some(End::EndOfHistory)), "{shape}");
            assert!(reader.scanned() >= 600, "{shape}");
        }
    }
}

#[tokio::test]
async fn what_ascends_is_read_once_and_its_first_record_leaves_at_once() {
    let limits = Limits { time_order_bytes: 100_000, ..small_limits() };
    for (shape, times) in
        [("ascending", 0), ("nearly ascending", 1)].map(|(shape, nth)| (shape, shapes()[nth].1.clone()))
    {
        let fixture = Fixture::sealed(limits.clone(), &batches_of(times), 20).await;
        let mut reader = fixture.stream.by_time(plan(0));
        let mut seen = Seen::default();
        read_some(&mut reader, &mut seen, 1, 100_000).await;
        let first = reader.scanned();
        assert!(first <= 200, "{shape}: {first} of 600 records were looked at for the first");
        read_some(&mut reader, &mut seen, usize::MAX, 100_000).await;
        assert_eq!((seen.offsets, reader.scanned()), (sorted(&fixture, 0), 600), "{shape}");
    }
}

#[tokio::test]
async fn a_record_that_is_larger_than_the_window_comes_all_the_same() {
    let fixture =
        Fixture::with(Limits { time_order_bytes: 1, ..small_limits() }, &batches_of(shuffled(60))).await;
    let mut reader = fixture.stream.by_time(plan(0));
    let mut seen = Seen::default();
    read_some(&mut reader, &mut seen, usize::MAX, 400).await;
    assert_eq!(seen.offsets, sorted(&fixture, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn it_gives_what_matches_in_order_and_resumes_anywhere(
        times in prop::collection::vec(prop_oneof![1u64..40, 1u64..1_000_000], 1..400),
        sealed in 0usize..30,
        kept in prop::option::of(1_000u64..8_000),
        min_severity in prop::sample::select(vec![0u8, 9, 24]),
        limit in 5u64..200,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut fixture = Fixture::sealed(limits(), &batches_of(times), sealed).await;
            kept.into_iter().for_each(|bytes| fixture.retain(bytes));
            let wanted = sorted(&fixture, min_severity);
            let (mut offsets, mut resume) = (Vec::new(), None);
            loop {
                let (seen, reader) = read(&fixture, ByTimePlan { resume, limit: Some(limit), ..plan(min_severity) }).await;
                offsets.extend(seen.offsets);
                assert!(seen.gaps.is_empty());
                if seen.end == Some(End::EndOfHistory) {
                    break;
                }
                resume = Some(reader.position());
                // What comes later is not part of it, wherever it lies in time; nor does it matter where records lie.
                fixture.append(&batches_of([1, 500, u64::MAX]).concat()).await;
                fixture.stream.seal().unwrap();
            }
            assert_eq!(offsets, wanted);
        });
    }
}

#[tokio::test]
async fn what_retention_removes_meanwhile_is_told_once() {
    for sealed in [0, 100] {
        let fixture = Fixture::sealed(limits(), &batches_of(shuffled(600)), sealed).await;
        let mut reader = fixture.stream.by_time(plan(0));
        let mut seen = Seen::default();
        read_some(&mut reader, &mut seen, 2, WINDOW).await;
        let before = seen.offsets.len();
        let position = reader.position();
        fixture.retain(1_000);
        let head = fixture.head();
        assert!(head > 0);
        read_some(&mut reader, &mut seen, usize::MAX, WINDOW).await;
        assert_eq!(seen.gaps, [(0, head, GapCause::Retention)]);
        let rest = sorted(&fixture, 0);
        let missing: Vec<_> = rest.iter().filter(|offset| !seen.offsets.contains(offset)).collect();
        assert!(missing.is_empty(), "{missing:?} are retained");
        let mut unique = seen.offsets.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), seen.offsets.len(), "none came twice");
        // Whoever resumes later is told, too.
        let (resumed, _) = read(&fixture, ByTimePlan { resume: Some(position), ..plan(0) }).await;
        assert_eq!(resumed.gaps, [(0, head, GapCause::Retention)]);
        let rest: Vec<_> =
            rest.into_iter().filter(|offset| !seen.offsets[..before].contains(offset)).collect();
        assert_eq!(resumed.offsets, rest);
    }
}

#[tokio::test]
async fn damage_is_told_once_and_the_rest_is_in_order() {
    let fixture = Fixture::with(limits(), &batches_of(shuffled(600))).await;
    Fixture::damage(&fixture.journal_files()[1]);
    let check = |fixture: &Fixture, seen: Seen| {
        let [(from, to, GapCause::Quarantined)] = seen.gaps[..] else { panic!("{:?}", seen.gaps) };
        let readable = |offset: &u64| !(from..to).contains(offset);
        assert_eq!(seen.offsets, sorted(fixture, 0).into_iter().filter(readable).collect::<Vec<_>>());
    };
    let (seen, _) = read(&fixture, plan(0)).await;
    check(&fixture, seen);
    let fixture = fixture.reopen(true);
    let (seen, _) = read(&fixture, plan(0)).await;
    check(&fixture, seen);
    let first = fixture.stream.by_time(plan(0)).known_total();
    assert_eq!(first, Some(fixture.stream.retained_records()));
}
