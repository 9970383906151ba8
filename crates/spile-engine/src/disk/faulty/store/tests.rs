//! It answers as the real store does, and leaves what the real one leaves.

#![allow(clippy::unwrap_used)]

use futures_executor::block_on;
use futures_util::TryStreamExt;
use object_store::ObjectStoreExt;
use object_store::local::LocalFileSystem;

use super::super::{EIO, Fault, Operation};
use super::*;

fn create() -> PutOptions {
    PutOptions::from(PutMode::Create)
}

/// Runs a test on the real store, and on this one.
fn on_each(test: impl Fn(&dyn ObjectStore)) {
    let temp = tempfile::tempdir().unwrap();
    test(&LocalFileSystem::new_with_prefix(temp.path()).unwrap().with_fsync(true));
    let disk = FaultyDisk::default();
    disk.create_dir_all(std::path::Path::new("/data")).unwrap();
    test(&FaultyStore::new(disk, "/data"));
}

fn bytes_of(store: &dyn ObjectStore, path: &Path) -> Result<Bytes> {
    block_on(async { store.get(path).await?.bytes().await })
}

#[test]
fn objects_are_put_once_read_listed_and_deleted_as_by_the_real_store() {
    on_each(|store| {
        let (folder, path) = (Path::from("a/b"), Path::from("a/b/object"));
        assert!(matches!(bytes_of(store, &path), Err(Error::NotFound { .. })));
        assert!(matches!(block_on(store.delete(&path)), Err(Error::NotFound { .. })));
        let list = || block_on(store.list(Some(&folder)).try_collect::<Vec<_>>()).unwrap();
        assert_eq!(list(), []);
        block_on(store.put_opts(&path, Bytes::from_static(b"first").into(), create())).unwrap();
        let again = block_on(store.put_opts(&path, Bytes::from_static(b"again").into(), create()));
        assert!(matches!(again, Err(Error::AlreadyExists { .. })));
        assert_eq!(bytes_of(store, &path).unwrap(), "first");
        let ranges = block_on(store.get_ranges(&path, &[0..2, 3..5])).unwrap();
        assert_eq!(ranges, ["fi", "st"]);
        assert!(block_on(store.get_range(&path, 9..11)).is_err());
        assert_eq!(
            list().iter().map(|met| (met.location.clone(), met.size)).collect::<Vec<_>>(),
            [(path.clone(), 5)]
        );
        block_on(store.put(&path, Bytes::from_static(b"over").into())).unwrap();
        assert_eq!(bytes_of(store, &path).unwrap(), "over");
        block_on(store.delete(&path)).unwrap();
        assert_eq!(list(), []);
    });
}

#[test]
fn a_put_takes_the_steps_of_the_real_store_and_is_durable_when_it_returns() {
    let disk = FaultyDisk::default();
    let store = FaultyStore::new(disk.clone(), "/data");
    let path = Path::from("a/object");
    block_on(store.put_opts(&path, Bytes::from_static(b"bytes").into(), create())).unwrap();
    use Operation::{Create, Link, Remove, Sync, SyncDir, Write};
    assert_eq!(disk.log(), [Create, Write, Sync, Link, SyncDir, Remove]);
    let up = FaultyStore::new(disk.after_power_loss(0), "/data");
    assert_eq!(bytes_of(&up, &path).unwrap(), "bytes");
    // The removal of the staged name was not synced: it is back, and not listed.
    assert!(disk.after_power_loss(0).read_file(std::path::Path::new("/data/a/object#1")).is_ok());
    let listed: Vec<_> = block_on(up.list(Some(&Path::from("a"))).try_collect()).unwrap();
    assert_eq!(listed.len(), 1);
    block_on(store.delete(&path)).unwrap();
    assert!(bytes_of(&store, &path).is_err());
    let up = FaultyStore::new(disk.after_power_loss(0), "/data");
    assert_eq!(bytes_of(&up, &path).unwrap(), "bytes", "a removal is not synced");
}

#[test]
fn a_put_that_fails_leaves_the_name_as_it_was_but_for_the_last_sync() {
    for nth in 0..5 {
        let disk = FaultyDisk::default();
        let store = FaultyStore::new(disk.clone(), "/data");
        disk.fail(nth, Fault::Error(EIO));
        let path = Path::from("a/object");
        let put = block_on(store.put_opts(&path, Bytes::from_static(b"bytes").into(), create()));
        assert!(matches!(put, Err(Error::Generic { .. })));
        assert_eq!(bytes_of(&store, &path).is_ok(), nth == 4, "operation {nth}");
    }
}
