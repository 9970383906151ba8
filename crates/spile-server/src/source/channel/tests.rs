//! Records from inside the process, into a real engine.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use spile_engine::disk::OsDisk;
use spile_engine::{Engine, EngineOptions, Limits, Offset, ResourceDef, RuntimeThreads};
use spile_proto::v1::LogRecord;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{ChannelSource, RecordSender, SendError};
use crate::context::ServerContext;
use crate::ingest::convert::text_attribute;
use crate::source::{Sink, Source};
use crate::testing::default_limits;

struct Running {
    engine: Engine,
    sender: RecordSender,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
    _data: TempDir,
}

fn start(parcels: usize) -> Running {
    let data = tempfile::tempdir().unwrap();
    let options = EngineOptions {
        data_dir: data.path().to_path_buf(),
        disk: Arc::new(OsDisk),
        limits: Limits::default(),
        repair: false,
        store: None,
        random: Arc::new(|| 7),
        blocking: Arc::new(RuntimeThreads),
    };
    let engine = Engine::open(options).unwrap();
    let stream = engine.stream_or_new("default").unwrap();
    let sink = Sink { stream, context: ServerContext::new(default_limits()) };
    let (source, sender) = ChannelSource::new(parcels);
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(Box::new(source).run(sink, shutdown.clone()));
    Running { engine, sender, shutdown, running, _data: data }
}

fn records(bodies: &[&str]) -> Vec<LogRecord> {
    bodies.iter().map(|body| LogRecord { body: (*body).to_owned(), ..LogRecord::default() }).collect()
}

#[tokio::test]
async fn each_parcel_is_answered_when_it_is_durable_in_order() {
    let source = start(4);
    let resource = ResourceDef::new(vec![text_attribute("service.name", "self")]);
    let first = source.sender.send(records(&["a", "b"]), Some(resource)).await.unwrap();
    let second = source.sender.send(records(&["c"]), None).await.unwrap();
    let ack = second.durable().await.unwrap();
    assert_eq!((ack.first_offset, ack.records), (Offset(2), 1));
    assert_eq!(first.durable().await.unwrap().next_offset, Offset(2));
    assert_eq!(source.engine.stream("default").unwrap().tail(), Offset(3));
}

#[tokio::test]
async fn a_large_parcel_is_stored_as_one() {
    let source = start(1);
    let body = "x".repeat(1000);
    let sent = source.sender.send(records(&vec![body.as_str(); 1000]), None).await.unwrap();
    assert_eq!(sent.durable().await.unwrap().records, 1000);
}

#[tokio::test]
async fn a_parcel_with_a_bad_record_is_refused_whole() {
    let source = start(1);
    let mut bad = records(&["fine", "bad"]);
    bad[1].trace_id = vec![1, 2, 3];
    let sent = source.sender.send(bad, None).await.unwrap();
    let refused = sent.durable().await.unwrap_err();
    assert!(
        matches!(&refused, SendError::Record { index: 1, reason } if reason.contains("trace_id")),
        "{refused}"
    );
    assert_eq!(source.sender.send(Vec::new(), None).await.unwrap_err(), SendError::Empty);
    assert_eq!(source.engine.stream("default").unwrap().tail(), Offset::ZERO);
}

#[tokio::test]
async fn what_was_sent_before_the_end_is_stored_and_nothing_after() {
    let source = start(8);
    let sent = source.sender.send(records(&["last"]), None).await.unwrap();
    source.shutdown.cancel();
    assert_eq!(sent.durable().await.unwrap().records, 1);
    source.running.await.unwrap();
    let refused = source.sender.send(records(&["late"]), None).await.unwrap_err();
    assert_eq!(refused, SendError::Ended);
}

#[tokio::test]
async fn the_source_ends_when_all_senders_are_gone() {
    let source = start(1);
    drop(source.sender);
    source.running.await.unwrap();
}
