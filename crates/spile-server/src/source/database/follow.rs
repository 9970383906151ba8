//! Reads a database until the server stops: what is there, then what comes; whatever goes wrong is tried again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::address::{DatabaseAddress, Server};
use super::feed::Feed;
use super::trouble::Trouble;
use super::{postgres, sqlite};
use crate::metrics::{ReasonLabel, StateLabel};
use crate::source::Sink;

/// Before the first new attempt; doubled with each that fails.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What a database is doing, in the metrics.
const STATES: [&str; 4] = ["reading", "following", "waiting", "failing"];

/// What one database is doing, as it is shown.
#[derive(Debug)]
pub(super) struct State {
    sink: Sink,
    shown: Option<&'static str>,
}

impl State {
    fn new(sink: Sink) -> Self {
        for state in STATES {
            drop(sink.context.metrics.databases.get_or_create(&StateLabel { state }));
        }
        Self { sink, shown: None }
    }

    /// Rows are read.
    pub(super) fn reading(&mut self) {
        self.show(Some("reading"));
    }

    /// All rows are read; new ones are waited for.
    pub(super) fn following(&mut self) {
        self.show(Some("following"));
    }

    /// There are rows that may not be read before a transaction has ended.
    pub(super) fn waiting(&mut self) {
        self.show(Some("waiting"));
    }

    fn failing(&mut self) {
        self.show(Some("failing"));
    }

    fn show(&mut self, state: Option<&'static str>) {
        if self.shown == state {
            return;
        }
        let databases = &self.sink.context.metrics.databases;
        if let Some(state) = self.shown {
            databases.get_or_create(&StateLabel { state }).dec();
        }
        if let Some(state) = state {
            databases.get_or_create(&StateLabel { state }).inc();
        }
        self.shown = state;
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.show(None);
    }
}

/// What a session with a database is given.
pub(super) struct Session<'a> {
    pub(super) address: &'a DatabaseAddress,
    pub(super) feed: &'a mut Feed,
    pub(super) state: &'a mut State,
    /// That reading succeeded since the last failure.
    pub(super) health: &'a mut Health,
}

/// Failures in a row, and whether they were told.
#[derive(Debug, Default)]
pub(super) struct Health {
    failures: u32,
    told: Option<String>,
}

impl Health {
    /// Notes that everything there is was read.
    pub(super) fn well(&mut self, address: &DatabaseAddress) {
        self.failures = 0;
        if self.told.take().is_some() {
            tracing::info!(database = %address, "the database is read again");
        }
    }

    /// Notes a failure, tells it if it is another one than the last, and gives the pause before the next attempt.
    fn failed(&mut self, address: &DatabaseAddress, trouble: &Trouble) -> Duration {
        let text = trouble.to_string();
        if self.told.as_ref() != Some(&text) {
            tracing::warn!(database = %address, error = text, "the database is not read; it is tried again");
            self.told = Some(text);
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(16)).min(LONGEST_PAUSE);
        self.failures += 1;
        pause.mul_f64(0.75 + rand::random::<f64>() * 0.5)
    }
}

/// Reads until `shutdown` is given, or the stream takes no more appends.
pub(super) async fn run(address: DatabaseAddress, folder: PathBuf, sink: Sink, shutdown: CancellationToken) {
    let mut state = State::new(sink.clone());
    let mut feed = match Feed::open(&address, &folder, sink.clone()).await {
        Ok(feed) => feed,
        Err(error) => {
            state.failing();
            tracing::error!(database = %address, %error, "the database is not read");
            shutdown.cancelled().await;
            return;
        }
    };
    let mut health = Health::default();
    tracing::info!(database = %address, stream = sink.stream.name(), after = feed.position().map(tracing::field::display), "reading a database");
    loop {
        let session = Session { address: &address, feed: &mut feed, state: &mut state, health: &mut health };
        let trouble = tokio::select! {
            () = shutdown.cancelled() => break,
            trouble = session.run() => trouble,
        };
        state.failing();
        sink.context.metrics.database_failures.get_or_create(&ReasonLabel { reason: trouble.reason() }).inc();
        if trouble.is_final() {
            tracing::error!(database = %address, error = %trouble, "the database is not read any more");
            shutdown.cancelled().await;
            break;
        }
        let pause = health.failed(&address, &trouble);
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = sleep(pause) => {}
        }
        if let Err(trouble) = feed.recover().await {
            tracing::error!(database = %address, error = %trouble, "the database is not read any more");
            shutdown.cancelled().await;
            break;
        }
    }
    feed.end(sink.context.limits.drain_grace).await;
}

impl Session<'_> {
    /// Reads until something goes wrong.
    async fn run(mut self) -> Trouble {
        let address = self.address;
        let ended = match &address.server {
            Server::Postgres(server) => postgres::session(server, &mut self).await,
            Server::Sqlite(path) => sqlite::session(path, &mut self).await,
        };
        match ended {
            Ok(never) => match never {},
            Err(trouble) => trouble,
        }
    }

    /// Everything there is was read: waits until it is time to look again, or `announced` says that there is more.
    pub(super) async fn rest(&mut self, announced: Option<&Arc<Notify>>) -> Result<(), Trouble> {
        self.feed.flush().await?;
        self.feed.settle().await?;
        self.health.well(self.address);
        self.state.following();
        match announced {
            // When the time is over, nothing was announced; that is no failure.
            Some(announced) => drop(timeout(self.address.interval, announced.notified()).await),
            None => sleep(self.address.interval).await,
        }
        Ok(())
    }

    /// How much later a row may become visible than others with a higher cursor: what was said, else `usual`.
    pub(super) fn lag(&self, usual: Duration) -> Duration {
        self.address.lag.unwrap_or(usual)
    }
}

/// Waits until `lag` is over since `seen`.
pub(super) async fn lag_behind(seen: Instant, lag: Duration) {
    tokio::time::sleep_until(seen + lag).await;
}
