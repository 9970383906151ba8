//! Which file is which: the identities of followed files, kept over restarts in a small file beside the data.
//!
//! How far a file is read is told by the journal, where the position is stored together with the records. This file only says under which
//! producer id to ask. An identity is on disk before anything is appended under it. The place kept here lies at or before the true one; it
//! serves when the journal has forgotten the producer.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::head::Fingerprint;
use super::key::FileKey;
use crate::ingest::place::Place;

const VERSION: u32 = 1;

/// Files that no pattern has matched for so long are forgotten: 7 days, in seconds.
const FORGET_AFTER_SECONDS: u64 = 7 * 24 * 3600;

/// A file that is seen is noted this often, though nothing else changes: once a day, in seconds.
const SEE_EVERY_SECONDS: u64 = 24 * 3600;

/// What is known of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The producer under which its lines are appended.
    pub(super) id: Arc<str>,
    /// The name under which it was found first; what its lines are said to come from.
    pub(super) path: PathBuf,
    pub(super) key: FileKey,
    pub(super) fingerprint: Fingerprint,
    /// What is durable of it, at least.
    pub(super) place: Place,
    /// When it was last seen, Unix seconds.
    pub(super) seen_unix_seconds: u64,
}

/// All known files. Keeps no file open.
#[derive(Debug)]
pub(super) struct Registry {
    path: PathBuf,
    stream_id: u64,
    /// By inode: the number of a device may be another one after a restart of the machine.
    known: HashMap<u64, Vec<Known>>,
    is_changed: bool,
}

/// The file's form.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    /// The stream that the files go to: another one has nothing of them.
    stream_id: String,
    files: Vec<StoredFile>,
}

#[derive(Serialize, Deserialize)]
struct StoredFile {
    id: String,
    /// Escaped, as a path need not be text.
    path: String,
    device: u64,
    inode: u64,
    head_bytes: usize,
    head_hash: String,
    place: u64,
    seen_unix_seconds: u64,
}

impl Registry {
    /// Reads what is known for this stream. What cannot be read is set aside, and the files are read anew. Blocks on the disk.
    pub(super) fn load(path: &Path, stream_id: u64) -> io::Result<Self> {
        let mut registry =
            Self { path: path.to_path_buf(), stream_id, known: HashMap::new(), is_changed: false };
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(registry),
            Err(error) => return Err(error),
        };
        match serde_json::from_slice::<Stored>(&bytes) {
            Ok(stored) if stored.version == VERSION => registry.take_in(stored),
            Ok(stored) => {
                let why = format!("it has version {}, and this server knows {VERSION}", stored.version);
                registry.set_aside(&why)?;
            }
            Err(error) => registry.set_aside(&error.to_string())?,
        }
        Ok(registry)
    }

    fn take_in(&mut self, stored: Stored) {
        if stored.stream_id != hex(self.stream_id) {
            tracing::warn!("the stream of followed files was made anew; they are read from their beginning");
            return;
        }
        for file in stored.files {
            let StoredFile { id, path, device, inode, head_bytes, head_hash, place, seen_unix_seconds } =
                file;
            let Ok(hash) = u64::from_str_radix(&head_hash, 16) else { continue };
            self.insert(Known {
                id: id.into(),
                path: path_of(&path),
                key: FileKey { device, inode },
                fingerprint: Fingerprint { bytes: head_bytes, hash },
                place: Place::of_sequence(place),
                seen_unix_seconds,
            });
        }
        self.is_changed = false;
    }

    fn set_aside(&self, why: &str) -> io::Result<()> {
        let aside = self.path.with_extension("unreadable");
        tracing::error!(
            path = %self.path.display(), why, moved_to = %aside.display(),
            "what is known of followed files cannot be read; they are read from their beginning"
        );
        fs::rename(&self.path, aside)
    }

    /// Files that may be this one: the same inode, on the same device or under the same name.
    pub(super) fn candidates(&self, key: FileKey, path: &Path) -> Vec<Known> {
        let known = self.known.get(&key.inode).into_iter().flatten();
        known.filter(|known| known.key == key || known.path == path).cloned().collect()
    }

    /// Adds a file, instead of what was known under its key or id.
    pub(super) fn insert(&mut self, new: Known) {
        let known = self.known.entry(new.key.inode).or_default();
        known.retain(|known| known.key != new.key && known.id != new.id);
        known.push(new);
        self.is_changed = true;
    }

    /// Forgets a file.
    pub(super) fn remove(&mut self, key: FileKey) {
        if let Some(known) = self.known.get_mut(&key.inode) {
            known.retain(|known| known.key != key);
            self.is_changed = true;
        }
    }

    /// Notes what is durable of a file, and a better fingerprint.
    pub(super) fn note(&mut self, key: FileKey, place: Place, fingerprint: Fingerprint) {
        let known = self.known.get_mut(&key.inode).into_iter().flatten();
        for known in known.filter(|known| known.key == key) {
            self.is_changed |= (known.place, known.fingerprint) != (place, fingerprint);
            known.place = place;
            known.fingerprint = fingerprint;
        }
    }

    /// Notes that files with these inodes are there, so that they are not forgotten.
    pub(super) fn see(&mut self, inodes: impl IntoIterator<Item = u64>, now_unix_seconds: u64) {
        for inode in inodes {
            for known in self.known.get_mut(&inode).into_iter().flatten() {
                self.is_changed |= known.seen_unix_seconds + SEE_EVERY_SECONDS < now_unix_seconds;
                known.seen_unix_seconds = now_unix_seconds;
            }
        }
    }

    /// Everything that is known.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Known> {
        self.known.values().flatten()
    }

    /// Whether something changed since the last [`snapshot`](Self::snapshot).
    pub(super) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// What was written last is not on disk.
    pub(super) fn set_changed(&mut self) {
        self.is_changed = true;
    }

    /// What is to be written now; forgets what has not been seen for long.
    pub(super) fn snapshot(&mut self, now_unix_seconds: u64) -> Snapshot {
        let oldest = now_unix_seconds.saturating_sub(FORGET_AFTER_SECONDS);
        self.known.retain(|_, known| {
            known.retain(|known| known.seen_unix_seconds >= oldest);
            !known.is_empty()
        });
        self.is_changed = false;
        let mut files: Vec<_> = self.iter().map(stored_file).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.id.cmp(&b.id)));
        let stored = Stored { version: VERSION, stream_id: hex(self.stream_id), files };
        let bytes = serde_json::to_vec_pretty(&stored).expect("numbers and texts have a JSON form");
        Snapshot { path: self.path.clone(), bytes }
    }
}

/// The registry as bytes.
#[derive(Debug)]
pub(super) struct Snapshot {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Snapshot {
    /// Replaces the file, durably, in one step. Blocks on the disk.
    pub(super) fn write(&self) -> io::Result<()> {
        let new = self.path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(&self.bytes)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        match self.path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

fn stored_file(known: &Known) -> StoredFile {
    let Known { id, path, key, fingerprint, place, seen_unix_seconds } = known;
    StoredFile {
        id: id.to_string(),
        path: spile_lines::escape(path.as_os_str().as_encoded_bytes()),
        device: key.device,
        inode: key.inode,
        head_bytes: fingerprint.bytes,
        head_hash: hex(fingerprint.hash),
        place: place.sequence(),
        seen_unix_seconds: *seen_unix_seconds,
    }
}

fn path_of(escaped: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(spile_lines::unescape(escaped)).into()
}

fn hex(number: u64) -> String {
    format!("{number:016x}")
}
