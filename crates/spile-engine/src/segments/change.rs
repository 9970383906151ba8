//! One change at a time: put what is new, commit the manifest, remove what it no longer names.

use std::sync::{MutexGuard, PoisonError};

use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode, PutOptions};
use thiserror::Error;

use super::{Changing, Segments, wait};
use crate::journal::ReadError;
use crate::limits::Retention;
use crate::manifest::{CommitError, Manifest, ManifestError};
use crate::offset::Offset;
use crate::segment::{Sealed, WriteError};

/// Why segments were not changed. What was there before is there still, and it can be tried again.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The records that were to be sealed or merged cannot be read.
    #[error("cannot read what is to be written to a segment: {0}")]
    Read(#[from] ReadError),
    /// They cannot be laid down as columns.
    #[error("cannot write a segment: {0}")]
    Write(String),
    /// The store failed.
    #[error("cannot store a segment: {0}")]
    Store(#[from] object_store::Error),
    /// The manifest was not committed.
    #[error("{0}")]
    Commit(String),
    /// The manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The journal could not be ended or trimmed.
    #[error("journal: {0}")]
    Journal(String),
    /// The stream is deleted.
    #[error("the stream is deleted")]
    Closed,
}

impl From<WriteError> for ChangeError {
    fn from(error: WriteError) -> Self {
        Self::Write(error.to_string())
    }
}

/// The right to change segments, until it is dropped.
pub(super) struct Change<'a> {
    pub(super) segments: &'a Segments,
    state: MutexGuard<'a, Changing>,
}

impl Segments {
    /// Waits for the right to change something. Blocks.
    pub(super) fn change(&self) -> Result<Change<'_>, ChangeError> {
        // What a panicking change left behind is an orphan, which is removed at the next open.
        let state = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(ChangeError::Closed);
        }
        let mut change = Change { segments: self, state };
        if change.state.in_doubt {
            change.end_doubt()?;
        }
        change.remove_doomed();
        Ok(change)
    }

    /// Commits the manifest as it is once more. What was found at an open may not be durable yet, and the journal must not be trimmed for it
    /// before it is. Blocks.
    pub(crate) fn confirm(&self) -> Result<(), ChangeError> {
        let mut change = self.change()?;
        let next = change.next();
        change.commit(next)
    }

    /// Lets nobody change anything any more: the stream is deleted. Waits for a change that is on its way. Blocks.
    pub(crate) fn close(&self) {
        self.0.changing.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
    }

    /// Says how much of the stream is kept; `None`: what the engine's settings say. Blocks.
    pub(crate) fn set_retention(&self, retention: Option<Retention>) -> Result<(), ChangeError> {
        let mut change = self.change()?;
        let mut next = change.next();
        next.retention = retention;
        change.commit(next)
    }
}

impl Change<'_> {
    /// Commits the newest manifest once more, under another number: after that it is known to be durable. Until then it counts for nothing: what it
    /// removes stays, and nobody trims a journal for what it adds.
    fn end_doubt(&mut self) -> Result<(), ChangeError> {
        let next = match wait(self.segments.0.manifests.newest())? {
            Some((newest, _)) => Manifest { number: newest.number + 1, ..newest },
            None => self.next(),
        };
        self.commit(next)
    }

    /// The manifest that a commit would follow, with the next number.
    pub(super) fn next(&self) -> Manifest {
        let current = self.segments.manifest();
        Manifest { number: current.number + 1, ..Manifest::clone(&current) }
    }

    /// A path for a segment of these offsets.
    pub(super) fn path(&self, first: Offset, next: Offset) -> Path {
        let unique = (self.segments.0.unique)();
        self.segments.0.dir.clone().join(format!("{:020}-{:020}-{unique:016x}.parquet", first.0, next.0))
    }

    /// Puts a segment's file. Nothing names it before the commit.
    pub(super) fn put(
        &mut self,
        sealed: Sealed,
    ) -> Result<std::sync::Arc<crate::segment::SegmentMeta>, ChangeError> {
        let Sealed { bytes, meta } = sealed;
        let create = PutOptions::from(PutMode::Create);
        let put = wait(self.segments.0.store.put_opts(&meta.path, bytes::Bytes::from(bytes).into(), create));
        if let Err(error) = put {
            // It may be there all the same; but another one of that name is not ours to remove.
            if !matches!(error, object_store::Error::AlreadyExists { .. }) {
                self.state.doomed.push(meta.path);
            }
            return Err(error.into());
        }
        Ok(std::sync::Arc::new(meta))
    }

    /// Commits a manifest that names objects which were put for it. When it fails they are given up, unless it may name them.
    pub(super) fn commit_with(&mut self, next: Manifest, put: Vec<Path>) -> Result<(), ChangeError> {
        let committed = self.commit(next);
        match (&committed, self.state.in_doubt) {
            (Ok(()), _) => {}
            (Err(_), true) => self.state.doubtful.extend(put),
            (Err(_), false) => self.state.doomed.extend(put),
        }
        committed
    }

    /// Commits a manifest. Readers see it when it is durable.
    pub(super) fn commit(&mut self, next: Manifest) -> Result<(), ChangeError> {
        let old = self.segments.manifest();
        let commit = (self.segments.0.unique)();
        if let Err(error) = wait(self.segments.0.manifests.commit(&next, commit)) {
            self.state.in_doubt |= !matches!(error, CommitError::NotWritten(_));
            return Err(ChangeError::Commit(error.to_string()));
        }
        let number = next.number;
        let stays = |path: &Path| next.segments.iter().any(|segment| segment.path == *path);
        let known = old.segments.iter().map(|segment| segment.path.clone());
        let gone = known.chain(std::mem::take(&mut self.state.doubtful)).filter(|path| !stays(path));
        self.state.doomed.extend(gone);
        self.state.in_doubt = false;
        self.segments.set(next);
        self.remove_doomed();
        wait(self.segments.0.manifests.prune(number));
        Ok(())
    }

    /// Removes what nothing names any more. What cannot be removed now is tried again, at the latest when the stream is opened.
    fn remove_doomed(&mut self) {
        let store = &self.segments.0.store;
        self.state.doomed.retain(|path| match wait(store.delete(path)) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => false,
            Err(error) => {
                tracing::warn!(%path, %error, "a file that is no longer needed could not be removed; it is tried again");
                true
            }
        });
    }
}
