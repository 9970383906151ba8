//! Counts against a `Vec`, by looking at records and by what is known of blocks.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use spile_proto::v1::LogRecord;

use super::*;
use crate::fixture::{Entry, Fixture, small_limits};
use crate::frame::FrameDraft;
use crate::offset::Offset;

fn entries(most: usize) -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(
        (1u64..1_000, 0u8..=24).prop_map(|(time, severity)| Entry { time, severity }),
        1..most,
    )
}

fn filters() -> impl Strategy<Value = (Filter, u8, u64, u64, bool)> {
    let bounds = prop_oneof![Just((0, u64::MAX)), (1u64..900).prop_map(|since| (since, since + 250))];
    (prop::sample::select(vec![0u8, 9, 17]), bounds, any::<bool>()).prop_map(
        |(level, (since, until), odd)| {
            let words = if odd { "odd" } else { "" };
            let timed = Filter::parse(words)
                .unwrap()
                .and_time((since > 0).then_some(since), (until < u64::MAX).then_some(until));
            (timed.and_level(level), level, since, until, odd)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn it_counts_what_matches_by_time_and_severity(
        batches in prop::collection::vec(entries(24), 1..30),
        kept in prop::option::of(1_000u64..8_000),
        sealed in 0usize..45,
        (filter, level, since, until, odd) in filters(),
        width in 1u64..400,
        part in 0u64..=100,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::sealed(small_limits(), &batches, sealed).await;
            kept.into_iter().for_each(|bytes| fixture.retain(bytes));
            let sealed_records = batches.iter().take(sealed).map(Vec::len).sum::<usize>();
            let up_to = fixture.entries.len() as u64 * part / 100;
            let buckets = Buckets::covering(1, 999, width).unwrap();
            let mut wanted = Tally::new(buckets);
            for offset in fixture.matching(level).into_iter().filter(|&offset| offset < up_to) {
                let Entry { time, severity } = fixture.entries[offset as usize];
                if (since..until).contains(&time) && (!odd || offset % 2 == 1) {
                    wanted.counts[(time / width - 1 / width) as usize][usize::from(severity)] += 1;
                }
            }
            let found = fixture.stream.tally(&filter, buckets, Offset(up_to)).await.unwrap();
            assert_eq!(found.counts, wanted.counts);
            let whole = fixture.stream.tally(&filter, Buckets::ONE, Offset(up_to)).await.unwrap();
            assert_eq!(whole.records(), wanted.records());
            assert!(found.scanned <= up_to.saturating_sub(fixture.head()));
            if filter.reads_only_severity_and_time() && filter.min_time_unix_nano() == 0 {
                let journal = (fixture.entries.len() - sealed_records) as u64;
                assert!(whole.scanned <= journal + 128, "of segments only one that is cut is looked at: {}", whole.scanned);
            }
        });
    }

    #[test]
    fn what_is_known_of_a_block_counts_as_its_records_do(
        entries in entries(40),
        (filter, ..) in filters(),
        width in 1u64..2_000,
    ) {
        let mut draft = FrameDraft::default();
        let mut counts = SeverityCounts::default();
        for (offset, entry) in entries.iter().enumerate() {
            let body = Fixture::body(offset as u64);
            let severity_number = entry.severity.into();
            let time_unix_nano = entry.time;
            draft.push(&LogRecord { time_unix_nano, severity_number, body, ..LogRecord::default() }, None, 1).unwrap();
            counts[usize::from(entry.severity)] += 1;
        }
        let frame = draft.into_frame(Offset::ZERO);
        let block = BlockInfo {
            from: Offset::ZERO,
            to: frame.next_offset(),
            summary: *frame.summary(),
            counts: Some(Box::new(counts)),
            divisible: false,
        };
        let buckets = Buckets::covering(200, 800, width).unwrap();
        let (mut known, mut looked) = (Tally::new(buckets), Tally::new(buckets));
        looked.add_matching(&frame, 0..frame.len(), &filter, &mut Vec::new());
        if known.add_known(&block, &filter) {
            assert_eq!(known, looked);
        } else {
            assert_eq!(known, Tally::new(buckets), "what does not decide counts nothing");
            let summary = frame.summary();
            let spread = buckets.of(summary.min_time_unix_nano) != buckets.of(summary.max_time_unix_nano);
            let outside = buckets.of(summary.min_time_unix_nano).is_none();
            let cut = !(filter.min_time_unix_nano()..=filter.max_time_unix_nano()).contains(&summary.min_time_unix_nano)
                || filter.max_time_unix_nano() < summary.max_time_unix_nano;
            assert!(spread || outside || cut || !filter.reads_only_severity_and_time(), "this block decides");
        }
    }
}

#[test]
fn a_part_of_a_block_keeps_no_counts() {
    let block = BlockInfo {
        from: Offset(10),
        to: Offset(20),
        summary: Default::default(),
        counts: Some(Box::new(SeverityCounts::default())),
        divisible: false,
    };
    assert_eq!(block.clone().within(Offset(10), Offset(20)), Some(block.clone()));
    let part = block.clone().within(Offset(12), Offset(50)).unwrap();
    assert_eq!((part.from, part.to, part.counts), (Offset(12), Offset(20), None));
    assert_eq!(block.clone().within(Offset(20), Offset(30)), None);
    assert_eq!(block.within(Offset(0), Offset(10)), None);
}

#[test]
fn buckets_that_cannot_be_made_are_none() {
    assert_eq!(Buckets::covering(5, 4, 1), None);
    assert_eq!(Buckets::covering(5, 9, 0), None);
    assert_eq!(Buckets::covering(0, MAX_BUCKETS as u64, 1), None);
    assert_eq!(Buckets::covering(0, u64::MAX, 1), None);
    let most = Buckets::covering(7, MAX_BUCKETS as u64 + 6, 1).unwrap();
    assert_eq!((most.count(), most.start_unix_nano(1)), (MAX_BUCKETS, 8));
    assert_eq!((Buckets::ONE.of(0), Buckets::ONE.of(u64::MAX)), (Some(0), Some(0)));
}

#[tokio::test]
async fn damaged_records_are_not_counted() {
    let entries: Vec<_> = (0..600).map(|n| Entry { time: n + 1, severity: 9 }).collect();
    let batches: Vec<_> = entries.chunks(16).map(<[Entry]>::to_vec).collect();
    let fixture = Fixture::with(small_limits(), &batches).await;
    Fixture::damage(&fixture.journal_files()[1]);
    let fixture = fixture.reopen(true);
    let readable = fixture.stream.retained_records();
    assert!((500..600).contains(&readable), "{readable}");
    let odd = Filter::parse("odd OR even").unwrap();
    let tally = fixture.stream.tally(&odd, Buckets::ONE, fixture.stream.tail()).await.unwrap();
    assert_eq!((tally.records(), tally.scanned), (readable, readable));
}
