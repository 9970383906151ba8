//! Sealing, merging and removing beside readers; what a crash leaves behind; the bound of the cache.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use spile_proto::v1::LogRecord;
use tempfile::TempDir;

use crate::cursor::{GapCause, LossPolicy};
use crate::disk::OsDisk;
use crate::disk::faulty::{FaultyDisk, FaultyStore};
use crate::filter::Filter;
use crate::subscription::{Delivery, Start, SubscriptionPlan};
use crate::{
    Append, Engine, EngineOptions, FrameDraft, Limits, Offset, RecordView, Retention, RuntimeThreads,
    SealPolicy, SegmentLayout, Stream,
};

const NOW: SealPolicy = SealPolicy { bytes: 0, age_nanos: 0 };

/// An engine on a bucket, so that objects can be looked at, and taken away.
struct Fixture {
    dir: TempDir,
    store: Arc<InMemory>,
    engine: Engine,
    stream: Stream,
}

/// A number that was not given before.
fn unlike_others() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn open(dir: &TempDir, store: &Arc<InMemory>) -> (Engine, Stream) {
    let options = EngineOptions {
        data_dir: dir.path().to_path_buf(),
        disk: Arc::new(OsDisk),
        limits: Limits {
            ring_bytes: 1,
            cold_read_bytes: 1_000,
            segment: SegmentLayout { group_records: 16, page_records: 4, segment_records: 512 },
            segment_index_bytes: 250_000,
            cold_frame_bytes: 30_000,
            ..Limits::default()
        },
        repair: false,
        store: Some(Arc::clone(store) as Arc<dyn ObjectStore>),
        random: Arc::new(unlike_others),
        blocking: Arc::new(RuntimeThreads),
    };
    let engine = Engine::open(options).unwrap();
    let stream = engine.stream_or_new("s").unwrap();
    (engine, stream)
}

impl Fixture {
    fn new() -> Self {
        let (dir, store) = (tempfile::tempdir().unwrap(), Arc::new(InMemory::new()));
        let (engine, stream) = open(&dir, &store);
        Self { dir, store, engine, stream }
    }

    fn reopen(mut self) -> Self {
        drop((self.engine, self.stream));
        (self.engine, self.stream) = open(&self.dir, &self.store);
        self
    }

    async fn append(&self, count: u64, appended_unix_nano: u64) {
        append(&self.stream, count, appended_unix_nano).await;
    }

    async fn objects(&self, folder: &str) -> Vec<Path> {
        let dir = Path::from(format!("streams/s/{folder}"));
        let objects: Vec<_> = self.store.list(Some(&dir)).collect().await;
        objects.into_iter().map(|object| object.unwrap().location).collect()
    }
}

/// Appends records whose bodies are their offsets; every tenth is an error.
async fn append(stream: &Stream, count: u64, appended_unix_nano: u64) {
    let mut draft = FrameDraft::default();
    let first = stream.tail().0;
    for n in first..first + count {
        let severity_number = if n % 10 == 0 { 17 } else { 9 };
        let record = LogRecord { body: n.to_string(), severity_number, ..LogRecord::default() };
        draft.push(&record, None, appended_unix_nano).unwrap();
    }
    let append = Append { drafts: vec![draft], producer: None, received_unix_nano: appended_unix_nano };
    stream.append(append).await.unwrap();
}

fn plan(start: Start, filter: Filter) -> SubscriptionPlan {
    SubscriptionPlan { start, follow: false, filter, limit: None, loss_policy: LossPolicy::CatchUp }
}

/// Bodies as numbers, and gaps.
async fn read(stream: &Stream, start: Start, filter: Filter) -> (Vec<u64>, Vec<(u64, u64, GapCause)>) {
    let (mut bodies, mut gaps) = (Vec::new(), Vec::new());
    let mut subscription = stream.subscribe(plan(start, filter));
    while let Some(delivery) = subscription.next().await {
        match delivery.unwrap() {
            Delivery::Records(picked) => {
                let body = |at: usize| picked.frame().record(at).body().parse::<u64>().unwrap();
                for (at, offset) in picked.indexes().zip(picked.offsets()) {
                    assert_eq!(body(at), offset.0);
                    bodies.push(offset.0);
                }
            }
            Delivery::Gap { from, to, cause } => gaps.push((from.0, to.0, cause)),
            Delivery::CaughtUp | Delivery::End(_) => {}
        }
    }
    (bodies, gaps)
}

#[tokio::test]
async fn what_is_sealed_leaves_the_journal_and_reads_as_before() {
    let fixture = Fixture::new();
    fixture.append(100, 5).await;
    let journal_bytes = fixture.stream.status().stored_bytes;
    let sealed = fixture.stream.seal().unwrap();
    assert_eq!((sealed.records, sealed.sealed_to), (100, Offset(100)));
    let status = fixture.stream.status();
    assert_eq!((status.segments, status.segment_records), (1, 100));
    assert!(status.stored_bytes - status.segment_bytes < journal_bytes, "the journal's file is gone");
    assert_eq!(fixture.stream.seal().unwrap().records, 0, "there is nothing more");
    let errors = Filter::all().and_level(17);
    let all: Vec<u64> = (0..100).collect();
    assert_eq!(read(&fixture.stream, Start::Oldest, Filter::all()).await.0, all);
    assert_eq!(read(&fixture.stream, Start::Last(3), errors.clone()).await.0, [70, 80, 90]);
    let known = |filter: &Filter, from| fixture.stream.known_count(filter, Offset(from), Offset(100));
    assert_eq!(
        (known(&errors, 0), known(&errors, 1)),
        (Some(10), None),
        "the manifest tells of whole segments"
    );
    assert_eq!(known(&errors.and(&Filter::parse("\"7\"").unwrap()), 0), None);
    let fixture = fixture.reopen();
    fixture.append(10, 6).await;
    assert_eq!(fixture.stream.retained_records(), 110);
    assert_eq!(read(&fixture.stream, Start::At(Offset(55)), errors).await.0, [60, 70, 80, 90, 100]);
}

#[tokio::test]
async fn a_policy_decides_by_size_and_by_age() {
    let fixture = Fixture::new();
    fixture.append(5, 1_000).await;
    let sealed = |bytes, age_nanos, now| {
        fixture.stream.keep_sealed(&SealPolicy { bytes, age_nanos }, now).unwrap().records
    };
    assert_eq!(sealed(1 << 30, 100, 1_099), 0);
    assert_eq!(sealed(1 << 30, 100, 1_100), 5, "old enough");
    fixture.append(5, 2_000).await;
    assert_eq!(sealed(1, u64::MAX, 2_000), 5, "large enough");
    assert_eq!(sealed(1, 0, 9_000), 0, "nothing is left");
}

#[tokio::test]
async fn small_neighbours_are_merged_beside_a_reader() {
    let fixture = Fixture::new();
    for _ in 0..7 {
        fixture.append(20, 5).await;
        fixture.stream.seal().unwrap();
    }
    let mut reader = fixture.stream.subscribe(plan(Start::Oldest, Filter::all()));
    assert!(matches!(reader.next().await, Some(Ok(Delivery::Records(_)))));
    let position = reader.position();
    fixture.append(20, 5).await;
    fixture.stream.keep_sealed(&NOW, 9).unwrap();
    assert_eq!(fixture.stream.status().segments, 1);
    assert_eq!(fixture.objects("segments").await.len(), 1, "the old files are gone");
    let mut rest = Vec::new();
    while let Some(delivery) = reader.next().await {
        if let Delivery::Records(picked) = delivery.unwrap() {
            rest.extend(picked.offsets().map(|offset| offset.0));
        }
    }
    assert_eq!(rest, (position.0..140).collect::<Vec<_>>(), "the reader goes on in the merged one");
    assert_eq!(read(&fixture.stream, Start::Oldest, Filter::all()).await.0, (0..160).collect::<Vec<_>>());
}

#[tokio::test]
async fn retention_removes_the_oldest_segments_and_tells_their_readers() {
    let fixture = Fixture::new();
    for n in 1..=4 {
        fixture.append(20, n * 1_000).await;
        fixture.stream.seal().unwrap();
    }
    fixture.append(20, 5_000).await;
    let mut reader = fixture.stream.subscribe(plan(Start::Oldest, Filter::all()));
    assert!(matches!(reader.next().await, Some(Ok(Delivery::Records(_)))));
    let position = reader.position();
    let by_age = Retention { bytes: None, age_nanos: Some(2_500) };
    assert_eq!(fixture.stream.retain(&by_age, 5_000).unwrap(), Offset(40));
    assert_eq!(fixture.objects("segments").await.len(), 2);
    // What was decoded already may still be read; then the reader is told.
    let mut next = position.0;
    while let Some(delivery) = reader.next().await {
        match delivery.unwrap() {
            Delivery::Records(picked) => {
                assert_eq!(picked.first_offset().0, next);
                next = picked.next_offset().0;
            }
            Delivery::Gap { from, to, cause } => {
                assert_eq!((from.0, to.0, cause), (next, 40, GapCause::Retention));
                next = to.0;
            }
            _ => {}
        }
    }
    assert_eq!(next, 100);
    let (bodies, gaps) = read(&fixture.stream, Start::At(Offset(7)), Filter::all()).await;
    assert_eq!((bodies.first(), gaps), (Some(&40), vec![(7, 40, GapCause::Retention)]));
    let fixture = fixture.reopen();
    assert_eq!(fixture.stream.extent().head, Offset(40));
    let nothing = Retention { bytes: Some(0), age_nanos: None };
    fixture.stream.retain(&nothing, 9_000).unwrap();
    assert_eq!(fixture.stream.status().segments, 0);
    assert_eq!(fixture.reopen().stream.retained_records(), 0, "the journal went, too");
}

#[tokio::test]
async fn a_full_disk_is_no_reason_not_to_make_room() {
    let disk = FaultyDisk::default();
    let options = EngineOptions {
        data_dir: "/data".into(),
        disk: Arc::new(disk.clone()),
        limits: Limits::default(),
        repair: false,
        store: Some(Arc::new(FaultyStore::new(disk.clone(), "/data"))),
        random: Arc::new(unlike_others),
        blocking: Arc::new(RuntimeThreads),
    };
    let engine = Engine::open(options).unwrap();
    let stream = engine.stream_or_new("s").unwrap();
    append(&stream, 200, 1).await;
    stream.seal().unwrap();
    engine.retain(&Retention::default(), 2);
    disk.set_capacity(Some(disk.used()));
    let harsh = Retention { bytes: Some(0), age_nanos: None };
    assert!(stream.retain(&harsh, 2).is_err(), "a manifest needs room");
    engine.retain(&harsh, 2);
    assert_eq!((stream.status().segments, stream.retained_records()), (0, 0));
    append(&stream, 10, 3).await;
}

#[tokio::test]
async fn a_stream_keeps_a_retention_of_its_own() {
    let fixture = Fixture::new();
    fixture.append(20, 1_000).await;
    fixture.stream.seal().unwrap();
    let own = Retention { bytes: None, age_nanos: None };
    fixture.stream.set_own_retention(Some(own)).unwrap();
    let fixture = fixture.reopen();
    assert_eq!(fixture.stream.own_retention(), Some(own));
    let harsh = Retention { bytes: Some(0), age_nanos: Some(1) };
    fixture.stream.retain(&harsh, 1 << 60).unwrap();
    assert_eq!(fixture.stream.retained_records(), 20, "its own holds");
    fixture.stream.set_own_retention(None).unwrap();
    fixture.stream.retain(&harsh, 1 << 60).unwrap();
    assert_eq!(fixture.stream.retained_records(), 0);
}

#[tokio::test]
async fn what_no_manifest_names_is_removed_at_open() {
    let fixture = Fixture::new();
    fixture.append(20, 5).await;
    fixture.stream.seal().unwrap();
    let orphan =
        Path::from("streams/s/segments/00000000000000000020-00000000000000000040-0000000000000abc.parquet");
    fixture.store.put(&orphan, "half a file".into()).await.unwrap();
    let fixture = fixture.reopen();
    assert_eq!(fixture.objects("segments").await.len(), 1);
    assert_eq!(fixture.stream.retained_records(), 20);
}

#[tokio::test]
async fn a_lost_or_damaged_file_is_told_as_a_gap_and_the_rest_is_read() {
    let fixture = Fixture::new();
    for _ in 0..3 {
        fixture.append(40, 5).await;
        fixture.stream.seal().unwrap();
    }
    let files = fixture.objects("segments").await;
    fixture.store.delete(&files[0]).await.unwrap();
    let mut bytes = fixture.store.get(&files[1]).await.unwrap().bytes().await.unwrap().to_vec();
    bytes[40] ^= 1;
    fixture.store.put(&files[1], bytes.into()).await.unwrap();
    let damages = fixture.stream.verify().unwrap().damages;
    let named: Vec<_> = damages.iter().map(|damage| (damage.from.0, damage.to.0, damage.reason)).collect();
    assert_eq!(named, [(0, 40, "the file is missing"), (40, 56, "a page is damaged")]);
    assert!(damages[0].file.to_str().unwrap().starts_with("streams/s/segments/"));
    let (bodies, gaps) = read(&fixture.stream, Start::Oldest, Filter::all()).await;
    assert_eq!(gaps, [(0, 40, GapCause::Quarantined), (40, 56, GapCause::Quarantined)]);
    assert_eq!(bodies, (56..120).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_cache_stays_within_its_bound() {
    let fixture = Fixture::new();
    for _ in 0..6 {
        fixture.append(200, 5).await;
        fixture.stream.seal().unwrap();
    }
    assert_eq!(read(&fixture.stream, Start::Oldest, Filter::all()).await.0.len(), 1_200);
    let (segments, frames) = fixture.stream.segments().0.cache.bytes();
    assert!(segments > 0 && segments <= 250_000, "{segments} bytes of segments");
    assert!(frames > 0 && frames <= 30_000, "{frames} bytes of frames");
}
