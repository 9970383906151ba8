//! The followed files: who waits for a turn, who has one, and who is kept open. Pure bookkeeping.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use super::followed::Followed;
use super::key::FileKey;
use super::scan::{FileState, Seen};

/// How many files are kept open between their turns.
pub(super) const MAX_IDLE_OPEN: usize = 256;

/// How long a file that cannot be read is left alone at first, and at most.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_MOST: Duration = Duration::from_secs(60);

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Nothing is known to be new in it.
    Idle,
    /// It is in the queue.
    Waiting,
    /// It has its turn; `again`: it is to have another one.
    Running { again: bool },
    /// It may have no turn before its identity is on disk.
    Held,
}

/// One followed file.
#[derive(Debug)]
pub(super) struct Slot {
    /// `None` while it has its turn.
    file: Option<Box<Followed>>,
    turn: Turn,
    /// Its names, for hints.
    names: Vec<PathBuf>,
    /// A name that it was found under since its last turn.
    renamed_to: Option<PathBuf>,
    /// What it looked like when it was read last.
    pub(super) state: Option<FileState>,
    /// Since when no pattern matches it.
    pub(super) gone_since: Option<Instant>,
    /// It has another name than at first.
    pub(super) is_renamed: bool,
    /// It has no name at all.
    pub(super) is_deleted: bool,
    /// When something was read of it last, or it was found.
    pub(super) grew_at: Instant,
    /// A line or a piece of one was read of it that is not sent.
    pub(super) has_unfinished: bool,
    /// Its next turn takes what is unfinished for whole.
    pub(super) finish: bool,
    /// How often it could not be read since it was the last time.
    pub(super) failures: u32,
    not_before: Option<Instant>,
    /// Its place among those that are open.
    open_since: Option<u64>,
}

/// All followed files.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: HashMap<FileKey, Slot>,
    by_name: HashMap<PathBuf, FileKey>,
    queue: VecDeque<FileKey>,
    open: BTreeMap<u64, FileKey>,
    next_open: u64,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn get(&self, key: FileKey) -> Option<&Slot> {
        self.slots.get(&key)
    }

    pub(super) fn get_mut(&mut self, key: FileKey) -> Option<&mut Slot> {
        self.slots.get_mut(&key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = FileKey> {
        self.slots.keys().copied()
    }

    /// The files that have no turn.
    pub(super) fn files_mut(&mut self) -> impl Iterator<Item = &mut Box<Followed>> {
        self.slots.values_mut().filter_map(|slot| slot.file.as_mut())
    }

    /// The file of a name.
    pub(super) fn named(&self, name: &Path) -> Option<FileKey> {
        self.by_name.get(name).copied()
    }

    /// Adds a file. It is to have a turn.
    pub(super) fn insert(&mut self, file: Followed, target: Option<PathBuf>, now: Instant) {
        let key = file.key;
        let names: Vec<_> = [Some(file.path.clone()), target].into_iter().flatten().collect();
        self.by_name.extend(names.iter().map(|name| (name.clone(), key)));
        let slot = Slot {
            file: Some(Box::new(file)),
            turn: Turn::Waiting,
            names,
            renamed_to: None,
            state: None,
            gone_since: None,
            is_renamed: false,
            is_deleted: false,
            grew_at: now,
            has_unfinished: false,
            finish: false,
            failures: 0,
            not_before: None,
            open_since: None,
        };
        self.slots.insert(key, slot);
        self.queue.push_back(key);
    }

    /// Drops a file.
    pub(super) fn remove(&mut self, key: FileKey) {
        let Some(slot) = self.slots.remove(&key) else { return };
        for name in slot.names.iter().filter(|name| self.by_name.get(*name) == Some(&key)).collect::<Vec<_>>()
        {
            self.by_name.remove(name);
        }
        slot.open_since.map(|since| self.open.remove(&since));
    }

    /// Takes in that a file was found again, under these names.
    pub(super) fn found(&mut self, key: FileKey, seen: &[Seen]) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        slot.gone_since = None;
        let keeps_name = slot.names.first().is_some_and(|name| seen.iter().any(|seen| seen.path == *name));
        if !keeps_name && let Some(new) = seen.first() {
            for name in &slot.names {
                self.by_name.remove(name);
            }
            slot.names = [Some(new.path.clone()), new.target.clone()].into_iter().flatten().collect();
            slot.renamed_to = Some(new.path.clone());
            slot.is_renamed = true;
        }
        // Another file may have had the name since.
        self.by_name.extend(slot.names.iter().map(|name| (name.clone(), key)));
        let state = seen.first().map(|seen| seen.state);
        if slot.state != state || (slot.is_renamed && slot.has_unfinished) || slot.not_before.is_some() {
            self.wake(key, Instant::now());
        }
    }

    /// Takes in that these files are all that match.
    pub(super) fn only(&mut self, matching: &HashSet<FileKey>, now: Instant) {
        let gone: Vec<_> = self.keys().filter(|key| !matching.contains(key)).collect();
        for key in gone {
            if let Some(slot) = self.slots.get_mut(&key) {
                slot.gone_since.get_or_insert(now);
                self.wake(key, now);
            }
        }
    }

    /// There may be something new in a file: it is to have a turn, as soon as it may.
    pub(super) fn wake(&mut self, key: FileKey, now: Instant) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        if slot.not_before.is_some_and(|not_before| now < not_before) {
            return;
        }
        match &mut slot.turn {
            Turn::Idle => {
                slot.turn = Turn::Waiting;
                self.queue.push_back(key);
            }
            Turn::Running { again } => *again = true,
            Turn::Waiting | Turn::Held => {}
        }
    }

    /// The next file whose turn it is.
    pub(super) fn start(&mut self) -> Option<Box<Followed>> {
        while let Some(key) = self.queue.pop_front() {
            // It may have been dropped while it waited.
            let Some(slot) = self.slots.get_mut(&key).filter(|slot| slot.turn == Turn::Waiting) else {
                continue;
            };
            let Some(mut file) = slot.file.take() else { continue };
            slot.turn = Turn::Running { again: false };
            slot.not_before = None;
            slot.open_since.take().map(|since| self.open.remove(&since));
            if let Some(path) = slot.renamed_to.take() {
                file.path = path;
            }
            return Some(file);
        }
        None
    }

    /// Takes a file back after its turn. `again`: it is to have another one.
    pub(super) fn end(&mut self, file: Box<Followed>, again: bool, now: Instant) {
        let key = file.key;
        let Some(slot) = self.slots.get_mut(&key) else { return };
        let again = again || slot.turn == Turn::Running { again: true };
        // What is gone could not be opened again.
        if file.is_open() && slot.gone_since.is_none() {
            slot.open_since = Some(self.next_open);
            self.open.insert(self.next_open, key);
            self.next_open += 1;
        }
        slot.file = Some(file);
        slot.turn = Turn::Idle;
        if again {
            self.wake(key, now);
        }
    }

    /// A file must wait until its identity is on disk.
    pub(super) fn hold(&mut self, key: FileKey) {
        if let Some(slot) = self.slots.get_mut(&key) {
            slot.turn = Turn::Held;
        }
    }

    /// The file's identity is on disk.
    pub(super) fn release(&mut self, key: FileKey, now: Instant) {
        if let Some(slot) = self.slots.get_mut(&key).filter(|slot| slot.turn == Turn::Held) {
            slot.turn = Turn::Idle;
            self.wake(key, now);
        }
    }

    /// A file's lines could not be stored; it is left alone for a moment.
    pub(super) fn pause(&mut self, key: FileKey, now: Instant) {
        if let Some(slot) = self.slots.get_mut(&key) {
            slot.not_before = Some(now + RETRY_FIRST);
        }
    }

    /// A file could not be read; it is left alone for a while, longer each time. Returns whether it is the first time.
    pub(super) fn fail(&mut self, key: FileKey, now: Instant) -> bool {
        let Some(slot) = self.slots.get_mut(&key) else { return false };
        let wait = RETRY_FIRST.saturating_mul(1 << slot.failures.min(6)).min(RETRY_MOST);
        slot.not_before = Some(now + wait);
        slot.failures = slot.failures.saturating_add(1);
        slot.failures == 1
    }

    /// Closes the files that were used least, until no more than so many are open.
    pub(super) fn close_beyond(&mut self, most: usize) {
        while self.open.len() > most
            && let Some((_, key)) = self.open.pop_first()
        {
            let Some(slot) = self.slots.get_mut(&key) else { continue };
            slot.open_since = None;
            if let Some(file) = &mut slot.file {
                file.close();
            }
        }
    }
}

impl Slot {
    /// Its name now, as far as is known.
    pub(super) fn name(&self) -> &Path {
        self.names.first().map(PathBuf::as_path).unwrap_or(Path::new(""))
    }

    /// Whether nothing was read of it for so long, and no pattern matched it.
    pub(super) fn is_over(&self, now: Instant, grace: Duration) -> bool {
        self.gone_since.is_some_and(|since| now >= since.max(self.grew_at) + grace)
    }
}
