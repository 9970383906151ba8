//! `Upload`: a file or pipe in chunks, one answer when all of its lines are durable.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use prost::Message;
use spile_engine::{AppendError, Offset, ResourceDef, Stream};
use spile_proto::v1::write_service_server::WriteService;
use spile_proto::v1::{KeyValue, Resource, UploadHeader, UploadRequest, UploadResponse};
use tonic::{Request, Response, Status, Streaming};

use super::{WriteState, append, errors, stream_or_new};
use crate::context::ServerContext;
use crate::grpc;
use crate::ingest::decoder::{LineDecoder, Moment};
use crate::ingest::origin;
use crate::ingest::pipeline::AppendPipeline;
use crate::ingest::place::Place;
use crate::status::{ErrorReason, error};

/// How many encoded bytes of one upload may be on their way to the disk; the client is read on while they are.
const WINDOW_BYTES: usize = 4 << 20;

/// How many bytes are read into lines before other tasks have their turn.
const SLICE_BYTES: usize = 64 << 10;

/// The longest `header.file_name`, bytes.
const MAX_FILE_NAME_BYTES: usize = 4096;

/// The most that `header.resource_attributes` may hold, bytes encoded.
const MAX_RESOURCE_BYTES: usize = 16 << 10;

#[tonic::async_trait]
impl WriteService for WriteState {
    async fn upload(
        &self,
        request: Request<Streaming<UploadRequest>>,
    ) -> Result<Response<UploadResponse>, Status> {
        let mut upload = Upload::start(self, request.into_inner()).await?;
        upload.read().await?;
        Ok(Response::new(upload.finish().await?))
    }
}

/// One call.
struct Upload {
    context: ServerContext,
    requests: Streaming<UploadRequest>,
    header: UploadHeader,
    stream: Stream,
    /// Behind what an earlier try of the same producer stored last.
    stored_before: Option<Offset>,
    decoder: LineDecoder,
    pipeline: AppendPipeline,
    bytes: u64,
}

impl Upload {
    /// Reads the first message and opens the stream that it names. Its chunk is taken in, too.
    async fn start(state: &WriteState, mut requests: Streaming<UploadRequest>) -> Result<Self, Status> {
        let context = state.context.clone();
        let first = read_request(&mut requests, &context).await?;
        let Some(UploadRequest { header: Some(header), chunk }) = first else {
            let why = "is missing; the first message must have it";
            return Err(error(ErrorReason::InvalidField).field("header", why).into());
        };
        let attributes = check(&header)?;
        let stream = stream_or_new(&state.engine, &header.stream).await?;
        let last = last_batch(&stream, &header.producer_id).await?;
        let (sequence, stored_before) = last.unzip();
        let start = Place::of_sequence(sequence.unwrap_or(0));
        let producer: Option<Arc<str>> =
            (!header.producer_id.is_empty()).then(|| header.producer_id.as_str().into());
        let pipeline = AppendPipeline::new(
            stream.clone(),
            producer,
            (start, Some(start.sequence())),
            WINDOW_BYTES,
            context.metrics.clone(),
            "upload",
        );
        let decoder = LineDecoder::from_the_start(attributes, start);
        let mut upload =
            Self { context, requests, header, stream, stored_before, decoder, pipeline, bytes: 0 };
        upload.take_in(&chunk).await?;
        Ok(upload)
    }

    /// Takes in chunks until there are no more.
    async fn read(&mut self) -> Result<(), Status> {
        while let Some(request) = self.next_request().await? {
            if request.header.is_some_and(|header| header != self.header) {
                let why = "differs from the first message's; it is taken there only, use another call";
                return Err(error(ErrorReason::InvalidField).field("header", why).into());
            }
            self.take_in(&request.chunk).await?;
        }
        Ok(())
    }

    async fn next_request(&mut self) -> Result<Option<UploadRequest>, Status> {
        let drain = self.context.drain.clone();
        if drain.is_draining() {
            return Err(error(ErrorReason::Draining).into());
        }
        if let Some(ready) = read_request(&mut self.requests, &self.context).now_or_never() {
            return ready;
        }
        // Nothing is there just now: what came before must not wait for it.
        if let Some(batch) = self.decoder.take() {
            self.pipeline.send(batch).await.map_err(|why| errors::append_status(&why))?;
        }
        loop {
            tokio::select! {
                request = read_request(&mut self.requests, &self.context) => return request,
                acked = self.pipeline.acked() => acked.map_err(|why| errors::append_status(&why))?,
                () = drain.drained() => return Err(error(ErrorReason::Draining).into()),
            }
        }
    }

    async fn take_in(&mut self, chunk: &Bytes) -> Result<(), Status> {
        self.bytes += chunk.len() as u64;
        if self.bytes > Place::MAX_START {
            let why = format!("one upload takes at most {} bytes; go on with another call", Place::MAX_START);
            return Err(error(ErrorReason::TooLarge).message(why).into());
        }
        let mut full = Vec::new();
        for slice in chunk.chunks(SLICE_BYTES) {
            let moment = Moment::live(self.context.clock.now_unix_nano());
            self.decoder.decode(slice, moment, &mut full);
            for batch in full.drain(..) {
                self.pipeline.send(batch).await.map_err(|why| errors::append_status(&why))?;
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Stores what is left, waits until everything is durable, and sums up.
    async fn finish(mut self) -> Result<UploadResponse, Status> {
        let mut full = Vec::new();
        self.decoder.finish(Moment::live(self.context.clock.now_unix_nano()), &mut full);
        let stored = async {
            for batch in full {
                self.pipeline.send(batch).await?;
            }
            self.pipeline.flush().await
        };
        stored.await.map_err(|why: AppendError| errors::append_status(&why))?;
        let (stored, counts) = (self.pipeline.stored(), self.decoder.counts());
        let duplicate_records = counts.duplicates + stored.duplicates;
        let end = stored.next_offset.or(self.stored_before).unwrap_or_else(|| self.stream.tail());
        let start = stored.first_offset.unwrap_or(end);
        Ok(UploadResponse {
            records: stored.records + duplicate_records,
            bytes: self.bytes,
            cut_lines: counts.cut_lines,
            start_cursor: self.stream.token(start).encode(),
            end_cursor: self.stream.token(end).encode(),
            duplicate_records,
        })
    }
}

/// The next message. May be dropped and called again: a message is taken whole or not at all.
async fn read_request(
    requests: &mut Streaming<UploadRequest>,
    context: &ServerContext,
) -> Result<Option<UploadRequest>, Status> {
    requests.message().await.map_err(|status| grpc::explain(status, context.limits.max_request_bytes))
}

/// The last durable batch of a producer, and the offset behind it. The journal is asked, which may be busy with the disk.
async fn last_batch(stream: &Stream, producer_id: &str) -> Result<Option<(u64, Offset)>, Status> {
    if producer_id.is_empty() {
        return Ok(None);
    }
    let (stream, producer) = (stream.clone(), producer_id.to_owned());
    let asked = tokio::task::spawn_blocking(move || stream.last_batch(&producer)).await;
    asked.map_err(|panic| error(ErrorReason::Internal).message(panic.to_string()).into())
}

/// Checks the header, and gives the attributes of the resource.
fn check(header: &UploadHeader) -> Result<Vec<KeyValue>, Status> {
    let UploadHeader { stream: _, file_name, resource_attributes, producer_id } = header;
    let wrong = |field: &str, why: String| Err(error(ErrorReason::InvalidField).field(field, why).into());
    append::check_producer("header.producer_id", producer_id)?;
    if file_name.len() > MAX_FILE_NAME_BYTES {
        let why = format!("has {} bytes, at most {MAX_FILE_NAME_BYTES} are taken", file_name.len());
        return wrong("header.file_name", why);
    }
    if resource_attributes.iter().any(|attribute| attribute.key.is_empty()) {
        return wrong("header.resource_attributes.key", "is empty; name every attribute".into());
    }
    let resource = Resource { hash: 0, attributes: resource_attributes.clone() };
    if resource.encoded_len() > MAX_RESOURCE_BYTES {
        let why =
            format!("has {} encoded bytes, at most {MAX_RESOURCE_BYTES} are taken", resource.encoded_len());
        return wrong("header.resource_attributes", why);
    }
    if let Err(why) = ResourceDef::check(&resource.encode_to_vec()) {
        return wrong("header.resource_attributes", why.to_string());
    }
    // What the caller says stands over what the file's name tells.
    let of_file = match file_name.as_str() {
        "" | "-" => Vec::new(),
        path => origin::of_paths(&[path.as_ref()]),
    };
    Ok(of_file.into_iter().chain(resource_attributes.iter().cloned()).collect())
}

#[cfg(test)]
mod tests;
