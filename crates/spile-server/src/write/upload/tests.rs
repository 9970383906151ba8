//! Uploads over real connections into a real engine.
#![allow(clippy::unwrap_used)]

use std::future::poll_fn;
use std::sync::Arc;

use spile_engine::cursor::LossPolicy;
use spile_engine::disk::Disk;
use spile_engine::filter::Filter;
use spile_engine::record::Value;
use spile_engine::subscription::{Delivery, Start, SubscriptionPlan};
use spile_engine::{CursorToken, Engine, EngineOptions, Limits, Offset, RecordView, RuntimeThreads};
use spile_proto::v1::write_service_client::WriteServiceClient;
use spile_proto::v1::{KeyValue, UploadHeader, UploadRequest, UploadResponse};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::ingest::convert::text_attribute;
use crate::services::Services;
use crate::testing::disk::FillableDisk;
use crate::testing::{TestServer, default_limits, soon};
use crate::write::WriteState;

/// A server with an engine of its own.
struct Uploads {
    server: TestServer,
    engine: Engine,
    disk: FillableDisk,
    _data: TempDir,
}

impl Uploads {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let disk = FillableDisk::default();
        let options = EngineOptions {
            data_dir: data.path().to_path_buf(),
            disk: Arc::new(disk.clone()) as Arc<dyn Disk>,
            limits: Limits::default(),
            repair: false,
            store: None,
            random: Arc::new(|| 7),
            blocking: Arc::new(RuntimeThreads),
        };
        let engine = Engine::open(options).unwrap();
        let writing = engine.clone();
        let services = move |context: &crate::context::ServerContext| {
            let state = WriteState { context: context.clone(), engine: writing };
            Services::new().routes(crate::write::routes(state))
        };
        let server = TestServer::start_with(default_limits(), services).await;
        Self { server, engine, disk, _data: data }
    }

    /// Uploads these chunks.
    async fn upload(&self, header: UploadHeader, chunks: &[&[u8]]) -> Result<UploadResponse, Status> {
        let chunks: Vec<_> = chunks.iter().map(|chunk| bytes(chunk)).collect();
        let requests = std::iter::once(introduction(header)).chain(chunks).collect::<Vec<_>>();
        self.send(requests).await
    }

    async fn send(&self, requests: Vec<UploadRequest>) -> Result<UploadResponse, Status> {
        let mut client = WriteServiceClient::new(self.server.channel().await);
        let answer = soon(client.upload(tokio_stream::iter(requests))).await?;
        Ok(answer.into_inner())
    }

    /// Begins an upload that goes on as long as the sender is there.
    async fn begin(&self, header: UploadHeader) -> Begun {
        let (requests, receiver) = mpsc::channel(16);
        requests.send(introduction(header)).await.unwrap();
        let mut client = WriteServiceClient::new(self.server.channel().await);
        let call = tokio::spawn(async move { client.upload(ReceiverStream::new(receiver)).await });
        Begun { requests, call }
    }

    /// Waits until the stream has so many records, and gives the bodies of all that it has then.
    async fn bodies(&self, stream: &str, count: usize) -> Vec<String> {
        // The stream is made by the first message of an upload that may only have begun.
        let stream = soon(async {
            loop {
                match self.engine.stream(stream) {
                    Some(stream) => break stream,
                    None => tokio::task::yield_now().await,
                }
            }
        });
        let stream = stream.await;
        let plan = SubscriptionPlan {
            start: Start::Oldest,
            follow: true,
            filter: Filter::all(),
            limit: None,
            loss_policy: LossPolicy::CatchUp,
        };
        let mut subscription = stream.subscribe(plan);
        let mut bodies = Vec::new();
        while bodies.len() < count || (bodies.len() as u64) < stream.tail().0 {
            match soon(poll_fn(|cx| subscription.poll_delivery(cx))).await {
                Some(Ok(Delivery::Records(picked))) => {
                    let frame = picked.frame();
                    bodies.extend(picked.indexes().map(|at| frame.record(at).body().to_owned()));
                }
                Some(Ok(Delivery::CaughtUp)) => {}
                other => panic!("{other:?}"),
            }
        }
        bodies
    }
}

/// An upload that has begun.
struct Begun {
    requests: mpsc::Sender<UploadRequest>,
    call: tokio::task::JoinHandle<Result<tonic::Response<UploadResponse>, Status>>,
}

impl Begun {
    async fn send(&self, chunk: &[u8]) {
        self.requests.send(bytes(chunk)).await.unwrap();
    }

    async fn end(self) -> Result<UploadResponse, Status> {
        drop(self.requests);
        Ok(soon(self.call).await.unwrap()?.into_inner())
    }
}

fn introduction(header: UploadHeader) -> UploadRequest {
    UploadRequest { header: Some(header), ..UploadRequest::default() }
}

fn bytes(chunk: &[u8]) -> UploadRequest {
    UploadRequest { header: None, chunk: chunk.to_vec().into() }
}

fn from(producer_id: &str) -> UploadHeader {
    UploadHeader { producer_id: producer_id.into(), ..UploadHeader::default() }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().expect("every error has an ErrorInfo").reason
}

fn position(cursor: &str) -> Offset {
    CursorToken::decode(cursor).unwrap().next
}

#[tokio::test]
async fn lines_are_durable_when_the_answer_comes_and_it_sums_them_up() {
    let uploads = Uploads::start().await;
    let long = "x".repeat(70_000);
    let text = format!("one\ntwo\n{long}\nlast");
    let answer = uploads
        .upload(UploadHeader::default(), &[&text.as_bytes()[..5], &text.as_bytes()[5..]])
        .await
        .unwrap();
    assert_eq!((answer.records, answer.bytes, answer.cut_lines), (4, text.len() as u64, 1));
    assert_eq!(
        (answer.duplicate_records, position(&answer.start_cursor), position(&answer.end_cursor)),
        (0, Offset(0), Offset(4))
    );
    assert_eq!(uploads.engine.stream("default").unwrap().tail(), Offset(4));
    let bodies = uploads.bodies("default", 4).await;
    assert_eq!((bodies[0].as_str(), bodies[1].as_str(), bodies[3].as_str()), ("one", "two", "last"));
    let more = uploads.upload(UploadHeader::default(), &[b"five\n"]).await.unwrap();
    assert_eq!((position(&more.start_cursor), position(&more.end_cursor)), (Offset(4), Offset(5)));
    let metrics = &uploads.server.context.metrics;
    let label = crate::metrics::SourceLabel { source: "upload" };
    assert_eq!(metrics.appended_records.get_or_create(&label).get(), 5);
    uploads.server.stop().await;
}

#[tokio::test]
async fn a_large_upload_is_stored_whole_and_in_order() {
    let uploads = Uploads::start().await;
    let text: String = (0..200_000).map(|n| format!("line number {n}\n")).collect();
    let chunks: Vec<_> = text.as_bytes().chunks(1_000_003).collect();
    let answer = uploads.upload(from("p"), &chunks).await.unwrap();
    assert_eq!(answer.records, 200_000);
    let bodies = uploads.bodies("default", 200_000).await;
    assert!(bodies.into_iter().eq((0..200_000).map(|n| format!("line number {n}"))));
    uploads.server.stop().await;
}

#[tokio::test]
async fn a_pipe_s_line_is_stored_at_once_while_the_call_goes_on() {
    let uploads = Uploads::start().await;
    let pipe = uploads.begin(UploadHeader { stream: "pipe".into(), ..UploadHeader::default() }).await;
    pipe.send(b"one\ntw").await;
    assert_eq!(uploads.bodies("pipe", 1).await, ["one"]);
    pipe.send(b"o\n").await;
    assert_eq!(uploads.bodies("pipe", 2).await, ["one", "two"]);
    let answer = pipe.end().await.unwrap();
    assert_eq!(answer.records, 2);
    uploads.server.stop().await;
}

#[tokio::test]
async fn an_upload_without_lines_stores_nothing() {
    let uploads = Uploads::start().await;
    let answer = uploads.upload(UploadHeader::default(), &[b"", b""]).await.unwrap();
    assert_eq!((answer.records, answer.bytes), (0, 0));
    assert_eq!(answer.start_cursor, answer.end_cursor);
    uploads.server.stop().await;
}

#[tokio::test]
async fn a_repeated_upload_stores_nothing_twice() {
    let uploads = Uploads::start().await;
    let text = b"one\ntwo\nthree\nno end";
    let first = uploads.upload(from("p"), &[text]).await.unwrap();
    let other = uploads.upload(UploadHeader::default(), &[b"in between\n"]).await.unwrap();
    assert_eq!(other.records, 1);
    let again = uploads.upload(from("p"), &[&text[..6], &text[6..]]).await.unwrap();
    assert_eq!((again.records, again.duplicate_records), (4, 4));
    assert_eq!(again.end_cursor, first.end_cursor, "its last record is known still");
    assert_eq!(uploads.bodies("default", 5).await.len(), 5);
    let longer = uploads.upload(from("p"), &[b"one\ntwo\nthree\nno end\nfive\n"]).await.unwrap();
    assert_eq!((longer.records, longer.duplicate_records), (5, 3), "the last line has become another one");
    uploads.server.stop().await;
}

#[tokio::test]
async fn a_broken_upload_is_taken_up_where_it_was_stored() {
    let uploads = Uploads::start().await;
    let text: String = (0..5_000).map(|n| format!("line number {n}\n")).collect();
    for kept in [0.1, 0.5, 0.9] {
        let broken = uploads.begin(from("p")).await;
        let end = (text.len() as f64 * kept) as usize;
        for chunk in text.as_bytes()[..end].chunks(3_001) {
            broken.send(chunk).await;
        }
        uploads.bodies("default", (4_500.0 * kept) as usize).await;
        broken.call.abort();
    }
    // What the calls before had on their way may still be stored; then the repetition is told to come again.
    let answer = soon(async {
        loop {
            match uploads.upload(from("p"), &[text.as_bytes()]).await {
                Ok(answer) => break answer,
                Err(status) => assert_eq!(reason(&status), "PRODUCER_CONFLICT"),
            }
        }
    });
    let answer = answer.await;
    assert_eq!(answer.records, 5_000);
    assert!(answer.duplicate_records >= 4_000, "{answer:?}");
    let bodies = uploads.bodies("default", 5_000).await;
    assert!(bodies.into_iter().eq((0..5_000).map(|n| format!("line number {n}"))));
    uploads.server.stop().await;
}

#[tokio::test]
async fn two_uploads_at_once_under_one_id_store_each_line_once() {
    let uploads = Uploads::start().await;
    let text: String = (0..30_000).map(|n| format!("line number {n}\n")).collect();
    let upload = |chunk: usize| {
        let (uploads, text) = (&uploads, &text);
        async move {
            let chunks: Vec<_> = text.as_bytes().chunks(chunk).collect();
            loop {
                match uploads.upload(from("p"), &chunks).await {
                    Ok(answer) => return answer,
                    Err(status) => {
                        assert_eq!(
                            (status.code(), reason(&status)),
                            (Code::Unavailable, "PRODUCER_CONFLICT".into())
                        );
                    }
                }
            }
        }
    };
    let (first, second) = soon(async { tokio::join!(upload(70_001), upload(9_999)) }).await;
    assert_eq!((first.records, second.records), (30_000, 30_000));
    let bodies = uploads.bodies("default", 30_000).await;
    assert!(bodies.into_iter().eq((0..30_000).map(|n| format!("line number {n}"))));
    uploads.server.stop().await;
}

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_lost_when_there_is_space_again() {
    let uploads = Uploads::start().await;
    let text: String = (0..50_000).map(|n| format!("line number {n}\n")).collect();
    let half = text.len() / 2;
    let upload = uploads.begin(from("p")).await;
    upload.send(&text.as_bytes()[..half]).await;
    uploads.bodies("default", 20_000).await;
    uploads.disk.set_full(true);
    // The server may have given the call up before all of it was sent.
    for chunk in text.as_bytes()[half..].chunks(10_000) {
        let _ = upload.requests.send(bytes(chunk)).await;
    }
    let refused = upload.end().await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::ResourceExhausted, "STORAGE_FULL".into()));
    uploads.disk.set_full(false);
    let answer = uploads.upload(from("p"), &[text.as_bytes()]).await.unwrap();
    assert_eq!(answer.records, 50_000);
    let bodies = uploads.bodies("default", 50_000).await;
    assert!(bodies.into_iter().eq((0..50_000).map(|n| format!("line number {n}"))));
    uploads.server.stop().await;
}

#[tokio::test]
async fn a_draining_server_tells_uploads_to_go_elsewhere() {
    let uploads = Uploads::start().await;
    let upload = uploads.begin(from("p")).await;
    upload.send(b"one\ntw").await;
    assert_eq!(uploads.bodies("default", 1).await, ["one"]);
    uploads.server.context.drain.start();
    let status = soon(upload.call).await.unwrap().unwrap_err();
    assert_eq!((status.code(), reason(&status)), (Code::Unavailable, "DRAINING".into()));
    assert!(status.get_details_retry_info().is_some());
    uploads.server.stop().await;
}

#[tokio::test]
async fn lines_have_the_resource_of_the_header_and_of_the_file() {
    let uploads = Uploads::start().await;
    let header = UploadHeader {
        stream: "s".into(),
        file_name: "/var/log/pods/shop_checkout_uid/server/0.log".into(),
        resource_attributes: vec![text_attribute("service.name", "mine"), text_attribute("region", "eu")],
        ..UploadHeader::default()
    };
    uploads.upload(header, &[b"2023-11-14T22:13:19.5Z stdout F hello\n"]).await.unwrap();
    let plan = SubscriptionPlan {
        start: Start::Oldest,
        follow: false,
        filter: Filter::all(),
        limit: None,
        loss_policy: LossPolicy::CatchUp,
    };
    let mut subscription = uploads.engine.stream("s").unwrap().subscribe(plan);
    let Some(Ok(Delivery::Records(picked))) = poll_fn(|cx| subscription.poll_delivery(cx)).await else {
        panic!("there is a record")
    };
    let record = picked.frame().record(0);
    let text = |key: &str| record.resource_attribute(key);
    assert_eq!(record.body(), "hello");
    assert_eq!(text("service.name"), Some(Value::Str("mine".into())));
    assert_eq!(text("region"), Some(Value::Str("eu".into())));
    assert_eq!(text("log.file.name"), Some(Value::Str("0.log".into())));
    assert_eq!(text("k8s.pod.name"), Some(Value::Str("checkout".into())));
    uploads.server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let uploads = Uploads::start().await;
    let nameless = KeyValue { key: String::new(), value: None };
    let large = vec![text_attribute("k", "v".repeat(20_000))];
    let cases = [
        (vec![bytes(b"no header")], "INVALID_FIELD", "header"),
        (vec![], "INVALID_FIELD", "header"),
        (
            vec![introduction(UploadHeader { stream: "Not A Name".into(), ..UploadHeader::default() })],
            "INVALID_STREAM_NAME",
            "stream",
        ),
        (vec![introduction(from(&"x".repeat(129)))], "INVALID_FIELD", "header.producer_id"),
        (
            vec![introduction(UploadHeader { file_name: "x".repeat(5000), ..UploadHeader::default() })],
            "INVALID_FIELD",
            "header.file_name",
        ),
        (
            vec![introduction(UploadHeader {
                resource_attributes: vec![nameless],
                ..UploadHeader::default()
            })],
            "INVALID_FIELD",
            "header.resource_attributes.key",
        ),
        (
            vec![introduction(UploadHeader { resource_attributes: large, ..UploadHeader::default() })],
            "INVALID_FIELD",
            "header.resource_attributes",
        ),
        (vec![introduction(from("a")), introduction(from("b"))], "INVALID_FIELD", "header"),
    ];
    for (requests, expected, field) in cases {
        let status = uploads.send(requests).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, expected), "{status}");
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, field);
    }
    let repeated = vec![introduction(from("a")), introduction(from("a"))];
    uploads.send(repeated).await.unwrap();
    uploads.server.stop().await;
}
