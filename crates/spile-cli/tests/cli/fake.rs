//! A server with records in memory. It filters nothing, but remembers what it was asked.

mod admin;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use spile_proto::v1::admin_service_server::AdminServiceServer;
use spile_proto::v1::read_service_server::{ReadService, ReadServiceServer};
use spile_proto::v1::start::Position;
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::write_service_server::{WriteService, WriteServiceServer};
use spile_proto::v1::*;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::codegen::BoxStream;
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt};

/// Records of one message, at most.
const BATCH: usize = 100;

/// The fake and the port it is on; it is gone when this is dropped.
pub(crate) struct Fake {
    pub(crate) server: Arc<Service>,
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) struct Service {
    me: Weak<Self>,
    state: Mutex<State>,
    tail: watch::Sender<usize>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) records: Vec<LogRecord>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) tails: Vec<TailRequest>,
    pub(crate) counts: Vec<CountRequest>,
    pub(crate) authorization: Option<String>,
    pub(crate) uploads: Vec<(UploadHeader, Vec<u8>)>,
    /// Told at the beginning of each tail.
    pub(crate) gap: Option<Gap>,
    /// After how many records the next tails break.
    pub(crate) breaks: Vec<usize>,
    /// Which records expressions match; all when there are none.
    pub(crate) hits: BTreeSet<usize>,
    /// A stream that does not exist, and how often it was asked for.
    pub(crate) missing: String,
    pub(crate) refused: usize,
    /// Whether the next tail sends half of what is stored and then nothing, and whether one has. Histograms never come.
    pub(crate) stalls: bool,
    pub(crate) stalled: bool,
    /// What tails say beforehand of how many records they will send.
    pub(crate) total_records: Option<u64>,
    pub(crate) histograms: Vec<HistogramRequest>,
    /// What a histogram is answered with.
    pub(crate) histogram: HistogramResponse,
    pub(crate) contexts: Vec<ContextRequest>,
    /// Whether contexts are refused.
    pub(crate) no_context: bool,
    /// How many of the next contexts break.
    pub(crate) broken_contexts: usize,
    pub(crate) retentions: Vec<UpdateRetentionRequest>,
    pub(crate) deletions: Vec<DeleteStreamRequest>,
    pub(crate) damages: Vec<Damage>,
}

impl Fake {
    /// With so many records of the texts `line 0`, `line 1`, ...
    pub(crate) async fn start(records: usize) -> Self {
        let server = Arc::new_cyclic(|me| Service {
            me: Weak::clone(me),
            state: Mutex::default(),
            tail: watch::Sender::new(0),
        });
        server.grow(records);
        Self::serve(server, TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn serve(server: Arc<Service>, listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let serving = Server::builder()
            .add_service(ReadServiceServer::from_arc(Arc::clone(&server)))
            .add_service(WriteServiceServer::from_arc(Arc::clone(&server)))
            .add_service(AdminServiceServer::from_arc(Arc::clone(&server)))
            .serve_with_incoming(TcpListenerStream::new(listener));
        let task = tokio::spawn(async move { serving.await.unwrap() });
        Self { server, address, task }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.server.state.lock().unwrap()
    }
}

impl State {
    /// An expression stands for the records that are marked as hits.
    fn matches(&self, filter: &Option<Filter>, offset: usize) -> bool {
        filter.as_ref().is_none_or(|filter| filter.expression.is_empty() || self.hits.is_empty())
            || self.hits.contains(&offset)
    }

    /// The records at these offsets; the first must be the least.
    fn batch(&self, offsets: &[usize]) -> RecordBatch {
        let first = offsets.first().copied().unwrap_or(0);
        let delta = |offset: &usize| u32::try_from(offset.saturating_sub(first)).unwrap();
        RecordBatch {
            records: offsets.iter().map(|offset| self.records[*offset].clone()).collect(),
            resources: self.resources.clone(),
            first_offset: first as u64,
            offset_deltas: offsets.iter().map(delta).collect(),
            offsets: Vec::new(),
        }
    }
}

impl Service {
    pub(crate) fn grow(&self, records: usize) {
        let mut state = self.state.lock().unwrap();
        for _ in 0..records {
            let body = format!("line {}", state.records.len());
            state.records.push(LogRecord {
                time_unix_nano: 1_795_341_600_000_000_000,
                severity_number: SeverityNumber::Info.into(),
                body,
                ..LogRecord::default()
            });
        }
        self.tail.send_replace(state.records.len());
    }

    async fn deliver(
        &self,
        request: TailRequest,
        start: usize,
        responses: &mpsc::Sender<Result<TailResponse, Status>>,
    ) -> Option<()> {
        let send = async |next: usize, payload: Payload| {
            let response = TailResponse { cursor: format!("c{next}"), payload: Some(payload) };
            responses.send(Ok(response)).await.ok()
        };
        let newest_first = request.order() == Order::NewestFirst;
        let mut next = start;
        let mut tail = self.tail.subscribe();
        let (gap, breaks) = {
            let mut state = self.state.lock().unwrap();
            let breaks = if state.breaks.is_empty() { None } else { Some(state.breaks.remove(0)) };
            (state.gap, if state.stalls { Some(state.records.len() / 2) } else { breaks })
        };
        if let Some(gap) = gap {
            send(next, Payload::Gap(gap)).await?;
        }
        let limit = if request.limit == 0 { usize::MAX } else { usize::try_from(request.limit).unwrap() };
        let until = breaks.unwrap_or(limit).min(limit);
        let mut sent = 0;
        let mut caught_up = false;
        let mut checksum = 0;
        loop {
            let stored = *tail.borrow_and_update();
            while sent < until && (if newest_first { next > 0 } else { next < stored }) {
                let batch = if newest_first {
                    self.batch_back(&request, &mut next, until - sent)
                } else {
                    self.batch(&request, &mut next, stored, until - sent)
                };
                for record in &batch.records {
                    checksum = crc32c::crc32c_append(checksum, record.body.as_bytes());
                    checksum = crc32c::crc32c_append(checksum, b"\n");
                }
                sent += batch.records.len();
                if !batch.records.is_empty() {
                    send(next, Payload::Batch(batch)).await?;
                }
            }
            if sent == until && std::mem::take(&mut self.state.lock().unwrap().stalls) {
                self.state.lock().unwrap().stalled = true;
                responses.closed().await;
                return None;
            }
            if breaks.is_some_and(|records| records == sent) {
                return responses.send(Err(Status::unavailable("broken"))).await.ok();
            }
            if sent == limit || !request.follow {
                let reason = if sent == limit { EndReason::Limit } else { EndReason::EndOfHistory };
                let end = End { reason: reason.into(), records: sent as u64, scanned: sent as u64, checksum };
                return send(next, Payload::End(end)).await;
            }
            if !std::mem::replace(&mut caught_up, true) {
                send(next, Payload::CaughtUp(CaughtUp { tail: stored as u64 })).await?;
            }
            tokio::select! {
                changed = tail.changed() => changed.ok()?,
                () = responses.closed() => return None,
            }
        }
    }

    /// The next records that match, of the next hundred that are stored.
    fn batch(&self, request: &TailRequest, next: &mut usize, stored: usize, most: usize) -> RecordBatch {
        let state = self.state.lock().unwrap();
        let range = *next..stored.min(*next + BATCH);
        *next = range.end;
        let offsets: Vec<_> =
            range.filter(|offset| state.matches(&request.filter, *offset)).take(most).collect();
        if offsets.len() == most {
            *next = offsets[most - 1] + 1;
        }
        state.batch(&offsets)
    }

    /// As [`batch`](Self::batch), downwards from the offset before `next`.
    fn batch_back(&self, request: &TailRequest, next: &mut usize, most: usize) -> RecordBatch {
        let state = self.state.lock().unwrap();
        let range = next.saturating_sub(BATCH)..*next;
        *next = range.start;
        let offsets: Vec<_> =
            range.rev().filter(|offset| state.matches(&request.filter, *offset)).take(most).collect();
        if offsets.len() == most {
            *next = offsets[most - 1];
        }
        let batch = state.batch(&offsets);
        let offsets = offsets.into_iter().map(|offset| offset as u64).collect();
        RecordBatch { offsets, first_offset: 0, offset_deltas: Vec::new(), ..batch }
    }
}

#[tonic::async_trait]
impl ReadService for Service {
    async fn tail(&self, request: Request<TailRequest>) -> Result<Response<BoxStream<TailResponse>>, Status> {
        let authorization = request.metadata().get("authorization").cloned();
        let request = request.into_inner();
        if request.stream == self.state.lock().unwrap().missing {
            self.state.lock().unwrap().refused += 1;
            return Err(not_found(&request.stream));
        }
        let stored = *self.tail.borrow();
        let start = match request.start.clone().and_then(|start| start.position) {
            Some(Position::AfterCursor(cursor)) => cursor[1..]
                .parse()
                .map_err(|_| Status::invalid_argument("start.after_cursor: \"x\x1b[2J\" is not a cursor"))?,
            Some(Position::Last(records)) => {
                let state = self.state.lock().unwrap();
                let matching = (0..stored).rev().filter(|offset| state.matches(&request.filter, *offset));
                matching.take(records as usize).last().unwrap_or(stored)
            }
            Some(Position::Latest(_)) => stored,
            Some(Position::Offset(offset)) => usize::try_from(offset).unwrap(),
            _ if request.order() == Order::NewestFirst => stored,
            _ => 0,
        };
        {
            let mut state = self.state.lock().unwrap();
            state.authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
            state.tails.push(request.clone());
        }
        let (sender, receiver) = mpsc::channel(4);
        let me = self.me.upgrade().unwrap();
        // A client that has gone ends it.
        tokio::spawn(async move { me.deliver(request, start, &sender).await });
        let mut response: Response<BoxStream<TailResponse>> =
            Response::new(Box::pin(ReceiverStream::new(receiver)));
        response.metadata_mut().insert("spile-start-cursor", format!("c{start}").parse().unwrap());
        if let Some(total) = self.state.lock().unwrap().total_records {
            response.metadata_mut().insert("spile-total-records", total.into());
        }
        Ok(response)
    }

    async fn count(&self, request: Request<CountRequest>) -> Result<Response<CountResponse>, Status> {
        let mut state = self.state.lock().unwrap();
        state.counts.push(request.into_inner());
        let records = state.records.len() as u64;
        Ok(Response::new(CountResponse { records, scanned: records, cursor: format!("c{records}") }))
    }

    async fn histogram(
        &self,
        request: Request<HistogramRequest>,
    ) -> Result<Response<HistogramResponse>, Status> {
        let answer = {
            let mut state = self.state.lock().unwrap();
            state.histograms.push(request.into_inner());
            (!state.stalls).then(|| state.histogram.clone())
        };
        match answer {
            Some(histogram) => Ok(Response::new(histogram)),
            None => std::future::pending().await,
        }
    }

    async fn context(&self, request: Request<ContextRequest>) -> Result<Response<ContextResponse>, Status> {
        let request = request.into_inner();
        let mut state = self.state.lock().unwrap();
        if state.broken_contexts > 0 {
            state.broken_contexts -= 1;
            return Err(Status::unavailable("broken"));
        }
        if state.no_context {
            return Err(Status::internal("no"));
        }
        state.contexts.push(request.clone());
        let Some(context_request::Position::Offset(offset)) = request.position else {
            return Err(Status::invalid_argument("only offsets are known here"));
        };
        let offset = usize::try_from(offset).unwrap();
        let matches = |offset: &usize| state.matches(&request.filter, *offset);
        let mut offsets: Vec<_> = (0..offset).rev().filter(matches).take(request.before as usize).collect();
        offsets.reverse();
        let after = (offset..state.records.len()).filter(matches).take(request.after as usize);
        offsets.extend(after);
        Ok(Response::new(ContextResponse { batch: Some(state.batch(&offsets)), gaps: Vec::new() }))
    }

    async fn list_streams(
        &self,
        _: Request<ListStreamsRequest>,
    ) -> Result<Response<ListStreamsResponse>, Status> {
        Ok(Response::new(ListStreamsResponse { streams: admin::streams(), next_page_token: String::new() }))
    }

    async fn get_stream(
        &self,
        request: Request<GetStreamRequest>,
    ) -> Result<Response<GetStreamResponse>, Status> {
        let name = request.into_inner().stream;
        let missing = self.state.lock().unwrap().missing == name;
        let stream = admin::streams().into_iter().find(|stream| stream.name == name && !missing);
        let stream = stream.ok_or_else(|| not_found(&name))?;
        Ok(Response::new(GetStreamResponse { stream: Some(stream) }))
    }
}

fn not_found(name: &str) -> Status {
    let details = ErrorDetails::with_error_info("STREAM_NOT_FOUND", "spile", [] as [(String, String); 0]);
    Status::with_error_details(Code::NotFound, format!("stream {name:?} does not exist"), details)
}

#[tonic::async_trait]
impl WriteService for Service {
    async fn upload(
        &self,
        request: Request<Streaming<UploadRequest>>,
    ) -> Result<Response<UploadResponse>, Status> {
        let mut requests = request.into_inner();
        let mut header = None;
        let mut bytes = Vec::new();
        while let Some(request) = requests.message().await? {
            header = header.or(request.header);
            bytes.extend_from_slice(&request.chunk);
        }
        let header = header.unwrap_or_default();
        if header.file_name == "refused.log" {
            return Err(Status::invalid_argument("no"));
        }
        let response = UploadResponse {
            records: bytes.iter().filter(|byte| **byte == b'\n').count() as u64,
            bytes: bytes.len() as u64,
            ..UploadResponse::default()
        };
        self.state.lock().unwrap().uploads.push((header, bytes));
        Ok(Response::new(response))
    }
}
