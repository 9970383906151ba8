//! Follows: looks for files, gives them their turns, and keeps what is known of them. One task, which never blocks.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use spile_engine::AppendError;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::Timing;
use super::followed::{Followed, Identity, Read};
use super::head::Fingerprint;
use super::hints::Hints;
use super::key::FileKey;
use super::registry::{Known, Registry};
use super::scan::{FileState, Scanner, Seen};
use super::table::{MAX_IDLE_OPEN, Table};
use super::turn::{Done, Outcome, Shared, Task, WINDOW_BYTES};
use crate::ingest::pipeline::AppendPipeline;
use crate::ingest::place::Place;

/// How many files have their turn at once: those that read, and those that wait for the disk.
const MAX_TURNS: usize = 64;

/// A look at the disk may take this part of the time at most: one in so many.
const SCAN_SHARE: u32 = 20;

/// What one look at the disk gives back: the scanner, what it saw, and how long it took.
type Looked = (Scanner, Vec<Seen>, Duration);

/// The state of following.
pub(super) struct Follower {
    shared: Arc<Shared>,
    timing: Timing,
    hints: Arc<Hints>,
    /// `None` while it looks.
    scanner: Option<Scanner>,
    looking: JoinSet<Looked>,
    next_scan: Instant,
    /// The next look may not come before.
    earliest_scan: Instant,
    is_first_scan: bool,
    table: Table,
    /// Files that are none to follow, with their size when they were looked at.
    passed_over: HashMap<FileKey, u64>,
    turns: JoinSet<Done>,
    registry: Registry,
    saving: JoinSet<io::Result<()>>,
    /// Files whose identities are to be saved, and those that are being saved.
    to_save: Vec<FileKey>,
    being_saved: Vec<FileKey>,
    next_save: Instant,
    /// The stream refused the last append.
    is_refused: bool,
    /// The stream takes no more appends.
    is_over: bool,
}

impl Follower {
    pub(super) fn new(
        shared: Shared,
        timing: Timing,
        hints: Arc<Hints>,
        scanner: Scanner,
        registry: Registry,
    ) -> Self {
        let now = Instant::now();
        Self {
            shared: Arc::new(shared),
            next_save: now + timing.save,
            timing,
            hints,
            scanner: Some(scanner),
            looking: JoinSet::new(),
            next_scan: now,
            earliest_scan: now,
            is_first_scan: true,
            table: Table::default(),
            passed_over: HashMap::new(),
            turns: JoinSet::new(),
            registry,
            saving: JoinSet::new(),
            to_save: Vec::new(),
            being_saved: Vec::new(),
            is_refused: false,
            is_over: false,
        }
    }

    /// Follows until `shutdown` is given, or the stream takes no more appends.
    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        while !self.is_over {
            self.start_turns();
            self.start_save();
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(done) = self.turns.join_next() => self.turn_done(done),
                Some(looked) = self.looking.join_next() => self.looked(looked),
                Some(saved) = self.saving.join_next() => self.saved(saved),
                () = self.hints.wait() => self.hinted(),
                () = sleep_until(self.next_scan), if self.scanner.is_some() => self.scan(),
                () = sleep_until(self.next_save), if self.registry.is_changed() && self.saving.is_empty() => {
                    self.save();
                }
            }
        }
        let grace = self.shared.sink.context.limits.drain_grace;
        if timeout(grace, self.stop()).await.is_err() {
            tracing::warn!(
                ?grace,
                "followed files could not be left in order; they are read on where they are stored"
            );
        }
    }

    /// Waits for the turns that run and for what is on its way, and saves what is known.
    async fn stop(&mut self) {
        while let Some(done) = self.turns.join_next().await {
            self.turn_done(done);
        }
        for file in self.table.files_mut() {
            if let Some(reading) = &mut file.reading {
                reading.pipeline.settle().await;
            }
            if let Some((place, fingerprint)) = file.durable() {
                self.registry.note(file.key, place, fingerprint);
            }
        }
        while let Some(saved) = self.saving.join_next().await {
            self.saved(saved);
        }
        if self.registry.is_changed() {
            self.save();
            if let Some(saved) = self.saving.join_next().await {
                self.saved(saved);
            }
        }
        self.shared.sink.context.metrics.followed_files.set(0);
    }

    fn scan(&mut self) {
        let Some(mut scanner) = self.scanner.take() else { return };
        self.looking.spawn_blocking(move || {
            let start = Instant::now();
            let seen = scanner.scan();
            (scanner, seen, start.elapsed())
        });
    }

    fn looked(&mut self, looked: Result<Looked, JoinError>) {
        let (scanner, seen, took) = match looked {
            Ok(looked) => looked,
            Err(error) => {
                tracing::error!(%error, "looking for files to follow panicked; no new files are found");
                return;
            }
        };
        self.scanner = Some(scanner);
        let now = Instant::now();
        self.earliest_scan = now + took * SCAN_SHARE;
        self.next_scan = self.earliest_scan.max(now + self.timing.poll);
        self.reconcile(seen, now);
        self.shared.sink.context.metrics.followed_files.set(self.table.len().try_into().unwrap_or(i64::MAX));
    }

    /// Takes in what there is now.
    fn reconcile(&mut self, seen: Vec<Seen>, now: Instant) {
        let mut order = Vec::new();
        let mut by_key: HashMap<FileKey, Vec<Seen>> = HashMap::new();
        for seen in seen {
            let names = by_key.entry(seen.key).or_default();
            if names.is_empty() {
                order.push(seen.key);
            }
            names.push(seen);
        }
        let matching: HashSet<FileKey> = order.iter().copied().collect();
        // Those that were renamed away come first, so that they are read before what came after them.
        self.table.only(&matching, now);
        self.passed_over.retain(|key, _| matching.contains(key));
        if std::mem::take(&mut self.is_first_scan) {
            self.look_for_rotated(&by_key, now);
            tracing::info!(files = order.len(), "following files");
        }
        for key in order {
            let names = by_key.remove(&key).unwrap_or_default();
            if self.table.get(key).is_some() {
                self.table.found(key, &names);
            } else if let Some(first) = names.into_iter().next() {
                self.take_up(first, now);
            }
        }
    }

    fn take_up(&mut self, seen: Seen, now: Instant) {
        let Seen { key, path, target, state } = seen;
        if let Some(bytes) = self.passed_over.get_mut(&key) {
            let is_longer = state.bytes >= *bytes;
            *bytes = state.bytes;
            if is_longer {
                return;
            }
            self.passed_over.remove(&key);
        }
        tracing::debug!(path = %path.display(), "following file");
        self.table.insert(Followed::new(key, path, target.clone()), target, now);
    }

    /// Files that were renamed while the server was down so that no pattern matches them any more may have an unread end.
    fn look_for_rotated(&mut self, matching: &HashMap<FileKey, Vec<Seen>>, now: Instant) {
        let paths: HashSet<(u64, &Path)> =
            matching.values().flatten().map(|seen| (seen.key.inode, seen.path.as_path())).collect();
        let is_there = |known: &&Known| {
            matching.contains_key(&known.key) || paths.contains(&(known.key.inode, known.path.as_path()))
        };
        let missing = self.registry.iter().filter(|known| !is_there(known));
        for known in missing {
            self.table.insert(Followed::new(known.key, known.path.clone(), None), None, now);
            if let Some(slot) = self.table.get_mut(known.key) {
                slot.gone_since = Some(now);
            }
        }
    }

    fn hinted(&mut self) {
        let changed = self.hints.take();
        let now = Instant::now();
        for name in &changed.files {
            if let Some(key) = self.table.named(name) {
                self.table.wake(key, now);
            }
        }
        if changed.names {
            self.next_scan = self.next_scan.min(self.earliest_scan.max(now + self.timing.gather));
        }
    }

    fn start_turns(&mut self) {
        while self.turns.len() < MAX_TURNS
            && let Some(file) = self.table.start()
        {
            let task = match &file.reading {
                None => Task::Identify(self.registry.candidates(file.key, &file.path)),
                Some(_) => Task::Read,
            };
            let finish = self.table.get(file.key).is_some_and(|slot| slot.finish);
            self.turns.spawn(Arc::clone(&self.shared).turn(file, task, finish));
        }
        self.table.close_beyond(MAX_IDLE_OPEN.saturating_sub(self.turns.len()));
    }

    fn turn_done(&mut self, done: Result<Done, JoinError>) {
        let Done { key, file, outcome } = match done {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "a followed file's turn panicked");
                return;
            }
        };
        let now = Instant::now();
        let Some(slot) = self.table.get(key) else { return };
        let mut file = file.unwrap_or_else(|| Box::new(Followed::new(key, slot.name().to_path_buf(), None)));
        if let Some((place, fingerprint)) = file.durable() {
            self.registry.note(key, place, fingerprint);
        }
        match outcome {
            Outcome::Identified(identity, state) => self.identified(file, identity, state, now),
            Outcome::Read(read) => self.read(file, &read, now),
            Outcome::Truncated => {
                tracing::debug!(path = %file.path.display(), "followed file was truncated");
                self.registry.remove(key);
                file.begin_anew();
                self.table.end(file, true, now);
            }
            Outcome::Gone => self.gone(file, now),
            Outcome::Unreadable(error) => {
                let path = file.path.display().to_string();
                file.close();
                if self.table.fail(key, now) {
                    tracing::warn!(path, %error, "followed file cannot be read; it is tried again");
                }
                self.table.end(file, false, now);
            }
            Outcome::Refused(refused) => self.refused(file, &refused, now),
        }
    }

    fn identified(&mut self, mut file: Box<Followed>, identity: Identity, state: FileState, now: Instant) {
        let key = file.key;
        match identity {
            Identity::TooShort => {
                let Some(slot) = self.table.get_mut(key) else { return };
                slot.state = Some(state);
                slot.finish = slot.is_over(now, self.timing.deleted);
                let again = slot.finish;
                if slot.gone_since.is_some() && state.bytes == 0 {
                    self.table.remove(key);
                }
                self.table.end(file, again, now);
            }
            Identity::NotText(why) => {
                tracing::info!(path = %file.path.display(), "file is not followed: {why}");
                self.passed_over.insert(key, state.bytes);
                self.table.remove(key);
            }
            Identity::Known(known, place) => {
                let known = Known { key, place, seen_unix_seconds: self.now_unix_seconds(), ..known };
                self.begin(&mut file, known, place);
                self.table.end(file, true, now);
            }
            Identity::New(fingerprint) => {
                let known = self.new_identity(&file, fingerprint);
                self.begin(&mut file, known, Place::default());
                self.table.end(file, false, now);
                self.table.hold(key);
                self.to_save.push(key);
            }
        }
    }

    fn new_identity(&self, file: &Followed, fingerprint: Fingerprint) -> Known {
        let FileKey { device, inode } = file.key;
        let random: u64 = rand::random();
        Known {
            id: format!("file:{device:x}:{inode:x}:{random:016x}").into(),
            path: file.path.clone(),
            key: file.key,
            fingerprint,
            place: Place::default(),
            seen_unix_seconds: self.now_unix_seconds(),
        }
    }

    fn begin(&mut self, file: &mut Followed, known: Known, place: Place) {
        let sink = &self.shared.sink;
        // Nobody else appends under the file's id, so its first batch may follow whatever the journal remembers.
        let pipeline = AppendPipeline::new(
            sink.stream.clone(),
            Some(Arc::clone(&known.id)),
            (place, None),
            WINDOW_BYTES,
            sink.context.metrics.clone(),
            "follow",
        );
        file.begin(&known, place, pipeline);
        self.registry.insert(known);
    }

    fn read(&mut self, file: Box<Followed>, read: &Read, now: Instant) {
        let key = file.key;
        self.shared.sink.context.metrics.followed_lines.inc_by(read.lines);
        // What was sent is durable, unless there is more to come.
        if read.lines > 0 && !read.more && std::mem::take(&mut self.is_refused) {
            tracing::info!("the stream takes followed lines again");
        }
        let Some(slot) = self.table.get_mut(key) else { return };
        slot.state = Some(read.state);
        slot.failures = 0;
        slot.finish = false;
        slot.is_deleted = read.is_deleted;
        slot.has_unfinished = file.has_unfinished();
        if read.bytes > 0 {
            slot.grew_at = now;
        }
        let grace = if slot.is_deleted { self.timing.deleted } else { self.timing.renamed };
        let is_over = !read.more && slot.is_over(now, grace);
        let is_unfinished =
            slot.has_unfinished && !read.more && slot.is_renamed && now >= slot.grew_at + grace;
        slot.finish = (is_over && slot.has_unfinished) || is_unfinished;
        if is_over && !slot.finish {
            tracing::debug!(path = %file.path.display(), "file is not followed any more");
            if slot.is_deleted {
                self.registry.remove(key);
            }
            self.table.remove(key);
            return;
        }
        let again = read.more || slot.finish;
        self.table.end(file, again, now);
    }

    /// The file is not where it was, and not beside it.
    fn gone(&mut self, mut file: Box<Followed>, now: Instant) {
        file.close();
        if self.table.get(file.key).is_some_and(|slot| slot.gone_since.is_some()) {
            self.table.remove(file.key);
            return;
        }
        // The next look tells whether it has another name.
        self.next_scan = self.next_scan.min(self.earliest_scan.max(now));
        self.table.end(file, false, now);
    }

    fn refused(&mut self, mut file: Box<Followed>, refused: &AppendError, now: Instant) {
        match refused {
            AppendError::Poisoned(_) | AppendError::Deleted | AppendError::Closed => {
                if !std::mem::replace(&mut self.is_over, true) {
                    tracing::error!(error = %refused, "files are not followed any more: the stream takes no appends");
                }
            }
            AppendError::NotWritten(_) | AppendError::OutOfTurn { .. } => {
                if !std::mem::replace(&mut self.is_refused, true) {
                    tracing::warn!(error = %refused, "followed lines are not stored; they are tried again");
                }
            }
        }
        // What is durable of it is asked anew.
        file.forget();
        self.table.pause(file.key, now);
        self.table.end(file, false, now);
    }

    /// Saves new identities as soon as the save before is over.
    fn start_save(&mut self) {
        if !self.to_save.is_empty() && self.saving.is_empty() {
            self.save();
        }
    }

    fn save(&mut self) {
        self.being_saved.append(&mut self.to_save);
        let now = self.now_unix_seconds();
        let inodes: HashSet<u64> = self.table.keys().map(|key| key.inode).collect();
        self.registry.see(inodes, now);
        let snapshot = self.registry.snapshot(now);
        self.next_save = Instant::now() + self.timing.save;
        self.saving.spawn_blocking(move || snapshot.write());
    }

    fn saved(&mut self, saved: Result<io::Result<()>, JoinError>) {
        let now = Instant::now();
        let outcome = saved.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        if let Err(error) = outcome {
            tracing::error!(%error, "what is known of followed files could not be saved; new files wait");
            self.registry.set_changed();
            self.next_save = now + self.timing.poll;
            return;
        }
        for key in std::mem::take(&mut self.being_saved) {
            self.table.release(key, now);
        }
    }

    fn now_unix_seconds(&self) -> u64 {
        self.shared.sink.context.clock.now_unix_nano() / 1_000_000_000
    }
}
