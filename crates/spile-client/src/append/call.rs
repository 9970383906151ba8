//! One `Append` call: batches out, acknowledgements in, at the same time.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use spile_proto::v1::AppendResponse;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Response, Status, Streaming};

use super::ack::BatchAck;
use super::batch::{Batch, Request};
use super::codec::AppendCodec;
use super::driver::Driver;
use crate::client::Authorized;
use crate::error::Error;
use crate::retry::Backoff;

/// A call that is open, or being opened.
pub(super) struct Call<'a> {
    driver: &'a Driver,
    /// Not acknowledged, in order. The first `sent` of them were sent on this call.
    unacked: &'a mut VecDeque<Batch>,
    sent: usize,
    backoff: &'a mut Backoff,
    /// `None` once there is nothing more to send.
    requests: Option<mpsc::Sender<Request>>,
    acks: Acks,
    /// When an acknowledgement became due or the last one came.
    waiting_since: Instant,
}

/// How a call ended.
#[derive(Debug)]
pub(super) enum CallEnd {
    /// Everything is acknowledged and nothing more will come.
    Done,
    /// The server ended it while nothing was on the way.
    Idle,
    /// The server refused, or the connection broke.
    Failed(Status),
    /// The server broke its word.
    Broken(Error),
    /// An acknowledgement is overdue.
    Silent,
}

/// What happens next on a call.
enum Next {
    Ack(Option<Result<AppendResponse, Status>>),
    /// There is room to send one.
    Room,
    /// Another batch is complete; `None`: there will be none.
    Batch(Option<Batch>),
    Overdue,
}

impl<'a> Call<'a> {
    pub(super) fn open(
        driver: &'a Driver,
        unacked: &'a mut VecDeque<Batch>,
        backoff: &'a mut Backoff,
    ) -> Self {
        // One request at a time waits for HTTP/2's window; the others wait where they are counted.
        let (requests, feed) = mpsc::channel(1);
        let opening = open(driver.client.writing(), Feed(feed));
        Self {
            driver,
            unacked,
            sent: 0,
            backoff,
            requests: Some(requests),
            acks: Acks::Opening(Box::pin(opening)),
            waiting_since: Instant::now(),
        }
    }

    pub(super) async fn run(mut self) -> CallEnd {
        loop {
            match self.next().await {
                Next::Ack(Some(Ok(ack))) => {
                    if let Err(error) = self.acknowledge(ack) {
                        return CallEnd::Broken(error);
                    }
                }
                Next::Ack(Some(Err(status))) => return self.over(status),
                Next::Ack(None) => {
                    let early = "the call ended before its acknowledgements";
                    return self.over(Status::unavailable(early));
                }
                Next::Room => self.send(),
                Next::Batch(Some(batch)) => self.unacked.push_back(batch),
                Next::Batch(None) => self.requests = None,
                Next::Overdue => return CallEnd::Silent,
            }
        }
    }

    async fn next(&mut self) -> Next {
        let has_unsent = self.sent < self.unacked.len();
        let may_send = has_unsent && self.sent < self.driver.max_in_flight;
        let overdue = self.waiting_since + self.driver.ack_timeout;
        let requests = self.requests.as_ref();
        tokio::select! {
            biased;
            ack = self.acks.next() => Next::Ack(ack),
            // Room that was found is still there a moment later: only this call sends. When the receiver is gone the call is
            // over, which its acknowledgements tell.
            Ok(_) = reserve(requests), if may_send => Next::Room,
            batch = self.driver.shared.next_batch(), if !has_unsent && requests.is_some() => Next::Batch(batch),
            () = sleep_until(overdue), if self.sent > 0 => Next::Overdue,
        }
    }

    fn send(&mut self) {
        if let (Some(requests), Some(batch)) = (&self.requests, self.unacked.get(self.sent)) {
            let request = batch.request(&self.driver.stream, &self.driver.producer_id);
            if requests.try_send(request).is_ok() {
                if self.sent == 0 {
                    self.waiting_since = Instant::now();
                }
                self.sent += 1;
            }
        }
    }

    fn acknowledge(&mut self, ack: AppendResponse) -> Result<(), Error> {
        let AppendResponse { sequence, first_offset, records, duplicate, cursor } = ack;
        let expected = self.unacked.front().filter(|_| self.sent > 0);
        let Some(batch) = expected.filter(|batch| batch.sequence == sequence) else {
            return Err(Error::Protocol(format!(
                "batch {sequence} is acknowledged, but {:?} is next",
                expected.map(|batch| batch.sequence)
            )));
        };
        if !duplicate && records != batch.records {
            return Err(Error::Protocol(format!(
                "{records} records of batch {sequence} are acknowledged, but it has {}",
                batch.records
            )));
        }
        let batch = self.unacked.pop_front().expect("the front was just looked at");
        batch.resolve(Some(Ok(BatchAck {
            first_offset: (!duplicate || first_offset > 0).then_some(first_offset),
            duplicate,
            cursor: cursor.into(),
        })));
        self.sent -= 1;
        self.waiting_since = Instant::now();
        self.backoff.reset();
        Ok(())
    }

    fn over(&self, status: Status) -> CallEnd {
        match (self.unacked.is_empty(), &self.requests) {
            (false, _) => CallEnd::Failed(status),
            // With everything acknowledged, it does not matter how the call ends.
            (true, Some(_)) => CallEnd::Idle,
            (true, None) => CallEnd::Done,
        }
    }
}

/// As the generated client does it, but for the codec.
async fn open(
    mut client: Grpc<Authorized>,
    feed: Feed,
) -> Result<Response<Streaming<AppendResponse>>, Status> {
    let unready = |error| Status::unavailable(format!("the connection is not ready: {error}"));
    client.ready().await.map_err(unready)?;
    let path = PathAndQuery::from_static("/spile.v1.WriteService/Append");
    client.streaming(tonic::Request::new(feed), path, AppendCodec).await
}

async fn reserve(
    requests: Option<&mpsc::Sender<Request>>,
) -> Result<mpsc::Permit<'_, Request>, mpsc::error::SendError<()>> {
    match requests {
        Some(requests) => requests.reserve().await,
        None => std::future::pending().await,
    }
}

type Opening = Pin<Box<dyn Future<Output = Result<Response<Streaming<AppendResponse>>, Status>> + Send>>;

/// The acknowledgements of a call. A server may answer before or after it has seen the first request, so opening is a part of it.
enum Acks {
    Opening(Opening),
    Open(Box<Streaming<AppendResponse>>),
}

impl Acks {
    /// Cancel-safe.
    async fn next(&mut self) -> Option<Result<AppendResponse, Status>> {
        if let Self::Opening(opening) = self {
            match opening.await {
                Ok(response) => *self = Self::Open(Box::new(response.into_inner())),
                Err(status) => return Some(Err(status)),
            }
        }
        match self {
            Self::Open(acks) => acks.message().await.transpose(),
            Self::Opening(_) => unreachable!("it was opened above"),
        }
    }
}

/// The requests as the transport pulls them.
struct Feed(mpsc::Receiver<Request>);

impl Stream for Feed {
    type Item = Request;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Request>> {
        self.0.poll_recv(cx)
    }
}
