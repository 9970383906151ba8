//! `Append`: batches in, durable acks out, in order.
//!
//! Records are not decoded on their way in: the request's batch is read as bytes, its records are checked where they lie and
//! laid down in frames as they came.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use futures_core::Stream as _;
use http::{Request, Response};
use spile_engine::frame::SenderResources;
use spile_engine::{Ack, Append, AppendError, ProducerSequence, Stream};
use spile_proto::v1::AppendResponse;
use tokio::sync::oneshot;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::server::{Grpc, StreamingService};
use tonic::{Status, Streaming};
use tonic_prost::ProstCodec;

use super::{WriteState, errors, stream_or_new};
use crate::grpc;
use crate::metrics::SourceLabel;
use crate::status::{ErrorReason, error};

/// How many batches of one call may wait for their acks; then the call is not read until the first is answered.
const MAX_WAITING: usize = 256;

/// The longest producer id, bytes.
pub(super) const MAX_PRODUCER_BYTES: usize = 128;

/// `spile.v1.AppendRequest` on the wire, with the batch left encoded: a message field and a bytes field look alike.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct AppendFrames {
    #[prost(string, tag = "1")]
    stream: String,
    #[prost(string, tag = "2")]
    producer_id: String,
    #[prost(uint64, tag = "3")]
    sequence: u64,
    #[prost(bytes = "bytes", tag = "4")]
    batch: Bytes,
}

/// The route's handler.
pub(super) async fn handle(
    State(state): State<WriteState>,
    request: Request<Body>,
) -> Response<tonic::body::Body> {
    let max_bytes = state.context.limits.max_request_bytes;
    let codec = ProstCodec::<AppendResponse, AppendFrames>::default();
    let mut grpc = grpc::taking!(Grpc::new(codec), max_bytes);
    grpc.streaming(Service(state), request).await
}

struct Service(WriteState);

impl StreamingService<AppendFrames> for Service {
    type Response = AppendResponse;
    type ResponseStream = Call;
    type Future = std::future::Ready<Result<tonic::Response<Call>, Status>>;

    fn call(&mut self, request: tonic::Request<Streaming<AppendFrames>>) -> Self::Future {
        let drain = Box::pin(self.0.context.drain.drained_owned());
        let call = Call {
            state: self.0.clone(),
            requests: request.into_inner(),
            sender: None,
            joining: None,
            acks: VecDeque::new(),
            ended: None,
            drain,
        };
        std::future::ready(Ok(tonic::Response::new(call)))
    }
}

type Acked = oneshot::Receiver<Result<Ack, AppendError>>;

/// Who sends, told in the first message.
struct Sender {
    stream: Stream,
    producer: Option<Arc<str>>,
    /// The last batch that joined the line.
    last: Option<u64>,
    resources: SenderResources,
}

/// A batch in the line of appends.
struct Waiting {
    sequence: u64,
    stream: Stream,
    bytes: u64,
    acked: Acked,
}

/// A batch that is on its way into the line; it brings the sender back.
type Joining = Pin<Box<dyn Future<Output = (Option<Sender>, Result<Waiting, Status>)> + Send>>;

/// One call: reads ahead, and answers in order.
struct Call {
    state: WriteState,
    requests: Streaming<AppendFrames>,
    /// `None` before the first message, and while a batch is joining.
    sender: Option<Sender>,
    joining: Option<Joining>,
    acks: VecDeque<Waiting>,
    /// No more is read; the result comes behind the acks.
    ended: Option<Result<(), Status>>,
    drain: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl futures_core::Stream for Call {
    type Item = Result<AppendResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Poll::Ready(answer) = self.poll_ack(cx) {
                return Poll::Ready(Some(answer));
            }
            if self.poll_joining(cx).is_ready() || self.poll_request(cx).is_ready() {
                continue;
            }
            if self.acks.is_empty()
                && self.joining.is_none()
                && let Some(ended) = self.ended.take()
            {
                // Fused by tonic: an error or the end is not polled past.
                self.ended = Some(Ok(()));
                return Poll::Ready(ended.err().map(Err));
            }
            return Poll::Pending;
        }
    }
}

impl Call {
    /// The answer to the oldest batch.
    fn poll_ack(&mut self, cx: &mut Context<'_>) -> Poll<Result<AppendResponse, Status>> {
        let Some(first) = self.acks.front_mut() else { return Poll::Pending };
        let Poll::Ready(result) = Pin::new(&mut first.acked).poll(cx) else { return Poll::Pending };
        let Some(waiting) = self.acks.pop_front() else { return Poll::Pending };
        Poll::Ready(match result.unwrap_or(Err(AppendError::Closed)) {
            Ok(ack) => Ok(self.answer(&waiting, &ack)),
            Err(why) => Err(errors::append_status(&why)),
        })
    }

    /// Sees a batch into the line. Ready when it has joined.
    fn poll_joining(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(joining) = &mut self.joining else { return Poll::Pending };
        let Poll::Ready((sender, joined)) = joining.as_mut().poll(cx) else { return Poll::Pending };
        self.joining = None;
        self.sender = sender;
        match joined {
            Ok(waiting) => self.acks.push_back(waiting),
            Err(status) => self.ended = Some(Err(status)),
        }
        Poll::Ready(())
    }

    /// Reads the next batch, when the one before has joined and not too many wait.
    fn poll_request(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.ended.is_some() || self.joining.is_some() || self.acks.len() >= MAX_WAITING {
            return Poll::Pending;
        }
        if self.drain.as_mut().poll(cx).is_ready() {
            self.ended = Some(Err(error(ErrorReason::Draining).into()));
            return Poll::Ready(());
        }
        let Poll::Ready(request) = Pin::new(&mut self.requests).poll_next(cx) else { return Poll::Pending };
        match request {
            Some(Ok(request)) => {
                self.joining = Some(Box::pin(join(self.state.clone(), self.sender.take(), request)));
            }
            Some(Err(status)) => {
                let max_bytes = self.state.context.limits.max_request_bytes;
                self.ended = Some(Err(grpc::explain(status, max_bytes)));
            }
            None => self.ended = Some(Ok(())),
        }
        Poll::Ready(())
    }

    fn answer(&self, waiting: &Waiting, ack: &Ack) -> AppendResponse {
        let Ack { first_offset, records, next_offset, duplicate } = *ack;
        if !duplicate {
            let metrics = &self.state.context.metrics;
            let label = SourceLabel { source: "append" };
            metrics.appended_records.get_or_create(&label).inc_by(records);
            metrics.appended_bytes.get_or_create(&label).inc_by(waiting.bytes);
        }
        let cursor = waiting.stream.token(next_offset).encode();
        AppendResponse {
            sequence: waiting.sequence,
            first_offset: first_offset.0,
            records,
            duplicate,
            cursor,
        }
    }
}

/// Checks a batch and joins the line.
async fn join(
    state: WriteState,
    sender: Option<Sender>,
    request: AppendFrames,
) -> (Option<Sender>, Result<Waiting, Status>) {
    let mut sender = match sender {
        Some(sender) => sender,
        None => match introduce(&state, &request).await {
            Ok(sender) => sender,
            Err(status) => return (None, Err(status)),
        },
    };
    let joined = enqueue(&state, &mut sender, request).await;
    (Some(sender), joined)
}

async fn introduce(state: &WriteState, first: &AppendFrames) -> Result<Sender, Status> {
    check_producer("producer_id", &first.producer_id)?;
    let producer = (!first.producer_id.is_empty()).then(|| first.producer_id.as_str().into());
    let stream = stream_or_new(&state.engine, &first.stream).await?;
    Ok(Sender { stream, producer, last: None, resources: SenderResources::default() })
}

async fn enqueue(state: &WriteState, sender: &mut Sender, request: AppendFrames) -> Result<Waiting, Status> {
    let AppendFrames { stream, producer_id, sequence, batch } = request;
    let changed = |field: &str| {
        let why = "must stay as in the call's first message, or be empty; use another call";
        error(ErrorReason::InvalidField).field(field, why).into_status()
    };
    if !stream.is_empty() && stream != sender.stream.name() {
        return Err(changed("stream"));
    }
    if !producer_id.is_empty() && Some(producer_id.as_str()) != sender.producer.as_deref() {
        return Err(changed("producer_id"));
    }
    let received_unix_nano = state.context.clock.now_unix_nano();
    let bytes = batch.len() as u64;
    let drafts = sender.resources.drafts(&batch, received_unix_nano);
    let drafts = drafts
        .map_err(|why| error(ErrorReason::InvalidField).field("batch", why.to_string()).into_status())?;
    if drafts.is_empty() {
        let why = "has no records; send at least one";
        return Err(error(ErrorReason::InvalidField).field("batch.records", why).into());
    }
    let producer =
        sender.producer.clone().map(|producer| ProducerSequence { producer, sequence, after: sender.last });
    let append = Append { drafts, producer, received_unix_nano };
    let acked = sender.stream.enqueue(append).await.map_err(|why| errors::append_status(&why))?;
    sender.last = Some(sequence);
    Ok(Waiting { sequence, stream: sender.stream.clone(), bytes, acked })
}

/// Checks a producer id from outside.
pub(super) fn check_producer(field: &str, producer_id: &str) -> Result<(), Status> {
    if producer_id.len() <= MAX_PRODUCER_BYTES {
        return Ok(());
    }
    let why = format!("has {} bytes, at most {MAX_PRODUCER_BYTES} are taken", producer_id.len());
    Err(error(ErrorReason::InvalidField).field(field, why).into())
}
