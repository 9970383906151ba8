//! Hints from the operating system that something changed, so that a line is seen at once and not at the next look. They may be
//! missing or too many; nothing is lost by that.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::key::FileKey;

/// How many changed files are remembered one by one; if it is more, everything is looked at.
const MAX_CHANGED: usize = 4096;

/// How many folders are watched; files in others are looked at from time to time.
const MAX_WATCHED: usize = 4096;

/// What has changed since the hints were taken last.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changed {
    /// Files that were written to.
    pub(super) files: HashSet<PathBuf>,
    /// Files may have come or gone.
    pub(super) names: bool,
}

/// Collects hints until they are taken.
#[derive(Debug, Default)]
pub(super) struct Hints {
    changed: Mutex<Changed>,
    notify: Notify,
}

impl Hints {
    /// Waits until there are hints.
    pub(super) async fn wait(&self) {
        self.notify.notified().await;
    }

    /// Takes the hints so far.
    pub(super) fn take(&self) -> Changed {
        std::mem::take(&mut self.changed())
    }

    fn add(&self, event: notify::Result<Event>) {
        let mut changed = self.changed();
        match event {
            Ok(event) if !event.need_rescan() => match event.kind {
                EventKind::Access(_) => return,
                EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_) | ModifyKind::Any) => {
                    changed.files.extend(event.paths);
                }
                _ => changed.names = true,
            },
            // The queue ran over, or a watch failed: anything may have happened.
            _ => changed.names = true,
        }
        if changed.files.len() > MAX_CHANGED {
            *changed = Changed { files: HashSet::new(), names: true };
        }
        drop(changed);
        self.notify.notify_one();
    }

    fn changed(&self) -> MutexGuard<'_, Changed> {
        // What a panicking thread left behind is still a set of hints.
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The folders that are watched.
#[derive(Debug)]
pub(super) struct Watches {
    /// `None` where the system has no hints to give.
    watcher: Option<RecommendedWatcher>,
    watched: HashMap<PathBuf, FileKey>,
    complained: bool,
}

impl Watches {
    /// Watches nothing yet; hints go to `hints`.
    pub(super) fn new(hints: Arc<Hints>) -> Self {
        let made = notify::recommended_watcher(move |event| hints.add(event));
        let watcher = made.inspect_err(|error| {
            tracing::warn!(%error, "changes of files are not told by the system; files are looked at every second");
        });
        Self { watcher: watcher.ok(), watched: HashMap::new(), complained: false }
    }

    /// Watches exactly these folders from now on.
    pub(super) fn watch(&mut self, folders: HashSet<PathBuf>) {
        let Some(watcher) = &mut self.watcher else { return };
        self.watched.retain(|folder, key| {
            let stays = folders.contains(folder) && key_of(folder) == Some(*key);
            if !stays {
                // It fails if the folder is gone, and the watch with it.
                let _ = watcher.unwatch(folder);
            }
            stays
        });
        for folder in folders {
            if self.watched.contains_key(&folder) {
                continue;
            }
            let Some(key) = key_of(&folder) else { continue };
            let outcome = match self.watched.len() {
                0..MAX_WATCHED => {
                    watcher.watch(&folder, RecursiveMode::NonRecursive).map_err(|error| error.to_string())
                }
                _ => Err(format!("{MAX_WATCHED} folders are watched already")),
            };
            match outcome {
                Ok(()) => {
                    self.watched.insert(folder, key);
                }
                Err(error) if !self.complained => {
                    self.complained = true;
                    let folder = folder.display();
                    tracing::warn!(%folder, error, "not all folders can be watched; files in the others are looked at every second");
                }
                Err(_) => {}
            }
        }
    }
}

fn key_of(folder: &Path) -> Option<FileKey> {
    fs::metadata(folder).ok().filter(fs::Metadata::is_dir).map(|metadata| FileKey::of(&metadata))
}
