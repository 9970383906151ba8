//! Sessions: reading with a request that changes while records flow.

mod event;
mod explorer;
mod lane;
mod outbox;

use std::time::Duration;

pub use event::ExploreEvent;
pub use explorer::Explorer;

use crate::client::Client;
use crate::retry::RetryPolicy;
use crate::tail::HEARTBEAT_TIMEOUT;

/// A session that is to be opened.
///
/// ```no_run
/// # async fn example(client: spile_client::Client) -> Result<(), spile_client::Error> {
/// use spile_client::{ExploreEvent, TailEvent};
/// let mut session = client.explore().open();
/// let mut shown = session.read(client.tail().last(100).follow());
/// while let Some(event) = session.next().await {
///     match event? {
///         ExploreEvent::Tail { request, event: TailEvent::Batch(batch) } if request == shown => {
///             batch.iter().for_each(|r| println!("{}", r.record.body));
///             // From here on errors only, where the last record was.
///             let cursor = session.cursor().unwrap_or_default().to_owned();
///             shown = session.read(client.tail().after_cursor(cursor).level("error").follow());
///         }
///         ExploreEvent::Refused { refusal, .. } => eprintln!("{}", refusal.message),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is opened before `open`"]
pub struct Explore {
    client: Client,
    heartbeat_timeout: Duration,
    retry: RetryPolicy,
}

impl Explore {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, heartbeat_timeout: HEARTBEAT_TIMEOUT, retry: RetryPolicy::default() }
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

    /// Makes the session. The call begins when it is first polled.
    #[must_use]
    pub fn open(self) -> Explorer {
        Explorer::new(self)
    }
}
