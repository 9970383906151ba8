//! A file's turn: one look at it, in a thread where blocking is allowed, then its batches into the stream.
//!
//! Many files have their turns at once, but only a few of them read, and none reads more than a bounded number of bytes before the next in
//! line has its turn. A turn ends when what it read is durable, or when the file goes on and little of it is on its way.

use std::io;
use std::sync::Arc;

use spile_engine::AppendError;
use tokio::sync::Semaphore;

use super::followed::{Followed, Identity, Look, Read};
use super::key::FileKey;
use super::registry::Known;
use super::scan::FileState;
use crate::source::Sink;

/// How many bytes a file is read on in one turn.
pub(super) const TURN_BYTES: usize = 256 << 10;

/// How many encoded bytes of one file may be on their way.
pub(super) const WINDOW_BYTES: usize = 1 << 20;

/// How many turns read at once.
const READERS: usize = 4;

/// What all turns share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) sink: Sink,
    readers: Semaphore,
}

/// What a turn is for.
#[derive(Debug)]
pub(super) enum Task {
    /// To find out which file it is, among these.
    Identify(Vec<Known>),
    /// To read on.
    Read,
}

/// What a turn came to.
#[derive(Debug)]
pub(super) enum Outcome {
    Identified(Identity, FileState),
    Read(Read),
    /// What was in the file is gone, and something new begins.
    Truncated,
    /// The path leads elsewhere, and the file is nowhere near.
    Gone,
    /// The file cannot be read now.
    Unreadable(io::Error),
    /// The stream did not take what was read.
    Refused(AppendError),
}

/// A turn that is over.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) key: FileKey,
    /// `None` if the turn panicked.
    pub(super) file: Option<Box<Followed>>,
    pub(super) outcome: Outcome,
}

impl Shared {
    pub(super) fn new(sink: Sink) -> Self {
        Self { sink, readers: Semaphore::new(READERS) }
    }

    /// Has the turn. With `finish`, nothing more is expected in the file: what is unfinished is taken as it is.
    pub(super) async fn turn(self: Arc<Self>, file: Box<Followed>, task: Task, finish: bool) -> Done {
        let key = file.key;
        let turn = self.readers.acquire().await.expect("the semaphore is never closed");
        let looking = Arc::clone(&self);
        let looked = tokio::task::spawn_blocking(move || looking.look(file, task, finish)).await;
        let (mut file, outcome) = match looked {
            Ok(looked) => looked,
            Err(panic) => {
                return Done { key, file: None, outcome: Outcome::Unreadable(io::Error::other(panic)) };
            }
        };
        let outcome = match outcome {
            Ok(Looked::Identity((identity, state))) => Outcome::Identified(identity, state),
            Ok(Looked::Look(look)) => {
                let outcome = store(&mut file, look).await;
                drop(turn);
                settle(&mut file, outcome).await
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Outcome::Gone,
            Err(error) => Outcome::Unreadable(error),
        };
        Done { key, file: Some(file), outcome }
    }

    /// The part that blocks.
    fn look(&self, mut file: Box<Followed>, task: Task, finish: bool) -> (Box<Followed>, io::Result<Looked>) {
        let looked = match task {
            Task::Identify(candidates) => {
                file.identify(candidates, &self.sink.stream, finish).map(Looked::Identity)
            }
            Task::Read => {
                let now = self.sink.context.clock.now_unix_nano();
                file.look(TURN_BYTES, now, finish).map(Looked::Look)
            }
        };
        (file, looked)
    }
}

enum Looked {
    Identity((Identity, FileState)),
    Look(Look),
}

/// Sees what was read into the stream's line. The reader's place is kept until then, so that not everybody waits there with its batches.
async fn store(file: &mut Followed, look: Look) -> Outcome {
    let (batches, outcome) = match look {
        Look::Read(mut read) => (std::mem::take(&mut read.batches), Outcome::Read(read)),
        Look::Truncated(batches) => (batches, Outcome::Truncated),
    };
    let Some(reading) = &mut file.reading else { return outcome };
    match reading.send(batches).await {
        Ok(()) => outcome,
        Err(refused) => Outcome::Refused(refused),
    }
}

/// Waits until what was read is durable; if there is more to read, only as long as much of it is not.
async fn settle(file: &mut Followed, outcome: Outcome) -> Outcome {
    let Some(reading) = &mut file.reading else { return outcome };
    let pipeline = &mut reading.pipeline;
    let settled = match &outcome {
        Outcome::Read(read) if read.more => return outcome,
        Outcome::Refused(_) => {
            pipeline.settle().await;
            return outcome;
        }
        _ => pipeline.flush().await,
    };
    match settled {
        Ok(()) => outcome,
        Err(refused) => {
            pipeline.settle().await;
            Outcome::Refused(refused)
        }
    }
}
