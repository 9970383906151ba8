//! Clients of a tail that say when the first record came, and how much came in all.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use prost::Message;
use spile_proto::v1::{End, RecordBatch, TailRequest};
use spile_tests::Server;
use tonic::codegen::http::uri::PathAndQuery;

use crate::raw::RawCodec;

/// What came.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) records: u64,
    /// From the call to the end.
    pub(super) total: Duration,
    /// From the call to the first record.
    pub(super) first: Option<Duration>,
    /// Of all messages.
    pub(super) bytes: u64,
}

/// A `TailResponse`, of which only these payloads are looked at; a batch stays as it is encoded.
#[derive(Clone, PartialEq, Message)]
struct Seen {
    #[prost(bytes = "bytes", optional, tag = "2")]
    batch: Option<Bytes>,
    #[prost(message, optional, tag = "6")]
    end: Option<End>,
}

/// Reads a tail to its end. `decode` says whether its records are decoded, or their bytes taken.
pub(super) async fn read(server: &Server, request: TailRequest, decode: bool) -> Result<Answer> {
    let mut grpc = tonic::client::Grpc::new(server.channel().await?).max_decoding_message_size(16 << 20);
    grpc.ready().await?;
    let path = PathAndQuery::from_static("/spile.v1.ReadService/Tail");
    let mut answer = Answer::default();
    let mut decoded = 0;
    let start = Instant::now();
    let mut messages =
        grpc.server_streaming(tonic::Request::new(request), path, RawCodec).await?.into_inner();
    while let Some(message) = messages.message().await? {
        answer.bytes += message.len() as u64;
        let seen = Seen::decode(message)?;
        if let Some(batch) = seen.batch {
            answer.first.get_or_insert_with(|| start.elapsed());
            if decode {
                decoded += RecordBatch::decode(batch)?.records.len() as u64;
            }
        }
        if let Some(end) = seen.end {
            answer.records = end.records;
        }
    }
    answer.total = start.elapsed();
    answer.first.context("records came")?;
    anyhow::ensure!(!decode || decoded == answer.records, "{decoded} records came");
    Ok(answer)
}
