//! A server with records in memory. It filters nothing, but remembers what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

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
use tonic::{Request, Response, Status, Streaming};

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
            .serve_with_incoming(TcpListenerStream::new(listener));
        let task = tokio::spawn(async move { serving.await.unwrap() });
        Self { server, address, task }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.server.state.lock().unwrap()
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
        let mut next = start;
        let mut tail = self.tail.subscribe();
        let (gap, breaks) = {
            let mut state = self.state.lock().unwrap();
            let breaks = if state.breaks.is_empty() { None } else { Some(state.breaks.remove(0)) };
            (state.gap, breaks)
        };
        if let Some(gap) = gap {
            send(next, Payload::Gap(gap)).await?;
        }
        let limit = usize::try_from(request.limit).unwrap();
        let end = if limit == 0 { usize::MAX } else { start + limit };
        let until = breaks.map_or(end, |records| end.min(start + records));
        let mut checksum = 0;
        loop {
            let stored = (*tail.borrow_and_update()).min(until);
            while next < stored {
                let batch = self.batch(next, stored.min(next + BATCH));
                for record in &batch.records {
                    checksum = crc32c::crc32c_append(checksum, record.body.as_bytes());
                    checksum = crc32c::crc32c_append(checksum, b"\n");
                }
                next += batch.records.len();
                send(next, Payload::Batch(batch)).await?;
            }
            if breaks.is_some() && next == until {
                return responses.send(Err(Status::unavailable("broken"))).await.ok();
            }
            if next == end || !request.follow {
                let reason = if next == end { EndReason::Limit } else { EndReason::EndOfHistory };
                let records = (next - start) as u64;
                let end = End { reason: reason.into(), records, scanned: records, checksum };
                return send(next, Payload::End(end)).await;
            }
            tokio::select! {
                changed = tail.changed() => changed.ok()?,
                () = responses.closed() => return None,
            }
        }
    }

    fn batch(&self, from: usize, to: usize) -> RecordBatch {
        let state = self.state.lock().unwrap();
        RecordBatch {
            records: state.records[from..to].to_vec(),
            resources: state.resources.clone(),
            first_offset: from as u64,
            ..RecordBatch::default()
        }
    }

    fn streams(&self) -> Vec<StreamInfo> {
        let stream = |name: &str, head, tail| StreamInfo {
            name: name.to_owned(),
            head,
            tail,
            oldest_unix_nano: if tail > 0 { 1_795_341_600_000_000_000 } else { 0 },
            newest_unix_nano: if tail > 0 { 1_795_341_600_500_000_000 } else { 0 },
            stored_bytes: tail * 1_000,
            read_only_reason: if name == "web" { "disk failed".to_owned() } else { String::new() },
            ..StreamInfo::default()
        };
        vec![stream("default", 0, 0), stream("web", 5, 12_345)]
    }
}

#[tonic::async_trait]
impl ReadService for Service {
    async fn tail(&self, request: Request<TailRequest>) -> Result<Response<BoxStream<TailResponse>>, Status> {
        let authorization = request.metadata().get("authorization").cloned();
        let request = request.into_inner();
        let stored = *self.tail.borrow();
        let start = match request.start.clone().and_then(|start| start.position) {
            Some(Position::AfterCursor(cursor)) => cursor[1..]
                .parse()
                .map_err(|_| Status::invalid_argument("start.after_cursor: \"x\x1b[2J\" is not a cursor"))?,
            Some(Position::Last(records)) => stored.saturating_sub(records as usize),
            Some(Position::Latest(_)) => stored,
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
        Ok(response)
    }

    async fn count(&self, request: Request<CountRequest>) -> Result<Response<CountResponse>, Status> {
        let mut state = self.state.lock().unwrap();
        state.counts.push(request.into_inner());
        let records = state.records.len() as u64;
        Ok(Response::new(CountResponse { records, scanned: records, cursor: format!("c{records}") }))
    }

    async fn list_streams(
        &self,
        _: Request<ListStreamsRequest>,
    ) -> Result<Response<ListStreamsResponse>, Status> {
        Ok(Response::new(ListStreamsResponse { streams: self.streams(), next_page_token: String::new() }))
    }

    async fn get_stream(
        &self,
        request: Request<GetStreamRequest>,
    ) -> Result<Response<GetStreamResponse>, Status> {
        let name = request.into_inner().stream;
        let stream = self.streams().into_iter().find(|stream| stream.name == name);
        let stream = stream.ok_or_else(|| Status::not_found(format!("stream {name:?} does not exist")))?;
        Ok(Response::new(GetStreamResponse { stream: Some(stream) }))
    }
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
