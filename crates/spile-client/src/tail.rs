//! Reading: a tail that keeps its cursor and resumes behind it, whatever happens to the connection.

mod batch;
mod call;
mod event;
mod interrupt;
mod offsets;
mod received;
mod silence;
mod stream;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use spile_proto::v1::start::{Latest, Oldest, Position};
use spile_proto::v1::{Filter, LossPolicy, Order, Start, TailRequest};

pub(crate) use batch::ResourceTable;
pub use batch::{TailBatch, TailRecord};
pub(crate) use call::Over;
pub use event::{Interruption, TailEnd, TailEvent};
pub(crate) use interrupt::{Verdict, judge};
pub(crate) use offsets::OrderCheck;
pub(crate) use received::{Received, check};
pub(crate) use silence::Silence;
pub use stream::TailStream;
pub(crate) use stream::give_up;

use crate::client::Client;
use crate::retry::RetryPolicy;

/// Three times what servers promise: progress comes at least every 15 s.
pub(crate) const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(45);

/// What to read. Without settings: the stream `default`, all that is stored, from the oldest record on.
///
/// ```no_run
/// # async fn example(client: spile_client::Client) -> Result<(), spile_client::Error> {
/// use spile_client::TailEvent;
/// let mut tail = client.tail().level("error").filter(r#""timed out""#).follow().open();
/// while let Some(event) = tail.next().await {
///     if let TailEvent::Batch(batch) = event? {
///         for line in batch.iter() {
///             println!("{} {}", line.offset, line.record.body);
///         }
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is read before `open`"]
pub struct Tail {
    client: Client,
    request: TailRequest,
    heartbeat_timeout: Duration,
    retry: RetryPolicy,
}

impl Tail {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            request: TailRequest::default(),
            heartbeat_timeout: HEARTBEAT_TIMEOUT,
            retry: RetryPolicy::default(),
        }
    }

    /// The stream to read. Default: `default`.
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.request.stream = name.into();
        self
    }

    /// Only records that match this expression, for instance `severity>=ERROR service.name="checkout" "timed out"`.
    pub fn filter(mut self, expression: impl Into<String>) -> Self {
        self.filter_mut().expression = expression.into();
        self
    }

    /// Only records of this severity or worse, by name: `error`, `WARN`, `info2`.
    pub fn level(mut self, name: impl Into<String>) -> Self {
        self.filter_mut().level = name.into();
        self
    }

    /// Only records whose time is at or after this.
    pub fn since(mut self, time: SystemTime) -> Self {
        self.filter_mut().since_unix_nano = unix_nanos(time);
        self
    }

    /// Only records whose time is before this; the tail ends when no later record can match.
    pub fn until(mut self, time: SystemTime) -> Self {
        // 0 means "no bound" on the wire.
        self.filter_mut().until_unix_nano = unix_nanos(time).max(1);
        self
    }

    /// The whole filter at once, in place of what was set before.
    pub fn matching(mut self, filter: Filter) -> Self {
        self.request.filter = Some(filter);
        self
    }

    /// Starts at the first retained record. The default.
    pub fn oldest(self) -> Self {
        self.start(Position::Oldest(Oldest {}))
    }

    /// Starts at the tail: only what arrives from now on.
    pub fn latest(self) -> Self {
        self.start(Position::Latest(Latest {}))
    }

    /// Starts so that the last `records` stored matches come first; 1 to 1,000,000.
    pub fn last(self, records: u32) -> Self {
        self.start(Position::Last(records))
    }

    /// Starts behind a cursor that a tail, an append or a count gave.
    pub fn after_cursor(self, cursor: impl Into<String>) -> Self {
        self.start(Position::AfterCursor(cursor.into()))
    }

    /// Starts at the first stored record whose time is at or after this.
    pub fn from_time(self, time: SystemTime) -> Self {
        self.start(Position::TimeUnixNano(unix_nanos(time)))
    }

    /// Starts at an offset.
    pub fn from_offset(self, offset: u64) -> Self {
        self.start(Position::Offset(offset))
    }

    /// Keeps going at the tail. Default: ends where the tail stood when the last call began.
    pub fn follow(mut self) -> Self {
        self.request.follow = true;
        self
    }

    /// Gives the newest record first and goes down to the first retained one, or on from a cursor that stands in between. Not
    /// together with [`follow`](Self::follow).
    pub fn newest_first(mut self) -> Self {
        self.request.order = Order::NewestFirst.into();
        self
    }

    /// Gives what is stored by record time, the earliest first. A cursor to start behind must come from a tail in this order. Not
    /// together with [`follow`](Self::follow).
    pub fn by_time(mut self) -> Self {
        self.request.order = Order::ByTime.into();
        self
    }

    /// Ends after so many records; 0 means no limit, the default.
    pub fn limit(mut self, records: u64) -> Self {
        self.request.limit = records;
        self
    }

    /// Jumps to the newest records when this reader falls too far behind, and tells the range as a gap. Default: catches up.
    pub fn skip_to_live(mut self) -> Self {
        self.request.loss_policy = LossPolicy::SkipToLive.into();
        self
    }

    /// Takes a call as broken when nothing comes for so long while it is read. Default 45 s; servers send something at
    /// least every 15 s.
    pub fn heartbeat_timeout(mut self, limit: Duration) -> Self {
        self.heartbeat_timeout = limit;
        self
    }

    /// How calls that end or break are followed by others. Default: for ever.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Makes the tail. The call begins when it is first polled.
    #[must_use]
    pub fn open(self) -> TailStream {
        TailStream::new(self)
    }

    fn start(mut self, position: Position) -> Self {
        self.request.start = Some(Start { position: Some(position) });
        self
    }

    fn filter_mut(&mut self) -> &mut Filter {
        self.request.filter.get_or_insert_default()
    }
}

impl From<Tail> for TailRequest {
    fn from(tail: Tail) -> Self {
        tail.request
    }
}

/// Nanoseconds since 1970; what was before is 0, what is after the year 2554 is the most.
fn unix_nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
