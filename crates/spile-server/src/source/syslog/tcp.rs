//! Syslog over TCP. What is read is stored before more is read, so a sender is never faster than the disk.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use spile_lines::SyslogSplitter;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::reader::Reader;
use super::store::store;
use super::zone::Zone;
use crate::ingest::drafts::Drafts;
use crate::metrics::{PortLabel, PortReasonLabels, TransportLabel};
use crate::source::Sink;

/// The port's name in the metrics.
const PORT: &str = "syslog";

const TRANSPORT: TransportLabel = TransportLabel { transport: "tcp" };

/// How much is read at a time.
const READ_BYTES: usize = 64 << 10;

/// Records are stored when they have so many encoded bytes, or nothing more is there to be read.
const BATCH_BYTES: usize = 256 << 10;

/// How long a message may take from its first byte to its last.
const SLOW: Duration = Duration::from_secs(60);

/// How long a connection may be silent. Most senders keep theirs open, and notice too late that it was closed.
const IDLE: Duration = Duration::from_secs(24 * 3600);

/// A peer that is gone is noticed after this and a few probes.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// Once the server stops, and has told its peers so, it takes what is still on its way: until they are silent for so long, and in all for so long.
const LAST_SILENCE: Duration = Duration::from_millis(200);
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long accepting rests when the process is out of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Takes connections in.
#[derive(Clone)]
pub(super) struct Door {
    sink: Sink,
    zone: Zone,
    slots: Arc<Semaphore>,
    tasks: TaskTracker,
}

/// Why a connection ended.
enum Ended {
    Finished,
    Failed,
    Slow,
    Idle,
    Drain,
}

impl Ended {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Slow => "slow",
            Self::Idle => "idle",
            Self::Drain => "drain",
        }
    }
}

impl Door {
    pub(super) fn new(sink: Sink, zone: Zone, max_connections: usize, tasks: TaskTracker) -> Self {
        Self { sink, zone, slots: Arc::new(Semaphore::new(max_connections)), tasks }
    }

    /// Accepts connections until `shutdown` is given. Those that are open have tasks of their own.
    pub(super) async fn accept(self, listener: TcpListener, shutdown: CancellationToken) {
        let mut is_failing = false;
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    is_failing = false;
                    self.admit(stream, peer, &shutdown);
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::warn!(%error, "a syslog connection could not be accepted; trying on");
                    }
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: SocketAddr, shutdown: &CancellationToken) {
        let metrics = &self.sink.context.metrics;
        let label = PortLabel { port: PORT };
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            metrics.refused_connections.get_or_create(&label).inc();
            tracing::debug!(%peer, "syslog connection refused: as many as permitted are open (syslog-max-connections)");
            return;
        };
        metrics.accepted_connections.get_or_create(&label).inc();
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 4);
        if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&keepalive) {
            tracing::debug!(%error, %peer, "syslog connection was gone before it could be read");
        }
        self.tasks.spawn(self.clone().serve(stream, peer, slot, shutdown.clone()));
    }

    async fn serve(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        slot: OwnedSemaphorePermit,
        shutdown: CancellationToken,
    ) {
        let metrics = Arc::clone(&self.sink.context.metrics);
        let open = metrics.open_connections.get_or_create_owned(&PortLabel { port: PORT });
        open.inc();
        let reader = Reader::new(peer.ip(), self.zone);
        let connection = Connection {
            sink: self.sink,
            stream,
            reader,
            splitter: SyslogSplitter::new(),
            drafts: Drafts::default(),
            shutdown,
        };
        let ended = connection.run().await;
        open.dec();
        drop(slot);
        let labels = PortReasonLabels { port: PORT, reason: ended.as_str() };
        metrics.closed_connections.get_or_create(&labels).inc();
        tracing::debug!(%peer, reason = ended.as_str(), "syslog connection ended");
    }
}

/// An open connection.
struct Connection {
    sink: Sink,
    stream: TcpStream,
    reader: Reader,
    splitter: SyslogSplitter,
    drafts: Drafts,
    shutdown: CancellationToken,
}

impl Connection {
    async fn run(mut self) -> Ended {
        let ended = self.read().await;
        let ended = match ended {
            Ended::Drain => self.last_words().await,
            other => other,
        };
        // A message without its end is taken as it is.
        let now = self.sink.context.clock.now_unix_nano();
        if let Some((message, is_partial)) = self.splitter.finish() {
            self.reader.read(&message, is_partial, now, &mut self.drafts);
            self.sink.context.metrics.syslog_messages.get_or_create(&TRANSPORT).inc();
        }
        match store(&self.sink, &mut self.drafts, &self.shutdown).await {
            Ok(()) => ended,
            Err(_) => Ended::Failed,
        }
    }

    /// Reads and stores until the connection ends.
    async fn read(&mut self) -> Ended {
        let mut begun: Option<Instant> = None;
        loop {
            let deadline = match begun {
                Some(begun) => begun + SLOW,
                None => Instant::now() + IDLE,
            };
            let readable = tokio::select! {
                () = self.shutdown.cancelled() => return Ended::Drain,
                readable = timeout_at(deadline, self.stream.readable()) => readable,
            };
            match readable {
                Err(_) if begun.is_some() => return Ended::Slow,
                Err(_) => return Ended::Idle,
                Ok(Err(_)) => return Ended::Failed,
                Ok(Ok(())) => {}
            }
            let (messages, ended) = self.take_in();
            if let Some(ended) = ended {
                return ended;
            }
            if store(&self.sink, &mut self.drafts, &self.shutdown).await.is_err() {
                return Ended::Failed;
            }
            begun = match (self.splitter.pending_bytes(), messages) {
                (0, _) => None,
                // Another one has begun.
                (_, 1..) => Some(Instant::now()),
                (_, 0) => begun.or_else(|| Some(Instant::now())),
            };
        }
    }

    /// Reads what is there, up to a batch. Tells how many messages ended, and whether the connection has.
    fn take_in(&mut self) -> (u64, Option<Ended>) {
        let now = self.sink.context.clock.now_unix_nano();
        let mut buffer = vec![0; READ_BYTES];
        let mut messages = 0;
        let ended = loop {
            match self.stream.try_read(&mut buffer) {
                Ok(0) => break Some(Ended::Finished),
                Ok(bytes) => {
                    let mut input = &buffer[..bytes];
                    while let Some(message) = self.splitter.next_message(&mut input) {
                        self.reader.read(&message, false, now, &mut self.drafts);
                        messages += 1;
                    }
                    if self.drafts.bytes() >= BATCH_BYTES {
                        break None;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break None,
                Err(_) => break Some(Ended::Failed),
            }
        };
        self.sink.context.metrics.syslog_messages.get_or_create(&TRANSPORT).inc_by(messages);
        (messages, ended)
    }

    /// Tells the peer that this is the end, and takes what it had sent before it knew.
    async fn last_words(&mut self) -> Ended {
        let until = Instant::now() + LAST_WORDS.min(self.sink.context.limits.drain_grace);
        if self.stream.shutdown().await.is_err() {
            return Ended::Failed;
        }
        loop {
            let deadline = until.min(Instant::now() + LAST_SILENCE);
            match timeout_at(deadline, self.stream.readable()).await {
                Err(_) => return Ended::Drain,
                Ok(Err(_)) => return Ended::Failed,
                Ok(Ok(())) => {}
            }
            let (_, ended) = self.take_in();
            if store(&self.sink, &mut self.drafts, &self.shutdown).await.is_err() {
                return Ended::Failed;
            }
            if ended.is_some() || Instant::now() >= until {
                return Ended::Drain;
            }
        }
    }
}
