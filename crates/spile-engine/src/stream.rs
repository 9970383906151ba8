//! A stream: append and read, each under one short lock.

mod cold;
mod commit;
mod context;
mod locate;
mod ranges;
mod sealing;
mod tally;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use object_store::ObjectStore;
use tokio::sync::{Semaphore, oneshot};

use crate::append::{Ack, Append, AppendError, OVERHEAD_BYTES, Waiting, WaitingLine};
use crate::blocking::Blocking;
use crate::cursor::Extent;
use crate::filter::Filter;
use crate::frame::Frame;
use crate::journal::{Journal, JournalReader};
use crate::limits::{Limits, Retention};
use crate::offset::Offset;
use crate::ring::Ring;
use crate::segments::{ChangeError, ColdCache, Segments};
use crate::subscription::{ByTime, ByTimePlan, NewestFirst, NewestFirstPlan, Subscription, SubscriptionPlan};
use crate::tail_watch::{TailReader, TailWatch};
use crate::token::CursorToken;

pub use context::{ContextPlan, Surroundings};
pub(crate) use ranges::Found;

/// A named append-only log. Cheap to clone; clones are the same stream.
#[derive(Clone)]
pub struct Stream(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    id: u64,
    limits: Arc<Limits>,
    /// Over all streams: who may be on the disk.
    cold_reads: Arc<Semaphore>,
    waiting_bytes: Arc<Semaphore>,
    waiting: Mutex<WaitingLine>,
    /// Held by the one who commits, or trims.
    journal: Mutex<Journal>,
    reader: JournalReader,
    segments: Segments,
    /// The tail at the last look for idleness, and at the last mark.
    idle: Mutex<(Offset, Offset)>,
    /// Held by the one who seals or merges.
    sealing: Mutex<()>,
    ring: RwLock<Ring>,
    tail: TailWatch,
    read_only: OnceLock<Arc<str>>,
    blocking: Arc<dyn Blocking>,
}

/// What the streams of an engine share.
pub(crate) struct Shared {
    /// Who may be on the disk.
    pub(crate) cold_reads: Arc<Semaphore>,
    pub(crate) cache: Arc<ColdCache>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) random: Arc<dyn Fn() -> u64 + Send + Sync>,
    pub(crate) blocking: Arc<dyn Blocking>,
}

/// What can be said of a stream without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamStatus {
    /// First retained offset.
    pub head: Offset,
    /// First unwritten offset.
    pub tail: Offset,
    /// Bytes on disk.
    pub stored_bytes: u64,
    /// How many segments there are.
    pub segments: u64,
    /// How many records lie in them.
    pub segment_records: u64,
    /// Their bytes.
    pub segment_bytes: u64,
    /// The bytes of their records as they are sent.
    pub segment_raw_bytes: u64,
    /// The earliest and latest time of the retained records, Unix nanoseconds; `None` when there are none.
    pub times_unix_nano: Option<(u64, u64)>,
    /// Why appends are refused, if they are.
    pub read_only: Option<Arc<str>>,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("name", &self.0.name)
            .field("tail", &self.tail())
            .finish_non_exhaustive()
    }
}

impl Stream {
    pub(crate) fn new(name: Arc<str>, journal: Journal, segments: Segments, shared: &Shared) -> Self {
        let reader = journal.reader();
        let tail = journal.tail();
        let limits = Arc::clone(&shared.limits);
        Self(Arc::new(Inner {
            name,
            id: journal.stream_id(),
            cold_reads: Arc::clone(&shared.cold_reads),
            waiting_bytes: Arc::new(Semaphore::new(limits.waiting_bytes)),
            waiting: Mutex::default(),
            journal: Mutex::new(journal),
            reader,
            segments,
            idle: Mutex::new((tail, Offset(u64::MAX))),
            sealing: Mutex::new(()),
            ring: RwLock::new(Ring::new(tail, limits.ring_bytes)),
            tail: TailWatch::new(tail),
            read_only: OnceLock::new(),
            blocking: Arc::clone(&shared.blocking),
            limits,
        }))
    }

    /// The stream's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The stream's id: tells it from another stream that had the same name before.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// The wire form of a position in this stream.
    #[must_use]
    pub fn token(&self, next: Offset) -> CursorToken {
        CursorToken { stream_id: self.0.id, next }
    }

    /// First unwritten offset. Everything before it is durable and visible.
    #[must_use]
    pub fn tail(&self) -> Offset {
        self.0.tail.get()
    }

    /// Where the stream stands.
    #[must_use]
    pub fn extent(&self) -> Extent {
        // The ring is asked first: the head and the ring's start only grow, so a later head may lie behind this ring's start.
        let (ring, tail) = {
            let ring = self.0.ring.read().unwrap_or_else(PoisonError::into_inner);
            (ring.first_offset(), ring.tail())
        };
        let head = self.head().min(tail);
        Extent { head, ring: ring.max(head), tail }
    }

    /// The stream's state, for people.
    #[must_use]
    pub fn status(&self) -> StreamStatus {
        let extent = self.extent();
        let totals = self.0.segments.totals();
        let mut summary = totals.summary;
        summary.merge(&self.0.reader.summary());
        StreamStatus {
            head: extent.head,
            tail: extent.tail,
            stored_bytes: self.0.reader.stored_bytes() + totals.bytes,
            segments: totals.segments,
            segment_records: totals.records,
            segment_bytes: totals.bytes,
            segment_raw_bytes: totals.raw_bytes,
            times_unix_nano: summary.times_unix_nano(),
            read_only: self.0.read_only.get().cloned(),
        }
    }

    /// The first retained offset.
    fn head(&self) -> Offset {
        // The journal's head is asked first: should segments be sealed in between, theirs lies before it.
        let journal = self.0.reader.head();
        self.0.segments.head(journal)
    }

    /// How many records are retained: from head to tail, gaps excepted.
    #[must_use]
    pub fn retained_records(&self) -> u64 {
        self.readable(Offset::ZERO, self.tail())
    }

    /// How many records between two offsets can be read: those that are retained, gaps excepted.
    #[must_use]
    pub fn readable(&self, from: Offset, to: Offset) -> u64 {
        let extent = self.extent();
        let (from, to) = (from.max(extent.head), to.min(extent.tail));
        let missing = self.gaps_between(from, to).into_iter().map(|(from, to)| to.since(from));
        to.since(from).saturating_sub(missing.sum())
    }

    /// What between two offsets was found damaged and set aside, ascending.
    pub(crate) fn gaps_between(&self, from: Offset, to: Offset) -> Vec<(Offset, Offset)> {
        let manifest = self.0.segments.manifest();
        // What is sealed may lie in the journal for a while yet: there its gaps are known, too.
        let sealed = manifest.gaps.iter().map(|gap| (gap.from, gap.to));
        let gaps = self.0.reader.gaps();
        let gaps = sealed.chain(gaps.iter().map(|gap| (gap.from.max(manifest.sealed_to), gap.to)));
        let within = gaps.map(|(gap_from, gap_to)| (gap_from.max(from), gap_to.min(to)));
        within.filter(|(from, to)| from < to).collect()
    }

    /// How many records between two offsets match, when that is known without looking at any.
    #[must_use]
    pub fn known_count(&self, filter: &Filter, from: Offset, to: Offset) -> Option<u64> {
        if filter.is_all() {
            return Some(self.readable(from, to));
        }
        let sealed = self.0.segments.known_count(filter, from, to)?;
        let rest = from.max(self.0.segments.sealed_to());
        let nothing_more = rest >= to || !filter.may_match(&self.0.reader.summary());
        nothing_more.then_some(sealed)
    }

    /// Whether it is deleted: then it cannot be read or written any more.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.0.tail.is_deleted()
    }

    /// Why appends are refused, if they are.
    #[must_use]
    pub fn read_only(&self) -> Option<Arc<str>> {
        self.0.read_only.get().cloned()
    }

    /// Appends records. Resolves when they are durable and visible; waits while too much waits already. Dropping the
    /// future does not take a waiting append back.
    ///
    /// # Panics
    /// Outside a tokio runtime, if the engine runs its blocking work there.
    pub async fn append(&self, append: Append) -> Result<Ack, AppendError> {
        self.enqueue(append).await?.await.map_err(|_| AppendError::Closed)?
    }

    /// As [`append`](Self::append), in two steps: the outer future resolves when the append has joined the line, which fixes its
    /// place, the inner one when it is durable. This is how a sender keeps several on their way, in order.
    pub async fn enqueue(
        &self,
        append: Append,
    ) -> Result<oneshot::Receiver<Result<Ack, AppendError>>, AppendError> {
        if self.is_deleted() {
            return Err(AppendError::Deleted);
        }
        if let Some(reason) = self.0.read_only.get() {
            return Err(AppendError::Poisoned(Arc::clone(reason)));
        }
        let charge = (append.encoded_bytes() + OVERHEAD_BYTES).min(self.0.limits.waiting_bytes);
        let permits = Arc::clone(&self.0.waiting_bytes).acquire_many_owned(charge as u32);
        let permit = permits.await.map_err(|_| AppendError::Closed)?;
        let (reply, acked) = oneshot::channel();
        if self.waiting().join(Waiting { append, reply, _permit: permit })? {
            let stream = self.clone();
            self.0.blocking.run(Box::new(move || stream.commit_all()));
        }
        Ok(acked)
    }

    /// The last batch of this producer that is durable.
    #[must_use]
    pub fn last_sequence(&self, producer: &str) -> Option<u64> {
        self.journal().last_batch(producer).map(|batch| batch.sequence)
    }

    /// The sequence of the last batch of this producer that is durable, and the offset behind it.
    #[must_use]
    pub fn last_batch(&self, producer: &str) -> Option<(u64, Offset)> {
        let journal = self.journal();
        let batch = journal.last_batch(producer)?;
        Some((batch.sequence, batch.first_offset.plus(batch.records.into())))
    }

    /// Reads from this stream; see [`Subscription`].
    #[must_use]
    pub fn subscribe(&self, plan: SubscriptionPlan) -> Subscription {
        Subscription::new(self.clone(), plan)
    }

    /// Reads what is stored from the newest record down; see [`NewestFirst`].
    #[must_use]
    pub fn newest_first(&self, plan: NewestFirstPlan) -> NewestFirst {
        NewestFirst::new(self.clone(), plan)
    }

    /// Reads what is stored by record time; see [`ByTime`].
    #[must_use]
    pub fn by_time(&self, plan: ByTimePlan) -> ByTime {
        ByTime::new(self.clone(), plan)
    }

    /// Removes what retention no longer keeps: the stream's own, or else `default`. Blocks on the disk.
    pub fn retain(&self, default: &Retention, now_unix_nano: u64) -> std::io::Result<Offset> {
        // A segment that is made meanwhile would be older than what goes.
        let _sealing = self.0.sealing.lock().unwrap_or_else(PoisonError::into_inner);
        // What the journal still has of sealed records would outlive their segments.
        self.trim_to_sealed().map_err(std::io::Error::other)?;
        let retention = self.own_retention().unwrap_or(*default);
        let oldest = retention.age_nanos.map(|age| now_unix_nano.saturating_sub(age));
        let journal_bytes = self.0.reader.stored_bytes();
        let segment_bytes = retention.bytes.map_or(u64::MAX, |bytes| bytes.saturating_sub(journal_bytes));
        // The journal holds what is newer than all segments.
        match self.0.segments.retain(segment_bytes, oldest.unwrap_or(0)) {
            Ok(false) => {}
            Ok(true) | Err(ChangeError::Closed) => return Ok(self.head()),
            Err(error) => return Err(std::io::Error::other(error)),
        }
        let retained = self.change_journal(|journal| journal.retain(retention.bytes, oldest, now_unix_nano));
        retained.unwrap_or_else(|| Ok(self.head()))
    }

    /// Lets no append join any more and marks the journal as cleanly closed. Blocks on the disk.
    pub(crate) fn close(&self) {
        // Whoever seals is done first.
        let _sealing = self.0.sealing.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting().close();
        self.commit_all();
        if self.0.read_only.get().is_none()
            && let Some(Err(error)) = self.change_journal(Journal::mark)
        {
            tracing::warn!(stream = self.name(), %error, "could not mark the journal as closed");
        }
    }

    /// Ends everything that goes on with it: who reads or appends is told, who seals is done first. Its files are still there. Blocks.
    pub(crate) fn end(&self) {
        self.0.segments.close();
        let _sealing = self.0.sealing.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting().close();
        self.commit_all();
        // Whoever has the journal now is done first, and whoever takes it later finds the stream deleted.
        let _journal = self.journal();
        self.0.tail.delete();
    }

    pub(crate) fn tail_reader(&self) -> TailReader {
        self.0.tail.reader()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The frame in memory that holds `offset`.
    pub(crate) fn frame_at(&self, offset: Offset) -> Option<Arc<Frame>> {
        let ring = self.0.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.frame_at(offset).cloned()
    }

    /// Changes the journal, unless the stream is deleted: another stream of its name may have the folder by now. Should the journal take no more
    /// appends after that, this is known before the next append.
    fn change_journal<T>(&self, change: impl FnOnce(&mut Journal) -> T) -> Option<T> {
        let mut journal = self.journal();
        if self.is_deleted() {
            return None;
        }
        let changed = change(&mut journal);
        if let Some(reason) = journal.poisoned() {
            self.0.read_only.get_or_init(|| Arc::clone(reason));
        }
        Some(changed)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        // A panic in a commit is a bug that the journal's own state survives: it poisons itself before it is inconsistent.
        self.0.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, WaitingLine> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
