//! Several batches on their way, and what an error means for those behind it.

use std::sync::Arc;

use spile_engine::disk::OsDisk;
use spile_engine::{AppendError, Engine, EngineOptions, Limits, RuntimeThreads, Stream};

use super::NOW;
use crate::ingest::decoder::{Batch, LineDecoder, Moment};
use crate::ingest::pipeline::AppendPipeline;
use crate::ingest::place::Place;
use crate::metrics::{Metrics, SourceLabel};

fn open(dir: &std::path::Path) -> (Engine, Stream) {
    let options = EngineOptions {
        data_dir: dir.to_path_buf(),
        disk: Arc::new(OsDisk),
        limits: Limits::default(),
        repair: false,
        store: None,
        random: Arc::new(|| 7),
        blocking: Arc::new(RuntimeThreads),
    };
    let engine = Engine::open(options).unwrap();
    let stream = engine.stream_or_new("default").unwrap();
    (engine, stream)
}

fn pipeline(stream: &Stream, metrics: &Arc<Metrics>, last: Option<u64>) -> AppendPipeline {
    let producer = Some("p".into());
    AppendPipeline::new(
        stream.clone(),
        producer,
        (Place::default(), last),
        1 << 20,
        metrics.clone(),
        "upload",
    )
}

fn batches(input: &str) -> Vec<Batch> {
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    let lines = input.split_inclusive('\n');
    let batch = |line: &str| {
        decoder.decode(line.as_bytes(), Moment::live(NOW), &mut Vec::new());
        decoder.take().unwrap()
    };
    lines.map(batch).collect()
}

#[tokio::test]
async fn what_is_sent_is_durable_after_a_flush_and_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let (_engine, stream) = open(dir.path());
    let metrics = Arc::new(Metrics::new());
    let mut first = pipeline(&stream, &metrics, Some(0));
    for batch in batches("a\nb\nc\n") {
        first.send(batch).await.unwrap();
    }
    first.flush().await.unwrap();
    let stored = first.stored();
    assert_eq!((stored.records, stored.duplicates, stored.place), (3, 0, Place::behind(6)));
    assert_eq!(stored.next_offset, Some(stream.tail()));

    let mut again = pipeline(&stream, &metrics, None);
    for batch in batches("a\nb\nc\nd\n") {
        again.send(batch).await.unwrap();
    }
    again.flush().await.unwrap();
    assert_eq!((again.stored().records, again.stored().duplicates), (1, 3));
    let label = SourceLabel { source: "upload" };
    assert_eq!(metrics.appended_records.get_or_create(&label).get(), 4);
}

#[tokio::test]
async fn nothing_is_stored_behind_a_batch_that_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let (_engine, stream) = open(dir.path());
    let metrics = Arc::new(Metrics::new());
    let mut sender = pipeline(&stream, &metrics, Some(0));
    let mut sent = batches("a\nb\nc\n").into_iter();
    sender.send(sent.next().unwrap()).await.unwrap();
    sender.flush().await.unwrap();

    // Another sender under the same id has come in between.
    let mut other = pipeline(&stream, &metrics, Some(sender.stored().place.sequence()));
    let mut others = batches("a\nB and more\n");
    other.send(others.pop().unwrap()).await.unwrap();
    other.flush().await.unwrap();

    sender.send(sent.nth(1).unwrap()).await.unwrap();
    // Its place lies before what the other has stored: a duplicate. The next one does not follow what is stored.
    sender.flush().await.unwrap();
    let late = batches("a\nb\nc\nd and more and more\n").pop().unwrap();
    sender.send(late).await.unwrap();
    let refused = sender.flush().await.unwrap_err();
    assert!(matches!(refused, AppendError::OutOfTurn { .. }), "{refused}");
    assert_eq!(stream.tail().0, 2);
}

#[tokio::test]
async fn a_full_window_waits_for_acks_and_loses_none() {
    let dir = tempfile::tempdir().unwrap();
    let (_engine, stream) = open(dir.path());
    let metrics = Arc::new(Metrics::new());
    let mut sender =
        AppendPipeline::new(stream.clone(), None, (Place::default(), None), 100, metrics, "upload");
    let lines: String = (0..200).map(|n| format!("line {n}\n")).collect();
    for batch in batches(&lines) {
        sender.send(batch).await.unwrap();
    }
    sender.flush().await.unwrap();
    assert_eq!((sender.stored().records, stream.tail().0), (200, 200));
}

#[tokio::test]
async fn a_closed_engine_refuses_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, stream) = open(dir.path());
    engine.close();
    let mut sender = pipeline(&stream, &Arc::new(Metrics::new()), Some(0));
    let refused = sender.send(batches("a\n").pop().unwrap()).await.unwrap_err();
    assert_eq!(refused, AppendError::Closed);
}
