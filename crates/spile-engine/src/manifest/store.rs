//! Where manifests lie: numbered objects in a folder of a store.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use thiserror::Error;

use super::{Manifest, ManifestError, format};

/// Ends the name of a manifest's object.
const SUFFIX: &str = ".man";

/// How many older manifests are kept beside the newest.
const KEPT: u64 = 2;

/// Why a commit failed.
#[derive(Debug, Error)]
pub(crate) enum CommitError {
    /// It is not there, and nothing changed.
    #[error("the manifest was not written: {0}")]
    NotWritten(StoreError),
    /// It may be there or not: the newest is to be read again before the next commit.
    #[error("the manifest may have been written or not: {0}")]
    Unknown(StoreError),
    /// Somebody else wrote one of that number.
    #[error("another process has written manifest {0} of this stream")]
    Conflict(u64),
}

/// A stream's manifests.
#[derive(Clone, Debug)]
pub(crate) struct ManifestStore {
    store: Arc<dyn ObjectStore>,
    dir: Path,
}

impl ManifestStore {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, dir: Path) -> Self {
        Self { store, dir }
    }

    /// The newest manifest, and where it lies; `None` when there is none.
    pub(crate) async fn newest(&self) -> Result<Option<(Manifest, Path)>, ManifestError> {
        let Some(number) = self.numbers().await?.into_iter().max() else { return Ok(None) };
        let path = self.path(number);
        let object = self.store.get(&path).await?.bytes().await?;
        let damaged = |reason| ManifestError::Damaged { path: path.to_string(), reason };
        let manifest = format::decode(&object).map_err(damaged)?;
        if manifest.number != number {
            return Err(damaged("it has another number than its name"));
        }
        Ok(Some((manifest, path)))
    }

    /// Puts a manifest under its number, which must be free. `commit` tells it from another attempt.
    pub(crate) async fn commit(&self, manifest: &Manifest, commit: u64) -> Result<(), CommitError> {
        debug_assert!(manifest.is_sound(), "a manifest covers its range once: {manifest:?}");
        let path = self.path(manifest.number);
        let object = Bytes::from(format::encode(manifest, commit));
        let create = PutOptions::from(PutMode::Create);
        let Err(error) = self.store.put_opts(&path, object.clone().into(), create).await else {
            return Ok(());
        };
        // The put may have got through although its answer did not, or the answer is that of an earlier attempt.
        let there = match self.store.get(&path).await {
            Ok(found) => found.bytes().await.map(Some),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        match (error, there) {
            (StoreError::AlreadyExists { .. }, Ok(Some(there))) if there == object => Ok(()),
            (StoreError::AlreadyExists { .. }, _) => Err(CommitError::Conflict(manifest.number)),
            (error, Ok(None)) => Err(CommitError::NotWritten(error)),
            // It is there, but whether it stays there is not known.
            (error, _) => Err(CommitError::Unknown(error)),
        }
    }

    /// Removes manifests that are older than the newest by more than a few. Failing to is no harm.
    pub(crate) async fn prune(&self, newest: u64) {
        let Ok(numbers) = self.numbers().await else { return };
        for number in numbers.into_iter().filter(|number| number + KEPT < newest) {
            if let Err(error) = self.store.delete(&self.path(number)).await {
                tracing::debug!(path = %self.path(number), %error, "an old manifest could not be removed");
            }
        }
    }

    async fn numbers(&self) -> Result<Vec<u64>, StoreError> {
        let objects: Vec<_> = self.store.list(Some(&self.dir)).try_collect().await?;
        let number = |path: &Path| path.filename()?.strip_suffix(SUFFIX)?.parse().ok();
        Ok(objects.iter().filter_map(|object| number(&object.location)).collect())
    }

    fn path(&self, number: u64) -> Path {
        self.dir.clone().join(format!("{number:020}{SUFFIX}"))
    }
}
