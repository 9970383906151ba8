//! The fake's write service: stores each number of a producer once.

use std::collections::VecDeque;

use spile_proto::v1::write_service_server::WriteService;
use spile_proto::v1::{AppendRequest, AppendResponse, UploadRequest, UploadResponse};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use super::read::cursor;
use super::{AppendPlan, Fake, Guard};

#[tonic::async_trait]
impl WriteService for Fake {
    async fn upload(
        &self,
        request: Request<Streaming<UploadRequest>>,
    ) -> Result<Response<UploadResponse>, Status> {
        let _guard = self.enter();
        let mut requests = request.into_inner();
        let mut header = None;
        let mut bytes = Vec::new();
        while let Some(request) = requests.message().await? {
            header = header.or(request.header);
            bytes.extend_from_slice(&request.chunk);
        }
        let mut state = self.state();
        if let Some(status) = state.upload_plans.pop_front() {
            return Err(status);
        }
        let response = UploadResponse {
            records: bytes.split_inclusive(|byte| *byte == b'\n').count() as u64,
            bytes: bytes.len() as u64,
            ..UploadResponse::default()
        };
        state.uploads.push((header.unwrap_or_default(), bytes));
        Ok(Response::new(response))
    }

    async fn append(
        &self,
        request: Request<Streaming<AppendRequest>>,
    ) -> Result<Response<BoxStream<AppendResponse>>, Status> {
        let plan = {
            let mut state = self.state();
            state.append_calls += 1;
            state.append_plans.pop_front()
        };
        let (acks, receiver) = mpsc::channel(1);
        let call = AppendCall { fake: self.enter(), acks, stored: 0 };
        tokio::spawn(call.run(request.into_inner(), plan));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

struct AppendCall {
    fake: Guard,
    acks: mpsc::Sender<Result<AppendResponse, Status>>,
    stored: usize,
}

impl AppendCall {
    async fn run(mut self, mut requests: Streaming<AppendRequest>, plan: Option<AppendPlan>) {
        if let Some(AppendPlan::OneByOne(allowed)) = plan {
            return self.store_at_once_and_acknowledge(requests, allowed).await;
        }
        while let Ok(request) = requests.message().await {
            let Some(request) = request else {
                self.fake.0.state().appends_closed += 1;
                return;
            };
            if let Some(AppendPlan::Refuse(status)) = &plan {
                // A client that has gone needs no answer.
                let _gone = self.acks.send(Err(status.clone())).await;
                return;
            }
            let mut ack = self.fake.0.store(request);
            self.stored += 1;
            let answer = match &plan {
                Some(AppendPlan::NeverAck) => continue,
                Some(AppendPlan::StoreThenFail(acked, status)) if self.stored > *acked => Err(status.clone()),
                Some(AppendPlan::WrongSequence) => {
                    ack.sequence += 1;
                    Ok(ack)
                }
                _ => Ok(ack),
            };
            let over = answer.is_err();
            if self.acks.send(answer).await.is_err() || over {
                return;
            }
        }
    }

    /// Takes whatever comes, and acknowledges as many as allowed.
    async fn store_at_once_and_acknowledge(
        self,
        mut requests: Streaming<AppendRequest>,
        mut allowed: watch::Receiver<u64>,
    ) {
        let mut waiting = VecDeque::new();
        let mut acked = 0;
        loop {
            while acked < *allowed.borrow_and_update()
                && let Some(ack) = waiting.pop_front()
            {
                acked += 1;
                if self.acks.send(Ok(ack)).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                request = requests.message() => match request {
                    Ok(Some(request)) => waiting.push_back(self.fake.0.store(request)),
                    _ => return,
                },
                changed = allowed.changed() => if changed.is_err() {
                    return;
                },
            }
        }
    }
}

impl Fake {
    fn store(&self, request: AppendRequest) -> AppendResponse {
        let mut state = self.state();
        let batch = request.batch.unwrap_or_default();
        if let Some(last) = state.producers.get(&request.producer_id)
            && request.sequence <= last.sequence
        {
            let known = request.sequence == last.sequence;
            return AppendResponse {
                sequence: request.sequence,
                first_offset: if known { last.first_offset } else { 0 },
                records: batch.records.len() as u64,
                duplicate: true,
                cursor: last.cursor.clone(),
            };
        }
        let first_offset = state.records.len() as u64;
        let records = batch.records.len();
        state.records.extend(batch.records);
        state.batches.push(records);
        let tail = state.records.len() as u64;
        let answer = AppendResponse {
            sequence: request.sequence,
            first_offset,
            records: records as u64,
            duplicate: false,
            cursor: cursor(tail),
        };
        state.producers.insert(request.producer_id, answer.clone());
        drop(state);
        self.tail.send_replace(tail);
        answer
    }
}
