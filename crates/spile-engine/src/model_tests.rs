//! The whole engine against a `Vec`: appends, readers that come, read, stop and go, eviction, retention and restarts.
//!
//! Every reader's deliveries must be in order, unique, without a gap that was not told, and just what its filter picks.

#![allow(clippy::unwrap_used)]

use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use object_store::memory::InMemory;
use proptest::prelude::*;
use spile_proto::v1::LogRecord;

use crate::cursor::{GapCause, LossPolicy};
use crate::disk::OsDisk;
use crate::filter::Filter;
use crate::subscription::{Delivery, Start, SubscriptionPlan};
use crate::{
    Append, Engine, EngineOptions, FrameDraft, Limits, Offset, ProducerSequence, RecordView, Retention,
    RuntimeThreads, SealPolicy, SegmentLayout, Stream, Subscription,
};

/// One step of a history.
#[derive(Clone, Debug)]
enum Action {
    /// Append so many records in one batch, of this severity.
    Append { records: u64, severity: i32 },
    /// Repeat the last batch under its old sequence.
    Repeat,
    /// A reader comes.
    Subscribe { start: StartAt, min_severity: u8 },
    /// A reader reads up to so many deliveries.
    Poll { reader: usize, deliveries: usize },
    /// A reader leaves.
    Drop { reader: usize },
    /// The oldest files go.
    Retain { bytes: u64 },
    /// The journal becomes a segment; small segments become larger ones.
    Seal,
    /// The engine is dropped without a word and opened again; readers resume at their cursors.
    Restart,
}

#[derive(Clone, Copy, Debug)]
enum StartAt {
    Oldest,
    Latest,
    Last(u64),
    /// This share of the stream, percent.
    Part(u64),
}

fn action() -> impl Strategy<Value = Action> {
    let start = prop_oneof![
        Just(StartAt::Oldest),
        Just(StartAt::Latest),
        (1u64..40).prop_map(StartAt::Last),
        (0u64..=100).prop_map(StartAt::Part),
    ];
    let min_severity = prop_oneof![Just(0u8), Just(9u8), Just(17u8)];
    prop_oneof![
        6 => (1u64..30, 1i32..=24).prop_map(|(records, severity)| Action::Append { records, severity }),
        1 => Just(Action::Repeat),
        2 => (start, min_severity).prop_map(|(start, min_severity)| Action::Subscribe { start, min_severity }),
        6 => (0usize..4, 1usize..20).prop_map(|(reader, deliveries)| Action::Poll { reader, deliveries }),
        1 => (0usize..4).prop_map(|reader| Action::Drop { reader }),
        1 => (1_000u64..20_000).prop_map(|bytes| Action::Retain { bytes }),
        2 => Just(Action::Seal),
        1 => Just(Action::Restart),
    ]
}

/// What a stream must hold: the severity of each record by offset; the body is the offset.
#[derive(Default)]
struct Oracle {
    severities: Vec<u8>,
    sequence: u64,
    last_batch: (u64, u64),
}

/// A reader and what it must see next.
struct Reader {
    subscription: Subscription,
    min_severity: u8,
    /// The next offset that was not delivered, refused or told as a gap.
    next: u64,
    caught_up: bool,
}

fn open(dir: &Path, store: &Arc<InMemory>) -> (Engine, Stream) {
    let limits = Limits {
        ring_bytes: 12_000,
        journal_file_bytes: 4_000,
        cold_read_bytes: 1_500,
        scan_bytes_per_poll: 1_000,
        segment: SegmentLayout { group_records: 12, page_records: 4, segment_records: 64 },
        segment_index_bytes: 4_000,
        cold_frame_bytes: 4_000,
        ..Limits::default()
    };
    let options = EngineOptions {
        data_dir: dir.to_path_buf(),
        disk: Arc::new(OsDisk),
        limits,
        repair: false,
        store: Some(Arc::clone(store) as _),
        random: random(),
        blocking: Arc::new(RuntimeThreads),
    };
    let engine = Engine::open(options).unwrap();
    let stream = engine.stream_or_new("default").unwrap();
    (engine, stream)
}

/// Numbers that do not repeat.
fn random() -> Arc<dyn Fn() -> u64 + Send + Sync> {
    static NEXT: AtomicU64 = AtomicU64::new(7);
    Arc::new(|| NEXT.fetch_add(1, Ordering::Relaxed))
}

fn plan(start: Start, min_severity: u8) -> SubscriptionPlan {
    let filter = Filter::all().and_level(min_severity);
    SubscriptionPlan { start, follow: true, filter, limit: None, loss_policy: LossPolicy::CatchUp }
}

async fn append(stream: &Stream, oracle: &mut Oracle, records: u64, severity: i32) {
    let first = oracle.severities.len() as u64;
    let mut draft = FrameDraft::default();
    for n in first..first + records {
        let record = LogRecord { body: n.to_string(), severity_number: severity, ..LogRecord::default() };
        draft.push(&record, None, 1).unwrap();
    }
    oracle.sequence += 1;
    let ack = send(stream, draft, oracle.sequence).await;
    assert_eq!((ack.first_offset, ack.duplicate), (Offset(first), false));
    oracle.severities.extend((0..records).map(|_| severity as u8));
    oracle.last_batch = (first, records);
    assert_eq!(stream.tail(), Offset(first + records), "acked is visible");
}

async fn send(stream: &Stream, draft: FrameDraft, sequence: u64) -> crate::Ack {
    let producer = Some(ProducerSequence { producer: "p".into(), sequence, after: None });
    stream.append(Append { drafts: vec![draft], producer, received_unix_nano: 1 }).await.unwrap()
}

async fn repeat(stream: &Stream, oracle: &Oracle) {
    if oracle.sequence == 0 {
        return;
    }
    let mut draft = FrameDraft::default();
    draft.push(&LogRecord { body: "again".into(), ..LogRecord::default() }, None, 1).unwrap();
    let ack = send(stream, draft, oracle.sequence).await;
    let (first, records) = oracle.last_batch;
    assert_eq!((ack.first_offset.0, ack.records, ack.duplicate), (first, records, true));
}

async fn subscribe(stream: &Stream, oracle: &Oracle, start: StartAt, min_severity: u8) -> Reader {
    let tail = oracle.severities.len() as u64;
    let head = stream.extent().head.0;
    let (start, next) = match start {
        StartAt::Oldest => (Start::Oldest, head),
        StartAt::Latest => (Start::Latest, tail),
        StartAt::Part(percent) => (Start::At(Offset(tail * percent / 100)), tail * percent / 100),
        StartAt::Last(count) => {
            let retained = (head..tail).rev();
            let matching = retained.filter(|&n| oracle.severities[n as usize] >= min_severity);
            (Start::Last(count), matching.take(count as usize).last().unwrap_or(tail))
        }
    };
    let mut subscription = stream.subscribe(plan(start, min_severity));
    poll_fn(|cx| subscription.poll_located(cx)).await.unwrap();
    assert_eq!(subscription.position().0, next, "where it starts, between {head} and {tail}");
    Reader { subscription, min_severity, next, caught_up: false }
}

impl Reader {
    /// Reads until so many deliveries came, or all there is.
    async fn read(&mut self, oracle: &Oracle, deliveries: usize) {
        let tail = oracle.severities.len() as u64;
        for _ in 0..deliveries {
            if self.subscription.position().0 == tail && self.caught_up {
                break;
            }
            // Ends, because there is something left to deliver, or to look through, or to be told.
            let delivery = poll_fn(|cx| {
                let polled = self.subscription.poll_delivery(cx);
                let at_tail = self.subscription.position().0 == tail && self.subscription.is_live();
                match polled {
                    std::task::Poll::Pending if at_tail && self.caught_up => std::task::Poll::Ready(None),
                    other => other,
                }
            });
            match delivery.await {
                Some(delivery) => self.check(oracle, delivery.unwrap()),
                None => break,
            }
        }
    }

    fn check(&mut self, oracle: &Oracle, delivery: Delivery) {
        match delivery {
            Delivery::Records(picked) => {
                for at in picked.indexes() {
                    let record = picked.frame().record(at);
                    let offset = picked.frame().offset_of(at).0;
                    assert!(offset >= self.next, "{offset} came after {}", self.next);
                    self.skip_refused(oracle, offset);
                    assert_eq!(record.body(), offset.to_string());
                    assert_eq!(record.severity_number(), oracle.severities[offset as usize]);
                    self.next = offset + 1;
                }
            }
            Delivery::Gap { from, to, cause } => {
                assert_eq!(cause, GapCause::Retention);
                self.skip_refused(oracle, from.0);
                assert!(from.0 == self.next && to > from, "a gap starts where reading is");
                self.next = to.0;
            }
            Delivery::CaughtUp => assert!(!std::mem::replace(&mut self.caught_up, true), "told once"),
            Delivery::End(end) => panic!("a follow ended: {end:?}"),
        }
        assert!(self.next <= self.subscription.position().0, "the cursor is behind what was given out");
    }

    /// What is passed over must be what the filter refuses.
    fn skip_refused(&mut self, oracle: &Oracle, up_to: u64) {
        for n in self.next..up_to {
            assert!(oracle.severities[n as usize] < self.min_severity, "{n} was passed over");
        }
        self.next = self.next.max(up_to);
    }
}

async fn run(actions: Vec<Action>) {
    let dir = tempfile::tempdir().unwrap();
    // What is put into it outlives the engine, as a bucket does.
    let store = Arc::new(InMemory::new());
    let (mut engine, mut stream) = open(dir.path(), &store);
    let mut oracle = Oracle::default();
    let mut readers: Vec<Reader> = Vec::new();
    for action in actions {
        match action {
            Action::Append { records, severity } => append(&stream, &mut oracle, records, severity).await,
            Action::Repeat => repeat(&stream, &oracle).await,
            Action::Subscribe { start, min_severity } if readers.len() < 4 => {
                readers.push(subscribe(&stream, &oracle, start, min_severity).await);
            }
            Action::Subscribe { .. } => {}
            Action::Poll { reader, deliveries } => {
                if let Some(reader) = readers.get_mut(reader) {
                    reader.read(&oracle, deliveries).await;
                }
            }
            Action::Drop { reader } if reader < readers.len() => drop(readers.swap_remove(reader)),
            Action::Drop { .. } => {}
            Action::Retain { bytes } => {
                let retention = Retention { bytes: Some(bytes), age_nanos: None };
                stream.retain(&retention, 1).unwrap();
            }
            Action::Seal => {
                let (bytes, tail) = (0, stream.tail());
                let sealed = stream.keep_sealed(&SealPolicy { bytes, age_nanos: 0 }, 1).unwrap();
                assert!(sealed.records == 0 || sealed.sealed_to == tail);
            }
            Action::Restart => {
                let positions: Vec<_> =
                    readers.iter().map(|r| (r.subscription.position(), r.min_severity, r.next)).collect();
                readers.clear();
                drop((engine, stream));
                (engine, stream) = open(dir.path(), &store);
                assert_eq!(
                    stream.tail(),
                    Offset(oracle.severities.len() as u64),
                    "all that was acked is there"
                );
                readers.extend(positions.into_iter().map(|(position, min_severity, next)| Reader {
                    subscription: stream.subscribe(plan(Start::At(position), min_severity)),
                    min_severity,
                    next,
                    caught_up: false,
                }));
            }
        }
    }
    for reader in &mut readers {
        reader.read(&oracle, usize::MAX).await;
        reader.skip_refused(&oracle, oracle.severities.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn readers_see_what_was_acked_once_and_in_order(actions in prop::collection::vec(action(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(actions));
    }
}

#[tokio::test]
async fn last_finds_nothing_that_retention_has_removed() {
    let append = |severity| Action::Append { records: 16, severity };
    let last = Action::Subscribe { start: StartAt::Last(1), min_severity: 0 };
    run(vec![append(1), append(9), append(17), append(1), Action::Retain { bytes: 1_000 }, last]).await;
}

#[tokio::test]
async fn last_counts_no_match_that_memory_alone_still_holds() {
    let append = |records, severity| Action::Append { records, severity };
    let last = Action::Subscribe { start: StartAt::Last(2), min_severity: 9 };
    run(vec![append(9, 9), Action::Seal, append(1, 1), append(1, 9), Action::Retain { bytes: 1_000 }, last])
        .await;
}
