//! Syslog over UDP: one message in each datagram. What comes faster than it can be stored is thrown away by the system, which is counted.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use spile_lines::Line;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::drops::Drops;
use super::reader::Reader;
use super::store::store;
use super::zone::Zone;
use crate::ingest::drafts::Drafts;
use crate::metrics::TransportLabel;
use crate::source::Sink;

const TRANSPORT: TransportLabel = TransportLabel { transport: "udp" };

/// The largest datagram.
const DATAGRAM_BYTES: usize = 64 << 10;

/// Records are passed on when they have so many encoded bytes, or no more datagrams are there.
const BATCH_BYTES: usize = 256 << 10;

/// Batches that wait for the disk: with the system's buffer, what bridges a slow moment.
const BATCHES: usize = 32;

/// Peers whose resource is remembered.
const MAX_PEERS: usize = 1024;

/// How often it is looked up what the system threw away.
const LOOK_UP: Duration = Duration::from_secs(1);

/// Receives until `shutdown` is given.
pub(super) async fn receive(socket: UdpSocket, sink: Sink, zone: Zone, shutdown: CancellationToken) {
    let (batches, waiting) = mpsc::channel(BATCHES);
    let receiver = Receiver { socket, sink: sink.clone(), zone, readers: HashMap::new(), batches };
    tokio::join!(receiver.run(&shutdown), write(waiting, &sink, &shutdown));
}

/// Stores batches, until there are no more.
async fn write(mut waiting: mpsc::Receiver<Drafts>, sink: &Sink, shutdown: &CancellationToken) {
    while let Some(mut batch) = waiting.recv().await {
        // It was told why.
        if store(sink, &mut batch, shutdown).await.is_err() {
            waiting.close();
        }
    }
}

struct Receiver {
    socket: UdpSocket,
    sink: Sink,
    zone: Zone,
    readers: HashMap<IpAddr, Reader>,
    batches: mpsc::Sender<Drafts>,
}

impl Receiver {
    async fn run(mut self, shutdown: &CancellationToken) {
        let mut drops = Drops::of(&self.socket);
        let mut look_up = interval(LOOK_UP);
        look_up.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut buffer = vec![0; DATAGRAM_BYTES];
        let mut is_failing = false;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = look_up.tick() => {
                    self.sink.context.metrics.syslog_dropped.inc_by(drops.since_last());
                    continue;
                }
                readable = self.socket.readable() => if let Err(error) = readable
                    && !std::mem::replace(&mut is_failing, true)
                {
                    tracing::warn!(%error, "syslog datagrams cannot be received; trying on");
                },
            }
            let mut batch = Drafts::default();
            self.take_in(&mut buffer, &mut batch);
            if batch.bytes() > 0 && self.batches.send(batch).await.is_err() {
                return;
            }
        }
        // What the system has received is taken.
        let mut batch = Drafts::default();
        self.take_in(&mut buffer, &mut batch);
        drop(self.batches.send(batch).await);
        self.sink.context.metrics.syslog_dropped.inc_by(drops.since_last());
    }

    /// Takes the datagrams that are there, up to a batch.
    fn take_in(&mut self, buffer: &mut [u8], batch: &mut Drafts) {
        let now = self.sink.context.clock.now_unix_nano();
        let mut datagrams = 0;
        while batch.bytes() < BATCH_BYTES {
            match self.socket.try_recv_from(buffer) {
                Ok((bytes, peer)) => {
                    datagrams += 1;
                    self.read(&buffer[..bytes], peer.ip(), now, batch);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // An answer to something that was sent to nobody; it says nothing about the next datagram.
                Err(error) => {
                    tracing::debug!(%error, "receiving a syslog datagram failed");
                    break;
                }
            }
        }
        self.sink.context.metrics.syslog_messages.get_or_create(&TRANSPORT).inc_by(datagrams);
    }

    fn read(&mut self, datagram: &[u8], peer: IpAddr, now: u64, batch: &mut Drafts) {
        if self.readers.len() >= MAX_PEERS && !self.readers.contains_key(&peer) {
            self.readers.clear();
        }
        let zone = &self.zone;
        let reader = self.readers.entry(peer).or_insert_with(|| Reader::new(peer, zone.clone()));
        // Without the newline or zero byte that some senders add; all else belongs to the one message.
        let mut text = datagram;
        while let [rest @ .., b'\n' | b'\r' | 0] = text {
            text = rest;
        }
        if !text.is_empty() {
            reader.read(&Line::whole(text), false, now, batch);
        }
    }
}
