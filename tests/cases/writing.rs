//! `Append` and `Upload`: what is answered is durable, and a repetition stores nothing twice.

use spile_proto::example::LogRequest;
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{AppendRequest, CountRequest, LogRecord, RecordBatch, UploadHeader, UploadRequest};
use spile_tests::Server;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tonic_types::StatusExt;

use crate::support::{Reading, all_of, append_batches, numbered, patiently, record, until_metric};

fn request(producer: &str, sequence: u64, records: Vec<LogRecord>) -> AppendRequest {
    AppendRequest {
        stream: "s".into(),
        producer_id: producer.into(),
        sequence,
        batch: Some(RecordBatch { records, ..RecordBatch::default() }),
    }
}

async fn send(server: &Server, requests: Vec<AppendRequest>) -> Vec<spile_proto::v1::AppendResponse> {
    let mut answers =
        server.write().await.unwrap().append(tokio_stream::iter(requests)).await.unwrap().into_inner();
    let mut acks = Vec::new();
    while let Some(ack) = patiently("an ack", answers.message()).await.unwrap() {
        acks.push(ack);
    }
    acks
}

async fn bodies(server: &Server) -> Vec<String> {
    let mut reading = Reading::open(server, all_of("s")).await.unwrap();
    reading.read_to_end().await.unwrap();
    reading.bodies().into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_repeated_batch_is_acknowledged_and_not_stored_again() {
    let server = Server::start().await.unwrap();
    let batch = |sequence| request("p", sequence, vec![record(format!("batch {sequence}"), 9)]);
    let first = send(&server, vec![batch(1), batch(2)]).await;
    assert!(first.iter().all(|ack| !ack.duplicate));
    let again = send(&server, vec![batch(2), batch(3), batch(3)]).await;
    let told: Vec<_> = again.iter().map(|ack| (ack.sequence, ack.first_offset, ack.duplicate)).collect();
    assert_eq!(told, [(2, 1, true), (3, 2, false), (3, 2, true)]);
    assert_eq!(bodies(&server).await, ["batch 1", "batch 2", "batch 3"]);
}

#[tokio::test]
async fn a_batch_larger_than_a_frame_is_stored_whole() {
    let server = Server::start().await.unwrap();
    let long = "x".repeat(1000);
    let records: Vec<_> = (0..3_000).map(|n| record(format!("{n} {long}"), 9)).collect();
    let acks = send(&server, vec![request("p", 1, records.clone()), request("p", 1, records)]).await;
    assert_eq!((acks[0].records, acks[0].duplicate), (3_000, false));
    assert!(acks[1].duplicate);
    assert_eq!(bodies(&server).await.len(), 3_000);
}

#[tokio::test]
async fn a_bad_record_is_named_and_earlier_batches_stay() {
    let server = Server::start().await.unwrap();
    let bad = vec![record("fine", 9), record("bad", 99)];
    let status = append_batches(&server, "s", vec![numbered("n", 0..3), bad]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let violation = status.get_error_details().bad_request().unwrap().field_violations[0].clone();
    assert_eq!(violation.field, "batch");
    assert!(
        violation.description.contains("records[1]") && violation.description.contains("severity_number")
    );
    assert_eq!(bodies(&server).await, ["n 0", "n 1", "n 2"], "what was accepted is not lost");
}

/// An upload's messages: a header in the first, and pieces of the text.
fn pieces(text: &str) -> Vec<UploadRequest> {
    let header = UploadHeader {
        stream: "s".into(),
        file_name: "app.log".into(),
        producer_id: "upload-1".into(),
        ..UploadHeader::default()
    };
    let mut header = Some(header);
    let pieces = text.as_bytes().chunks(1_777).map(<[u8]>::to_vec);
    pieces.map(|piece| UploadRequest { header: header.take(), chunk: piece.into() }).collect()
}

#[tokio::test]
async fn a_broken_upload_can_be_repeated_and_stores_every_line_once() {
    let server = Server::start().await.unwrap();
    let text: String = (0..5_000).map(|n| format!("2026-01-02T03:04:05Z ERROR line {n}\n")).collect();
    let half = pieces(&text[..text.len() / 2]);
    // The first try sends half, in the middle of a line, and is cut off when some of it is stored.
    let endless = tokio_stream::iter(half).chain(tokio_stream::pending());
    let mut client = server.write().await.unwrap();
    let first = tokio::spawn(async move { client.upload(endless).await.map(|_| ()) });
    until_metric(&server, "spile_appended_records_total", &["upload"], |n| n > 0.0).await;
    first.abort();
    let mut client = server.write().await.unwrap();
    let whole = client.upload(tokio_stream::iter(pieces(&text))).await.unwrap().into_inner();
    assert_eq!((whole.records, whole.bytes), (5_000, text.len() as u64));
    assert!(whole.duplicate_records > 0, "the first try had stored some");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(bodies(&server).await, lines);
}

#[tokio::test]
async fn a_line_of_a_pipe_is_seen_before_the_pipe_ends() {
    let server = Server::start().await.unwrap();
    let (pipe, receiver) = tokio::sync::mpsc::channel(4);
    let mut client = server.write().await.unwrap();
    let upload = tokio::spawn(async move { client.upload(ReceiverStream::new(receiver)).await });
    pipe.send(pieces("first line\n").remove(0)).await.unwrap();
    until_metric(&server, "spile_appended_records_total", &["upload"], |n| n == 1.0).await;
    assert_eq!(bodies(&server).await, ["first line"]);
    drop(pipe);
    let summary = patiently("the summary", upload).await.unwrap().unwrap().into_inner();
    assert_eq!((summary.records, summary.bytes), (1, 11));
}

/// Both of the codings, on calls that generated code serves and on those that have routes of their own.
#[tokio::test]
async fn requests_may_be_compressed_on_every_call() {
    let server = Server::start().await.unwrap();
    for coding in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
        let mut write = server.write().await.unwrap().send_compressed(coding);
        let requests = (1..=3).map(|sequence| request("", sequence, numbered("compressed", 0..500)));
        let acks = write.append(tokio_stream::iter(requests.collect::<Vec<_>>())).await.unwrap().into_inner();
        let acks = patiently("acks", acks.collect::<Vec<_>>()).await;
        assert_eq!(acks.into_iter().map(|ack| ack.unwrap().records).sum::<u64>(), 1500);
        let header = UploadHeader { stream: "s".into(), ..UploadHeader::default() };
        let upload = UploadRequest { header: Some(header), chunk: "a line\n".repeat(1000).into() };
        let uploaded = patiently("an upload", write.upload(tokio_stream::iter([upload]))).await.unwrap();
        assert_eq!(uploaded.into_inner().records, 1000);
        let mut read = server.read().await.unwrap().send_compressed(coding);
        let count = CountRequest { stream: "s".into(), ..CountRequest::default() };
        let counted = patiently("a count", read.count(count)).await.unwrap().into_inner().records;
        let mut tail = patiently("a tail", read.tail(all_of("s"))).await.unwrap().into_inner();
        let mut tailed = 0;
        while let Some(message) = patiently("a message", tail.message()).await.unwrap() {
            if let Some(Payload::Batch(batch)) = message.payload {
                tailed += batch.records.len() as u64;
            }
        }
        assert!(tailed == counted && counted % 2500 == 0 && counted > 0, "{tailed} of {counted}");
        let mut logs = server.logs().await.unwrap().send_compressed(coding);
        patiently("entries", logs.get_logs(LogRequest::default())).await.unwrap();
    }
}
