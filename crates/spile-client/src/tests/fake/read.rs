//! The fake's read service. Its cursors are `c` and the next offset; newest first `r` and the offset that was delivered last;
//! by time `t` and how many records were delivered.

use spile_proto::v1::read_service_server::ReadService;
use spile_proto::v1::start::Position;
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{
    CaughtUp, ContextRequest, ContextResponse, CountRequest, CountResponse, End, EndReason, ExploreRequest,
    ExploreResponse, GetStreamRequest, GetStreamResponse, HistogramRequest, HistogramResponse,
    ListStreamsRequest, ListStreamsResponse, Order, Progress, RecordBatch, Resource, TailRequest,
    TailResponse, context_request,
};
use tokio::sync::mpsc;
use tokio::time::{Duration, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt};

use super::{Fake, Guard, Plan};
use crate::checksum::BodyChecksum;

/// Records of one message, at most.
const BATCH: u64 = 7;

type Responses = mpsc::Sender<Result<TailResponse, Status>>;

#[tonic::async_trait]
impl ReadService for Fake {
    async fn tail(&self, request: Request<TailRequest>) -> Result<Response<BoxStream<TailResponse>>, Status> {
        let (metadata, _, request) = request.into_parts();
        let plan = {
            let mut state = self.state();
            state.metadata.push(metadata);
            state.tails.push(request.clone());
            state.plans.pop_front().unwrap_or(Plan::Serve)
        };
        match &plan {
            Plan::Refuse(status) => return Err(status.clone()),
            Plan::NeverAnswer => std::future::pending().await,
            _ => {}
        }
        let tail = *self.tail.borrow();
        let order = request.order();
        let position = request.start.and_then(|start| start.position);
        let newest_first = order == Order::NewestFirst;
        let start = match position {
            Some(Position::Oldest(_)) | None if newest_first => tail,
            None | Some(Position::Oldest(_)) => 0,
            Some(Position::Latest(_)) => tail,
            Some(Position::Last(last)) => tail.saturating_sub(last.into()),
            Some(Position::Offset(offset)) => offset,
            Some(Position::AfterCursor(cursor)) => parse_cursor(order, &cursor)?,
            Some(position @ (Position::TimeUnixNano(_) | Position::Before(_))) => {
                return Err(Status::unimplemented(format!("the fake knows no {position:?}")));
            }
        };
        let (start, tail) = if newest_first { (0, start) } else { (start, tail) };
        let (sender, receiver) = mpsc::channel(1);
        let call = TailCall {
            fake: self.enter(),
            sender,
            order,
            tail,
            next: start,
            limit: if request.limit == 0 { u64::MAX } else { request.limit },
            follow: request.follow,
            checksum: BodyChecksum::default(),
            sent: 0,
        };
        let mut response: Response<BoxStream<TailResponse>> =
            Response::new(Box::pin(ReceiverStream::new(receiver)));
        if !matches!(plan, Plan::NoStartCursor(_)) {
            let cursor = call.cursor().parse().unwrap();
            response.metadata_mut().insert("spile-start-cursor", cursor);
            if order != Order::Unspecified {
                response.metadata_mut().insert("spile-total-records", (tail - start).into());
            }
        }
        tokio::spawn(call.run(plan));
        Ok(response)
    }

    async fn count(&self, request: Request<CountRequest>) -> Result<Response<CountResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        self.state().metadata.push(metadata);
        if request.filter.is_some_and(|filter| filter.level == "loud") {
            let mut details = ErrorDetails::new();
            details
                .set_error_info("UNKNOWN_LEVEL", "spile", [] as [(String, String); 0])
                .add_bad_request_violation("filter.level", "\"loud\" is not a level");
            return Err(Status::with_error_details(Code::InvalidArgument, "unknown level", details));
        }
        let records = *self.tail.borrow();
        Ok(Response::new(CountResponse { records, scanned: records, cursor: cursor(records) }))
    }

    async fn histogram(
        &self,
        request: Request<HistogramRequest>,
    ) -> Result<Response<HistogramResponse>, Status> {
        let mut state = self.state();
        state.histograms.push(request.into_inner());
        Ok(Response::new(state.histogram.clone()))
    }

    async fn explore(
        &self,
        request: Request<Streaming<ExploreRequest>>,
    ) -> Result<Response<BoxStream<ExploreResponse>>, Status> {
        Ok(self.begin_explore(request.into_inner()))
    }

    async fn context(&self, request: Request<ContextRequest>) -> Result<Response<ContextResponse>, Status> {
        let request = request.into_inner();
        let Some(context_request::Position::Offset(offset)) = request.position else {
            return Err(Status::invalid_argument("only offsets are known here"));
        };
        let first_offset = offset.saturating_sub(request.before.into());
        let state = self.state();
        let more = if request.stream == "generous" { 1 } else { 0 };
        let end = (offset + u64::from(request.after) + more).min(state.records.len() as u64);
        let records = state.records[first_offset as usize..end as usize].to_vec();
        let resources =
            vec![Resource { hash: 1, ..Resource::default() }, Resource { hash: 2, ..Resource::default() }];
        let batch = RecordBatch { records, resources, first_offset, ..RecordBatch::default() };
        Ok(Response::new(ContextResponse { batch: Some(batch), gaps: Vec::new() }))
    }

    async fn list_streams(
        &self,
        request: Request<ListStreamsRequest>,
    ) -> Result<Response<ListStreamsResponse>, Status> {
        // Pages of two, whatever is asked for.
        let skip = request.get_ref().page_token.parse().unwrap_or(0);
        let streams = self.state().streams.clone();
        let page: Vec<_> = streams.iter().skip(skip).take(2).cloned().collect();
        let next = skip + page.len();
        Ok(Response::new(ListStreamsResponse {
            streams: page,
            next_page_token: if next < streams.len() { next.to_string() } else { String::new() },
        }))
    }

    async fn get_stream(
        &self,
        request: Request<GetStreamRequest>,
    ) -> Result<Response<GetStreamResponse>, Status> {
        let name = &request.get_ref().stream;
        let stream = self.state().streams.iter().find(|stream| stream.name == *name).cloned();
        let missing = || Status::not_found(format!("stream {name:?} does not exist"));
        Ok(Response::new(GetStreamResponse { stream: Some(stream.ok_or_else(missing)?) }))
    }
}

pub(in crate::tests) fn cursor(next: u64) -> String {
    format!("c{next}")
}

fn parse_cursor(order: Order, cursor: &str) -> Result<u64, Status> {
    let prefix = match order {
        Order::Unspecified => 'c',
        Order::NewestFirst => 'r',
        Order::ByTime => 't',
    };
    let number = cursor.strip_prefix(prefix).and_then(|number| number.parse().ok());
    number.ok_or_else(|| Status::invalid_argument("not a cursor"))
}

struct TailCall {
    fake: Guard,
    sender: Responses,
    order: Order,
    /// One behind the last record to deliver, unless followed.
    tail: u64,
    /// Newest first it counts from the start; otherwise it is a position in the order.
    next: u64,
    limit: u64,
    follow: bool,
    checksum: BodyChecksum,
    sent: u64,
}

/// The client has gone.
struct Gone;

impl TailCall {
    async fn run(mut self, plan: Plan) {
        // A client that goes away ends the call, which is all there is to do.
        let _gone = self.serve(plan).await;
    }

    fn cursor(&self) -> String {
        match self.order {
            Order::Unspecified => cursor(self.next),
            Order::NewestFirst => format!("r{}", self.tail - self.next),
            Order::ByTime => format!("t{}", self.next),
        }
    }

    /// Which record is at this position of the order.
    fn offset(&self, position: u64) -> u64 {
        match self.order {
            Order::Unspecified => position,
            Order::NewestFirst => self.tail - 1 - position,
            // Neighbours have changed places.
            Order::ByTime => (position ^ 1).min(self.tail - 1),
        }
    }

    async fn serve(&mut self, plan: Plan) -> Result<(), Gone> {
        let records = match &plan {
            Plan::EndAfter(records, ..) | Plan::FailAfter(records, _) | Plan::SilentAfter(records) => {
                *records
            }
            Plan::NoStartCursor(_) => 0,
            _ => u64::MAX,
        };
        self.limit = self.limit.min(records);
        let forge = if let Plan::Forge(forge) = &plan { *forge } else { |_: &mut TailResponse| {} };
        let reason = self.deliver(forge).await?;
        match plan {
            Plan::EndAfter(_, reason, status) => self.end(reason, 0, 0, status).await,
            Plan::FailAfter(_, status) | Plan::NoStartCursor(status) => self.fail(status).await,
            Plan::SilentAfter(_) => {
                self.sender.closed().await;
                Err(Gone)
            }
            Plan::WrongEnd => self.end(reason, 1, 0, None).await,
            Plan::WrongTrailer => self.end(reason, 0, 1, None).await,
            _ => self.end(reason, 0, 0, None).await,
        }
    }

    /// Delivers until the limit, or until the tail when it is not to be followed.
    async fn deliver(&mut self, forge: fn(&mut TailResponse)) -> Result<EndReason, Gone> {
        let mut told = false;
        let mut watch = self.fake.0.tail.subscribe();
        loop {
            if self.sent >= self.limit {
                return Ok(EndReason::Limit);
            }
            let stored = if self.follow { *watch.borrow_and_update() } else { self.tail };
            if self.next < stored {
                self.send_batch(stored, forge).await?;
                continue;
            }
            if !self.follow {
                return Ok(EndReason::EndOfHistory);
            }
            if !std::mem::replace(&mut told, true) {
                self.send(Payload::CaughtUp(CaughtUp { tail: stored })).await?;
            }
            let sender = self.sender.clone();
            tokio::select! {
                changed = timeout(Duration::from_secs(15), watch.changed()) => if changed.is_err() {
                    let progress = Progress { next_offset: self.next, tail: stored, scanned: self.sent };
                    self.send(Payload::Progress(progress)).await?;
                },
                () = sender.closed() => return Err(Gone),
            }
        }
    }

    async fn send_batch(&mut self, stored: u64, forge: fn(&mut TailResponse)) -> Result<(), Gone> {
        let first = self.next;
        let count = BATCH.min(stored - first).min(self.limit - self.sent);
        let offsets: Vec<u64> = (first..first + count).map(|position| self.offset(position)).collect();
        let records: Vec<_> = {
            let state = self.fake.0.state();
            offsets.iter().map(|offset| state.records[*offset as usize].clone()).collect()
        };
        records.iter().for_each(|record| self.checksum.add(&record.body));
        let resource = |hash| Resource { hash, attributes: Vec::new() };
        let resources = if self.sent == 0 { vec![resource(1), resource(2)] } else { Vec::new() };
        self.next += count;
        self.sent += count;
        let batch = match self.order {
            Order::Unspecified => {
                RecordBatch { records, resources, first_offset: first, ..Default::default() }
            }
            _ => RecordBatch { records, resources, offsets, ..Default::default() },
        };
        let mut response = TailResponse { cursor: self.cursor(), payload: Some(Payload::Batch(batch)) };
        forge(&mut response);
        self.send_response(response).await
    }

    async fn end(
        &mut self,
        reason: EndReason,
        end_error: u32,
        trailer_error: u32,
        status: Option<Status>,
    ) -> Result<(), Gone> {
        self.send(Payload::End(End {
            reason: reason.into(),
            records: self.sent,
            scanned: self.sent,
            checksum: self.checksum.value() ^ end_error,
        }))
        .await?;
        let mut status = status.unwrap_or_else(|| Status::new(Code::Ok, ""));
        let checksum = format!("{:08x}", self.checksum.value() ^ trailer_error);
        status.metadata_mut().insert("spile-checksum", checksum.parse().unwrap());
        self.fail(status).await
    }

    async fn fail(&mut self, status: Status) -> Result<(), Gone> {
        self.sender.send(Err(status)).await.map_err(|_| Gone)
    }

    async fn send(&mut self, payload: Payload) -> Result<(), Gone> {
        self.send_response(TailResponse { cursor: self.cursor(), payload: Some(payload) }).await
    }

    async fn send_response(&mut self, response: TailResponse) -> Result<(), Gone> {
        self.sender.send(Ok(response)).await.map_err(|_| Gone)?;
        self.fake.0.state().furthest = self.next;
        Ok(())
    }
}
