//! Group commit: one writer takes everything that waits, writes it once, syncs once, then publishes it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use tokio::sync::oneshot;

use super::Stream;
use crate::append::{Ack, Append, AppendError, ProducerSequence, Waiting};
use crate::frame::FrameDraft;
use crate::journal::{CommitError, Journal, PendingFrame, ProducerMark};
use crate::offset::Offset;

/// How many batches of producers share a frame: their marks, with the longest names, stay within `MAX_MARKS_BYTES`.
const MAX_MARKS: usize = 1_024;

type Reply = oneshot::Sender<Result<Ack, AppendError>>;

/// One commit in the making.
#[derive(Default)]
struct Commit {
    frames: Vec<PendingFrame>,
    records: u64,
    now_unix_nano: u64,
    /// The last batch of each producer within this commit.
    batches: HashMap<Arc<str>, (u64, Ack)>,
    /// Who hears what when it is durable.
    acks: Vec<(Reply, Ack)>,
    /// Who hears at once: what they sent was durable before.
    duplicates: Vec<(Reply, Ack)>,
}

impl Stream {
    /// Commits until nothing waits. Blocks on the disk. There is at most one writer that was sent by `enqueue`; the lock
    /// on the journal serves the one of `close` beside it.
    pub(super) fn commit_all(&self) {
        loop {
            let mut journal = self.journal();
            let Some(taken) = self.waiting().take(self.0.limits.commit_bytes) else { return };
            self.commit(&mut journal, taken);
        }
    }

    fn commit(&self, journal: &mut Journal, taken: Vec<Waiting>) {
        let tail = journal.tail();
        let mut commit = Commit::default();
        // The permits are held until the records are in the ring: they bound what waits.
        let permits: Vec<_> = taken
            .into_iter()
            .map(|waiting| {
                let Waiting { append, reply, _permit } = waiting;
                commit.take(journal, append, reply);
                _permit
            })
            .collect();
        answer(commit.duplicates);
        if commit.frames.is_empty() {
            return;
        }
        match journal.commit(&commit.frames, commit.now_unix_nano) {
            Ok(_) => {
                self.publish(tail, commit.frames);
                answer(commit.acks);
            }
            Err(error) => {
                let error = self.refusal(error);
                tracing::error!(stream = self.name(), %error, "append failed");
                for (reply, _) in commit.acks {
                    // The sender may have gone; then nobody needs the answer.
                    let _ = reply.send(Err(error.clone()));
                }
            }
        }
        drop(permits);
    }

    fn publish(&self, mut offset: Offset, frames: Vec<PendingFrame>) {
        let frames: Vec<_> = frames
            .into_iter()
            .map(|pending| {
                let frame = Arc::new(pending.draft.into_frame(offset));
                offset = frame.next_offset();
                frame
            })
            .collect();
        let mut ring = self.0.ring.write().unwrap_or_else(PoisonError::into_inner);
        frames.into_iter().for_each(|frame| ring.push(frame));
        drop(ring);
        self.0.tail.advance(offset);
    }

    fn refusal(&self, error: CommitError) -> AppendError {
        match error {
            CommitError::NotWritten(reason) => AppendError::NotWritten(reason.to_string().into()),
            CommitError::Poisoned(reason) => {
                let reason: Arc<str> = reason.to_string().into();
                AppendError::Poisoned(Arc::clone(self.0.read_only.get_or_init(|| reason)))
            }
        }
    }
}

impl Commit {
    /// Takes one append in, unless it is a duplicate.
    fn take(&mut self, journal: &Journal, append: Append, reply: Reply) {
        let records = append.records();
        if let Some(of) = &append.producer
            && let Some(known) = self.known(journal, of, records)
        {
            match known {
                Known::Durable(ack) => self.duplicates.push((reply, ack)),
                Known::InThisCommit(ack) => self.acks.push((reply, ack)),
            }
            return;
        }
        if let Some(refusal) = append.producer.as_ref().and_then(|of| self.out_of_turn(journal, of)) {
            // The sender may have gone; then nobody needs the answer.
            let _ = reply.send(Err(refusal));
            return;
        }
        let first_offset = journal.tail().plus(self.records);
        let next_offset = first_offset.plus(records);
        let ack = Ack { first_offset, records, next_offset, duplicate: false };
        self.records += records;
        self.now_unix_nano = self.now_unix_nano.max(append.received_unix_nano);
        self.acks.push((reply, ack));
        self.lay_down(append.drafts);
        if let (Some(of), Some(frame)) = (append.producer, self.frames.last_mut()) {
            let (end, sequence) = (frame.draft.len() as u32, of.sequence);
            let mark = ProducerMark { producer: of.producer, sequence, end, records: records as u32 };
            self.batches.insert(Arc::clone(&mark.producer), (sequence, ack));
            frame.marks.push(mark);
        }
    }

    /// Why a batch may not follow its producer's last one, if it may not.
    fn out_of_turn(&self, journal: &Journal, of: &ProducerSequence) -> Option<AppendError> {
        let after = of.after?;
        let in_this_commit = self.batches.get(&of.producer).map(|(sequence, _)| *sequence);
        let durable = || journal.last_batch(&of.producer).map(|batch| batch.sequence);
        let last = in_this_commit.or_else(durable).unwrap_or(0);
        (last != after).then_some(AppendError::OutOfTurn { last, after })
    }

    /// Adds the records of one append to the last frame, or to new ones. Those that take more than one frame are tied
    /// together: after a crash all of them are there, or none.
    fn lay_down(&mut self, drafts: Vec<FrameDraft>) {
        let tied = drafts.len() > 1;
        let last = drafts.len().saturating_sub(1);
        for (at, draft) in drafts.into_iter().enumerate() {
            let continues = tied && at < last;
            match self.frames.last_mut() {
                Some(frame) if !tied && frame.marks.len() < MAX_MARKS && frame.draft.has_room_for(&draft) => {
                    frame.draft.merge(&draft);
                }
                _ => self.frames.push(PendingFrame { draft, marks: Vec::new(), continues }),
            }
        }
    }

    /// What is known of a batch that was sent before.
    fn known(&self, journal: &Journal, of: &ProducerSequence, records: u64) -> Option<Known> {
        let duplicate = |sequence: u64, last: Ack| {
            if of.sequence == sequence {
                return Some(Ack { duplicate: true, ..last });
            }
            let old =
                Ack { first_offset: Offset::ZERO, next_offset: last.next_offset, records, duplicate: true };
            (of.sequence < sequence).then_some(old)
        };
        if let Some((sequence, last)) = self.batches.get(&of.producer) {
            return duplicate(*sequence, *last).map(Known::InThisCommit);
        }
        let last = journal.last_batch(&of.producer)?;
        let next_offset = last.first_offset.plus(u64::from(last.records));
        let records = u64::from(last.records);
        let ack = Ack { first_offset: last.first_offset, records, next_offset, duplicate: false };
        duplicate(last.sequence, ack).map(Known::Durable)
    }
}

/// Where the earlier copy of a batch is.
enum Known {
    /// On disk.
    Durable(Ack),
    /// In the commit that is being made: what becomes of it becomes of this one.
    InThisCommit(Ack),
}

fn answer(acks: Vec<(Reply, Ack)>) {
    for (reply, ack) in acks {
        // The sender may have gone; then nobody needs the answer.
        let _ = reply.send(Ok(ack));
    }
}
