//! Opens a stream's segments: the newest manifest, and no file that it does not name.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, RwLock};

use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::{Changing, ColdCache, Inner, Segments, wait};
use crate::limits::Limits;
use crate::manifest::{Manifest, ManifestError, ManifestStore};

/// What segments are opened with.
pub(crate) struct SegmentsOptions {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// The stream's folder in the store.
    pub(crate) dir: Path,
    pub(crate) stream_id: u64,
    pub(crate) limits: Arc<Limits>,
    pub(crate) cache: Arc<ColdCache>,
    pub(crate) unique: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl Segments {
    /// Opens the segments of a stream, and removes what a crash left behind. Blocks.
    pub(crate) fn open_all(options: SegmentsOptions) -> Result<Self, ManifestError> {
        let SegmentsOptions { store, dir, stream_id, limits, cache, unique } = options;
        let manifests = ManifestStore::new(Arc::clone(&store), dir.clone().join("manifest"));
        let dir = dir.join("segments");
        let manifest = match wait(manifests.newest())? {
            None => Manifest::empty(stream_id),
            Some((manifest, _)) if manifest.stream_id == stream_id => manifest,
            Some((_, path)) => {
                let reason =
                    "it is of another stream; the journal was removed, or the folder is put together of two";
                return Err(ManifestError::Mismatch { path: path.to_string(), reason });
            }
        };
        let segments = Self(Arc::new(Inner {
            store,
            manifests,
            dir,
            stream_id,
            limits,
            cache,
            unique,
            current: RwLock::new(Arc::new(manifest)),
            changing: Mutex::new(Changing::default()),
        }));
        segments.remove_orphans()?;
        Ok(segments)
    }

    fn remove_orphans(&self) -> Result<(), ManifestError> {
        let manifest = self.manifest();
        let named: HashSet<&Path> = manifest.segments.iter().map(|segment| &segment.path).collect();
        let objects: Vec<_> = wait(self.0.store.list(Some(&self.0.dir)).try_collect())?;
        for object in objects.into_iter().filter(|object| !named.contains(&object.location)) {
            let path = object.location;
            tracing::info!(%path, bytes = object.size, "removing a segment that was never finished, or is no longer kept");
            if let Err(error) = wait(self.0.store.delete(&path)) {
                tracing::warn!(%path, %error, "it could not be removed");
            }
        }
        Ok(())
    }
}
