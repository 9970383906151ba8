//! kill -9 in the middle of appends: what was acknowledged is there, once; cursors stay valid.

use std::collections::HashMap;

use spile_proto::v1::{AppendRequest, RecordBatch, TailRequest};
use spile_tests::{Server, ServerOptions};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use crate::support::{Delivered, Reading, after, all_of, numbered, patiently};

const PRODUCERS: u64 = 4;
const ROUNDS: u64 = 50;

/// One sender with a memory: which of its batches were acknowledged, and which it must repeat.
struct Producer {
    id: u64,
    /// The sequence of the first batch that is not acknowledged.
    unacked: u64,
}

impl Producer {
    /// Three records that name their producer, batch and place.
    fn batch(&self, sequence: u64) -> AppendRequest {
        let prefix = format!("{} {sequence}", self.id);
        AppendRequest {
            stream: "s".into(),
            producer_id: format!("producer-{}", self.id),
            sequence,
            batch: Some(RecordBatch { records: numbered(&prefix, 0..3), ..RecordBatch::default() }),
        }
    }

    /// Sends until the server is gone, repeating first what was not acknowledged.
    async fn send_until_broken(&mut self, server: &Server, acks: &mpsc::Sender<()>) {
        let Ok(mut client) = server.write().await else { return };
        let (requests, receiver) = mpsc::channel(8);
        let Ok(answers) = client.append(ReceiverStream::new(receiver)).await else { return };
        let mut answers = answers.into_inner();
        let mut next = self.unacked;
        loop {
            tokio::select! {
                sent = requests.send(self.batch(next)) => match sent {
                    Ok(()) => next += 1,
                    Err(_) => return,
                },
                answer = answers.next() => match answer {
                    Some(Ok(ack)) => {
                        assert_eq!(ack.sequence, self.unacked, "acks come in order");
                        self.unacked += 1;
                        // The test stops listening when it has seen enough.
                        let _ = acks.try_send(());
                    }
                    _ => return,
                },
            }
        }
    }
}

/// Lets producers send, kills the server when some acks have come, and waits until all have noticed.
async fn round(server: &mut Server, producers: &mut [Producer], acks_before_kill: usize) {
    let (acks, mut acked) = mpsc::channel(1024);
    let sending = {
        let server = &*server;
        let pid = server.pid();
        let killer = async move {
            for _ in 0..acks_before_kill {
                patiently("acks", acked.recv()).await;
            }
            let status = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
            assert!(status.expect("kill runs").success());
        };
        let senders = producers.iter_mut().map(|producer| {
            let acks = acks.clone();
            async move { producer.send_until_broken(server, &acks).await }
        });
        futures_util::future::join(futures_util::future::join_all(senders), killer)
    };
    patiently("a round", sending).await;
    server.wait().await.expect("the server has ended");
}

/// Every acknowledged batch is there whole and once, each producer's in its order; no other batch is there twice.
fn check(records: &[Delivered], producers: &[Producer]) {
    assert!(records.iter().map(|record| record.offset).eq(0..records.len() as u64), "offsets are dense");
    let mut next: HashMap<u64, (u64, u64)> = HashMap::new();
    for record in records {
        let mut parts = record.body.split(' ').map(|part| part.parse::<u64>().expect("a number"));
        let (Some(producer), Some(sequence), Some(place)) = (parts.next(), parts.next(), parts.next()) else {
            panic!("a foreign record: {}", record.body)
        };
        let expected = next.entry(producer).or_insert((1, 0));
        assert_eq!((sequence, place), *expected, "producer {producer} at offset {}", record.offset);
        *expected = if place == 2 { (sequence + 1, 0) } else { (sequence, place + 1) };
    }
    for producer in producers {
        let (stored, place) = next.get(&producer.id).copied().unwrap_or((1, 0));
        assert_eq!(place, 0, "a batch is stored whole or not at all");
        assert!(stored >= producer.unacked, "an acknowledged batch of producer {} is gone", producer.id);
    }
}

#[tokio::test]
async fn no_acknowledged_record_is_lost_or_doubled_by_kill_9() {
    let mut producers: Vec<Producer> = (0..PRODUCERS).map(|id| Producer { id, unacked: 1 }).collect();
    let mut server = ServerOptions::new().args(["--journal-file-bytes", "64KiB"]).start().await.unwrap();
    let mut cursor: Option<String> = None;
    let mut seen: Vec<Delivered> = Vec::new();
    for number in 0..ROUNDS {
        round(&mut server, &mut producers, 5 + (number as usize * 7) % 60).await;
        let options = ServerOptions::new().args(["--journal-file-bytes", "64KiB"]).data_of(&server);
        server = options.start().await.unwrap();
        // A reader that has been there since the first round goes on at its cursor.
        let start = cursor.take().and_then(after);
        let mut reading = Reading::open(&server, TailRequest { start, ..all_of("s") }).await.unwrap();
        reading.read_to_end().await.unwrap();
        seen.append(&mut reading.records);
        cursor = Some(reading.cursor);
        check(&seen, &producers);
    }
    let mut whole = Reading::open(&server, all_of("s")).await.unwrap();
    whole.read_to_end().await.unwrap();
    assert_eq!(whole.records, seen, "what was read on the way is what is stored");
}
