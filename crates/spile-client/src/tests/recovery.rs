//! Connections that break at any byte: nothing is lost and nothing comes twice.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;

use super::fake::Fake;
use super::net::{cutting_proxy, serve};
use super::tail::at_once;
use crate::{Client, NewRecord, Tail, TailEvent};

/// Connections that live for a random number of bytes, the first few longer than it takes to greet.
fn random_budget(seed: u64, most: u64) -> impl FnMut() -> u64 + Send + 'static {
    let mut random = StdRng::seed_from_u64(seed);
    move || random.random_range(1..most)
}

#[tokio::test]
async fn a_tail_over_breaking_connections_gives_every_record_once() {
    for seed in 0..20 {
        let mut tasks = JoinSet::new();
        let fake = Fake::new(500);
        let upstream = serve(&fake, &mut tasks).await;
        let (address, cuts) = cutting_proxy(upstream, random_budget(seed, 3_000), &mut tasks).await;
        let client = Client::builder().connect_lazy(&address.to_string()).unwrap();
        let mut tail = client.tail().follow().limit(1_000).retry(at_once()).open();
        let mut offsets = Vec::new();
        while let Some(event) = tail.next().await {
            if let TailEvent::Batch(batch) = event.unwrap() {
                offsets.extend(batch.iter().map(|record| record.offset));
                // Half of the records arrive while the tail is read.
                if fake.state().records.len() < 1_000 {
                    fake.grow(10);
                }
            }
        }
        assert!(offsets.iter().copied().eq(0..1_000), "seed {seed}: {offsets:?}");
        assert!(cuts.load(Ordering::Relaxed) > 3, "seed {seed}: the connection must have been cut");
    }
}

#[tokio::test]
async fn other_orders_over_breaking_connections_give_every_record_once() {
    let orders: [fn(Tail) -> Tail; 2] = [Tail::newest_first, Tail::by_time];
    for (seed, order) in (0..10).flat_map(|seed| orders.map(|order| (seed, order))) {
        let mut tasks = JoinSet::new();
        let fake = Fake::new(1_000);
        let upstream = serve(&fake, &mut tasks).await;
        let (address, cuts) = cutting_proxy(upstream, random_budget(seed, 3_000), &mut tasks).await;
        let client = Client::builder().connect_lazy(&address.to_string()).unwrap();
        let mut tail = order(client.tail()).retry(at_once()).open();
        let mut offsets = Vec::new();
        while let Some(event) = tail.next().await {
            if let TailEvent::Batch(batch) = event.unwrap() {
                offsets.extend(batch.iter().map(|record| record.offset));
                assert_eq!(tail.total_records(), Some(1_000), "whatever this call is the rest of");
            }
        }
        offsets.sort_unstable();
        assert!(offsets.iter().copied().eq(0..1_000), "seed {seed}: {offsets:?}");
        assert!(cuts.load(Ordering::Relaxed) > 3, "seed {seed}: the connection must have been cut");
    }
}

#[tokio::test]
async fn an_appender_over_breaking_connections_stores_every_record_once_and_in_order() {
    for seed in 0..20 {
        let mut tasks = JoinSet::new();
        let fake = Fake::new(0);
        let upstream = serve(&fake, &mut tasks).await;
        let (address, cuts) = cutting_proxy(upstream, random_budget(seed, 4_000), &mut tasks).await;
        let client = Client::builder().connect_lazy(&address.to_string()).unwrap();
        let appender = client
            .appender()
            .batch_records(13)
            .max_in_flight(4)
            .max_buffered_bytes(2_000)
            .retry(at_once())
            .open()
            .unwrap();
        let mut acks = JoinSet::new();
        for number in 0..1_000_u64 {
            let pending = appender.append(NewRecord::new(number.to_string())).await.unwrap();
            acks.spawn(async move { (number, pending.await.unwrap()) });
        }
        appender.close().await.unwrap();
        let bodies: Vec<_> = fake.state().records.iter().map(|record| record.body.clone()).collect();
        let expected: Vec<_> = (0..1_000).map(|number| number.to_string()).collect();
        assert_eq!(bodies, expected, "seed {seed}");
        while let Some(ack) = acks.join_next().await {
            let (number, ack) = ack.unwrap();
            assert!(ack.offset.is_none_or(|offset| offset == number), "seed {seed}: {number}: {ack:?}");
            assert!(ack.offset.is_some() || ack.duplicate);
        }
        assert!(cuts.load(Ordering::Relaxed) > 3, "seed {seed}: the connection must have been cut");
    }
}

#[tokio::test]
async fn an_upload_over_breaking_connections_is_complete() {
    let text: Arc<[u8]> = (0..20_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    for seed in 0..5 {
        let mut tasks = JoinSet::new();
        let fake = Fake::new(0);
        let upstream = serve(&fake, &mut tasks).await;
        let (address, cuts) = cutting_proxy(upstream, random_budget(seed, 600_000), &mut tasks).await;
        let client = Client::builder().connect_lazy(&address.to_string()).unwrap();
        let open = || {
            let text = Arc::clone(&text);
            async move { Ok(std::io::Cursor::new(text)) }
        };
        let summary = client.upload_with(open, Default::default(), at_once(), |_| {}).await.unwrap();
        assert_eq!(summary.records, 20_000);
        let state = fake.state();
        let (header, bytes) = &state.uploads[0];
        assert_eq!(bytes[..], text[..], "seed {seed}");
        assert_eq!(header.producer_id.len(), 32, "a random id makes the repetition safe");
        drop(cuts);
    }
}
