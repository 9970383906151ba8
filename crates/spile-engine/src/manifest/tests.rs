//! A manifest is read as it was committed, or not at all; a number is committed once.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::{CommitError, Manifest, ManifestError, ManifestStore, format};
use crate::block::SeverityCounts;
use crate::frame::Summary;
use crate::journal::GapRange;
use crate::limits::Retention;
use crate::offset::Offset;
use crate::segment::SegmentMeta;

fn segment(first: u64, next: u64) -> Arc<SegmentMeta> {
    let mut severities = SeverityCounts::default();
    severities[9] = next - first - 1;
    severities[17] = 1;
    Arc::new(SegmentMeta {
        path: Path::from(format!("streams/s/segments/{first}.parquet")),
        bytes: 1_000,
        crc: 7,
        tail_at: 900,
        tail_crc: 8,
        first_offset: Offset(first),
        next_offset: Offset(next),
        records: next - first,
        summary: Summary {
            min_time_unix_nano: 5,
            max_time_unix_nano: 9,
            severities: 1 << 9 | 1 << 17,
            body_bytes: 3,
        },
        severities,
        raw_bytes: 4_000,
        appended_unix_nano: 11,
    })
}

fn manifest(number: u64) -> Manifest {
    Manifest {
        number,
        stream_id: 42,
        head: Offset(10),
        sealed_to: Offset(60),
        segments: vec![segment(10, 30), segment(35, 60)],
        gaps: vec![GapRange { from: Offset(30), to: Offset(35) }],
        retention: Some(Retention { bytes: Some(1 << 30), age_nanos: None }),
    }
}

fn store() -> (Arc<InMemory>, ManifestStore) {
    let objects = Arc::new(InMemory::new());
    let store =
        ManifestStore::new(Arc::clone(&objects) as Arc<dyn ObjectStore>, Path::from("streams/s/manifest"));
    (objects, store)
}

#[tokio::test]
async fn the_newest_commit_counts_and_old_ones_go() {
    let (objects, store) = store();
    assert!(store.newest().await.unwrap().is_none());
    for number in 1..=5 {
        store.commit(&manifest(number), number).await.unwrap();
        store.prune(number).await;
    }
    assert_eq!(store.newest().await.unwrap().unwrap().0, manifest(5));
    assert_eq!(
        objects.list_with_delimiter(Some(&Path::from("streams/s/manifest"))).await.unwrap().objects.len(),
        3
    );
}

#[tokio::test]
async fn a_number_is_committed_once() {
    let (_, store) = store();
    store.commit(&manifest(1), 1).await.unwrap();
    let other = Manifest { retention: None, ..manifest(1) };
    assert!(matches!(store.commit(&other, 2).await, Err(CommitError::Conflict(1))));
    assert_eq!(store.newest().await.unwrap().unwrap().0, manifest(1));
}

#[tokio::test]
async fn every_changed_byte_is_found_and_the_object_named() {
    let (objects, store) = store();
    store.commit(&manifest(3), 1).await.unwrap();
    let path = Path::from("streams/s/manifest/00000000000000000003.man");
    let whole = objects.get(&path).await.unwrap().bytes().await.unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.to_vec();
        changed[at] ^= 1;
        assert!(format::decode(&changed).is_err(), "byte {at}");
        assert!(format::decode(&whole[..at]).is_err(), "cut at {at}");
    }
    objects.put(&path, whole.slice(..whole.len() - 1).into()).await.unwrap();
    match store.newest().await {
        Err(ManifestError::Damaged { path, .. }) => assert!(path.ends_with("00000000000000000003.man")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hole_or_an_overlap_is_not_a_manifest() {
    let sound = manifest(1);
    assert!(sound.is_sound());
    for unsound in [
        Manifest { gaps: Vec::new(), ..sound.clone() },
        Manifest { sealed_to: Offset(61), ..sound.clone() },
        Manifest { head: Offset(9), ..sound.clone() },
        Manifest { segments: vec![segment(10, 40), segment(35, 60)], ..sound.clone() },
        Manifest { segments: vec![segment(35, 60), segment(10, 35)], ..sound },
    ] {
        assert!(!unsound.is_sound(), "{unsound:?}");
        assert!(format::decode(&format::encode(&unsound, 1)).is_err());
    }
}

#[test]
fn what_covers_an_offset_is_found() {
    let manifest = manifest(1);
    let from = |offset| manifest.segment_from(Offset(offset));
    assert_eq!(
        [from(10), from(29), from(30), from(59), from(60)],
        [Some(0), Some(0), Some(1), Some(1), None]
    );
    let before = |offset| manifest.segment_before(Offset(offset));
    assert_eq!(
        [before(10), before(11), before(35), before(36), before(99)],
        [None, Some(0), Some(0), Some(1), Some(1)]
    );
}
