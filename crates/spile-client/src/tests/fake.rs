//! A server that keeps its records in memory and ends its calls as a test wants it.

mod admin;
pub(super) mod explore;
mod read;
mod write;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use spile_proto::v1::{
    AppendResponse, EndReason, ExploreRequest, HistogramRequest, HistogramResponse, LogRecord, StreamInfo,
    TailRequest, TailResponse, UpdateRetentionRequest, UploadHeader,
};
use tokio::sync::watch;
use tonic::Status;
use tonic::metadata::MetadataMap;

/// How a tail call of the fake goes.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    /// As asked for.
    Serve,
    /// Refused at once.
    Refuse(Status),
    /// So many records, then the end for this reason, with this status.
    EndAfter(u64, EndReason, Option<Status>),
    /// So many records, then this status without an end.
    FailAfter(u64, Status),
    /// So many records, then nothing, for ever.
    SilentAfter(u64),
    /// Not even response headers.
    NeverAnswer,
    /// The end, or only the trailer, has a wrong checksum.
    WrongEnd,
    WrongTrailer,
    /// As asked for, but each message with records is changed first.
    Forge(fn(&mut TailResponse)),
    /// Nothing at all but headers without a start cursor, then this status.
    NoStartCursor(Status),
}

/// The fake; shared by the server's calls and the test.
#[derive(Debug)]
pub(super) struct Fake {
    me: Weak<Self>,
    state: Mutex<State>,
    /// The number of records.
    tail: watch::Sender<u64>,
    /// The number of calls that are going on.
    calls: watch::Sender<usize>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) records: Vec<LogRecord>,
    /// How the next tail calls go; after the last as `Serve`.
    pub(super) plans: VecDeque<Plan>,
    pub(super) tails: Vec<TailRequest>,
    pub(super) metadata: Vec<MetadataMap>,
    /// The last number of each producer and its answer.
    pub(super) producers: HashMap<String, AppendResponse>,
    /// The sizes of the batches as they were stored.
    pub(super) batches: Vec<usize>,
    /// How append calls go, the first one first; then all is well.
    pub(super) append_plans: VecDeque<AppendPlan>,
    pub(super) append_calls: u64,
    /// Append calls whose requests came to their end.
    pub(super) appends_closed: u64,
    pub(super) uploads: Vec<(UploadHeader, Vec<u8>)>,
    pub(super) upload_plans: VecDeque<Status>,
    pub(super) streams: Vec<StreamInfo>,
    pub(super) histograms: Vec<HistogramRequest>,
    /// What a histogram is answered with.
    pub(super) histogram: HistogramResponse,
    pub(super) retentions: Vec<UpdateRetentionRequest>,
    /// How explore calls go, the first one first, and what each was asked.
    pub(super) explore_plans: VecDeque<Vec<explore::Step>>,
    pub(super) explores: Vec<Vec<ExploreRequest>>,
    /// How many channels were made to it.
    pub(super) dials: u64,
    /// One behind the last record that a tail call has handed to its connection.
    pub(super) furthest: u64,
}

/// How an append call of the fake goes.
#[derive(Clone, Debug)]
pub(super) enum AppendPlan {
    /// Batches are stored and not acknowledged.
    NeverAck,
    /// So many batches are stored and acknowledged, the next is stored, then the status comes.
    StoreThenFail(usize, Status),
    /// Refused with the first batch.
    Refuse(Status),
    /// Acknowledgements with wrong numbers.
    WrongSequence,
    /// Batches are stored as they come, and as many acknowledged as the test allows.
    OneByOne(watch::Receiver<u64>),
}

impl Fake {
    pub(super) fn new(records: u64) -> Arc<Self> {
        let fake = Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            state: Mutex::default(),
            tail: watch::Sender::new(0),
            calls: watch::Sender::new(0),
        });
        fake.grow(records);
        fake
    }

    pub(super) fn with_plans(records: u64, plans: impl IntoIterator<Item = Plan>) -> Arc<Self> {
        let fake = Self::new(records);
        fake.state().plans.extend(plans);
        fake
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Adds records whose bodies are their offsets.
    pub(super) fn grow(&self, records: u64) {
        let mut state = self.state();
        for _ in 0..records {
            let offset = state.records.len();
            state.records.push(LogRecord {
                body: offset.to_string(),
                resource_hash: (offset % 3) as u64,
                ..LogRecord::default()
            });
        }
        self.tail.send_replace(state.records.len() as u64);
    }

    /// Waits until no call is going on.
    pub(super) async fn idle(&self) {
        self.calls.subscribe().wait_for(|calls| *calls == 0).await.unwrap();
    }

    /// Is told when records are added.
    pub(super) fn tail(&self) -> watch::Receiver<u64> {
        self.tail.subscribe()
    }

    fn enter(&self) -> Guard {
        self.calls.send_modify(|calls| *calls += 1);
        Guard(self.me.upgrade().expect("it is kept in an Arc"))
    }
}

/// A call that is going on.
struct Guard(Arc<Fake>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.calls.send_modify(|calls| *calls -= 1);
    }
}
