//! A deleted stream is gone for those who write, read, and come later; a deletion that fails or is cut short leaves all of it, or nothing.

#![allow(clippy::unwrap_used)]

use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use spile_proto::v1::LogRecord;

use super::*;
use crate::cursor::LossPolicy;
use crate::disk::faulty::FaultyStore;
use crate::disk::faulty::{EIO, Fault, FaultyDisk};
use crate::disk::{Disk, OsDisk};
use crate::filter::Filter;
use crate::journal::ReadError;
use crate::segments::ChangeError;
use crate::subscription::{ByTimePlan, Delivery, NewestFirstPlan, Start, SubscriptionPlan};
use crate::tally::Buckets;
use crate::{
    Append, AppendError, EngineOptions, FrameDraft, Limits, Offset, Retention, RuntimeThreads, Stream,
    Subscription,
};

fn open(disk: Arc<dyn Disk>, data_dir: &Path, store: Arc<dyn ObjectStore>) -> Engine {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Engine::open(EngineOptions {
        data_dir: data_dir.to_path_buf(),
        disk,
        limits: Limits { ring_bytes: 1, journal_file_bytes: 4_000, ..Limits::default() },
        repair: false,
        store: Some(store),
        random: Arc::new(|| NEXT.fetch_add(1, Ordering::Relaxed)),
        blocking: Arc::new(RuntimeThreads),
    })
    .unwrap()
}

fn open_on(disk: &FaultyDisk) -> Engine {
    let store = Arc::new(FaultyStore::new(disk.clone(), "/data"));
    open(Arc::new(disk.clone()), Path::new("/data"), store)
}

async fn append(stream: &Stream, records: u64) -> Result<Offset, AppendError> {
    let mut draft = FrameDraft::default();
    for n in 0..records {
        let record = LogRecord { time_unix_nano: n + 1, body: format!("{n}"), ..LogRecord::default() };
        draft.push(&record, None, 1).unwrap();
    }
    let append = Append { drafts: vec![draft], producer: None, received_unix_nano: 1 };
    stream.append(append).await.map(|ack| ack.next_offset)
}

/// Half in segments, half in the journal.
async fn fill(stream: &Stream) {
    append(stream, 50).await.unwrap();
    stream.seal().unwrap();
    append(stream, 50).await.unwrap();
}

fn follow(stream: &Stream, start: Start) -> Subscription {
    let loss_policy = LossPolicy::CatchUp;
    stream.subscribe(SubscriptionPlan {
        start,
        follow: true,
        filter: Filter::all(),
        limit: None,
        loss_policy,
    })
}

/// Everything that is stored, counted by reading it.
async fn count(stream: &Stream) -> u64 {
    let even = Filter::parse(r#"body=~"[0-9]""#).unwrap();
    stream.tally(&even, Buckets::ONE, stream.tail()).await.unwrap().records()
}

fn folders(disk: &dyn Disk, data_dir: &Path) -> Vec<String> {
    let mut folders = disk.list(&data_dir.join("streams")).unwrap();
    folders.sort();
    folders
}

#[tokio::test]
async fn those_who_write_and_read_are_told_and_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(InMemory::new());
    let engine = open(Arc::new(OsDisk), dir.path(), Arc::clone(&store) as Arc<dyn ObjectStore>);
    let stream = engine.stream_or_new("s").unwrap();
    fill(&stream).await;
    let mut waiting = follow(&stream, Start::Latest);
    let caught_up = poll_fn(|cx| waiting.poll_delivery(cx)).await;
    assert!(matches!(caught_up, Some(Ok(Delivery::CaughtUp))));
    let (waits, told) = tokio::join!(async { poll_fn(|cx| waiting.poll_delivery(cx)).await }, async {
        engine.delete_stream("s").unwrap()
    });
    assert!(matches!(waits, Some(Err(ReadError::Deleted))), "{waits:?}");
    assert_eq!(told.map(|deleted| deleted.records), Some(100));
    assert!(told.is_some_and(|deleted| deleted.bytes > 0));

    let mut reading = follow(&stream, Start::Oldest);
    let reading = poll_fn(|cx| reading.poll_delivery(cx)).await;
    assert!(matches!(reading, Some(Err(ReadError::Deleted))), "{reading:?}");
    let mut down = stream.newest_first(NewestFirstPlan { before: None, filter: Filter::all(), limit: None });
    let down = poll_fn(|cx| down.poll_delivery(cx)).await;
    assert!(matches!(down, Some(Err(ReadError::Deleted))), "{down:?}");
    let mut timed = stream.by_time(ByTimePlan { resume: None, filter: Filter::all(), limit: None });
    let timed = poll_fn(|cx| timed.poll_delivery(cx)).await;
    assert!(matches!(timed, Some(Err(ReadError::Deleted))), "{timed:?}");
    let counting = Filter::parse("x").unwrap();
    let counted = stream.tally(&counting, Buckets::ONE, Offset(100)).await;
    assert_eq!(counted.err(), Some(ReadError::Deleted));
    assert_eq!(append(&stream, 1).await, Err(AppendError::Deleted));

    assert!(engine.stream("s").is_none() && engine.delete_stream("s").unwrap().is_none());
    assert_eq!(folders(&OsDisk, dir.path()), Vec::<String>::new());
    assert!(store.list(None).collect::<Vec<_>>().await.is_empty(), "its objects are gone");
}

#[tokio::test]
async fn a_stream_of_the_same_name_is_another_and_is_left_alone_by_the_handles_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(Arc::new(OsDisk), dir.path(), Arc::new(InMemory::new()));
    let first = engine.stream_or_new("s").unwrap();
    fill(&first).await;
    let mut reading = follow(&first, Start::At(Offset(1)));
    engine.delete_stream("s").unwrap().unwrap();
    let second = engine.stream_or_new("s").unwrap();
    assert_ne!(first.id(), second.id());
    assert_eq!(second.tail(), Offset(0));
    fill(&second).await;
    let files = |dir: &Path| {
        let mut files = OsDisk.list(&dir.join("streams/s/journal")).unwrap();
        files.sort();
        files
    };
    let before = files(dir.path());

    assert!(matches!(first.seal(), Err(ChangeError::Closed)));
    assert!(matches!(first.set_own_retention(None), Err(ChangeError::Closed)));
    first.retain(&Retention { bytes: Some(0), age_nanos: None }, u64::MAX).unwrap();
    first.mark_if_idle();
    first.mark_if_idle();
    first.close();
    let ended = poll_fn(|cx| reading.poll_delivery(cx)).await;
    assert!(matches!(ended, Some(Err(ReadError::Deleted))), "{ended:?}");

    assert_eq!(files(dir.path()), before);
    assert_eq!(count(&second).await, 100);
    append(&second, 1).await.unwrap();
    drop((first, second, reading));
    assert_eq!(engine.stream("s").unwrap().tail(), Offset(101));
}

#[tokio::test]
async fn a_deletion_that_fails_leaves_a_stream_that_goes_on_or_none() {
    let (mut on, mut gone) = (0, 0);
    for late in [false, true] {
        for step in 0.. {
            let disk = FaultyDisk::default();
            let engine = open_on(&disk);
            let stream = engine.stream_or_new("s").unwrap();
            fill(&stream).await;
            let fault = if late { Fault::Late(EIO) } else { Fault::Error(EIO) };
            let at = disk.log().len() + step;
            disk.fail(at, fault);
            // What is done about it fails, too, every other time.
            if step % 2 == 1 {
                disk.fail(at + 1, fault);
            }
            let deleted = engine.delete_stream("s");
            if disk.log().len() <= at {
                assert!(deleted.is_ok());
                break;
            }
            let listed = engine.stream("s").is_some();
            if listed {
                on += 1;
                assert!(deleted.is_err());
                append(&stream, 1).await.unwrap();
                assert_eq!(count(&stream).await, 101);
            } else {
                gone += 1;
                assert!(append(&stream, 1).await.is_err());
            }
            drop((stream, engine));
            let disk = disk.after_power_loss(0);
            let engine = open_on(&disk);
            match engine.stream("s") {
                Some(stream) if listed => assert_eq!(count(&stream).await, 101, "step {step}"),
                Some(stream) => assert!(deleted.is_err() && count(&stream).await == 100, "step {step}"),
                None => {
                    assert!(!listed, "what was acknowledged behind a failed deletion is kept: step {step}");
                }
            }
        }
    }
    assert!(on > 0 && gone > 0, "{on} {gone}");
}

#[tokio::test]
async fn after_a_crash_at_any_step_the_stream_is_there_or_gone() {
    let (mut there, mut gone) = (0, 0);
    for step in 0.. {
        let disk = FaultyDisk::default();
        let engine = open_on(&disk);
        fill(&engine.stream_or_new("s").unwrap()).await;
        append(&engine.stream_or_new("other").unwrap(), 7).await.unwrap();
        disk.fail(disk.log().len() + step, Fault::PowerLoss);
        let deleted = engine.delete_stream("s");
        if disk.has_power() {
            assert!(step >= 3, "a deletion takes at least a mark and two syncs");
            break;
        }
        drop(engine);
        for seed in 0..6 {
            let disk = disk.after_power_loss(seed);
            let engine = open_on(&disk);
            match engine.stream("s") {
                Some(stream) => {
                    there += 1;
                    assert!(!matches!(deleted, Ok(Some(_))), "what was deleted stays deleted");
                    assert_eq!(count(&stream).await, 100, "step {step}, seed {seed}");
                }
                None => gone += 1,
            }
            assert_eq!(count(&engine.stream("other").unwrap()).await, 7);
            let stream = engine.stream_or_new("s").unwrap();
            append(&stream, 1).await.unwrap();
        }
    }
    assert!(there > 0 && gone > 0, "{there} {gone}");
}
