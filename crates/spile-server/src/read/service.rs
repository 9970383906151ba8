//! The unary calls of `spile.v1.ReadService`, and the stubs of both reading services.

use spile_engine::{Offset, Stream};
use spile_proto::example::log_service_server::LogService;
use spile_proto::v1::{self, read_service_server::ReadService};
use tonic::{Request, Response, Status};

use super::{ReadState, context, count, plan};
use crate::administer::retention_of;
use crate::status::{ErrorReason, error};

const DEFAULT_PAGE: usize = 100;
const MAX_PAGE: u32 = 1_000;

#[tonic::async_trait]
impl ReadService for ReadState {
    // `tail` and `explore` are served by routes of their own (`handlers`); their default stubs are never reached.

    async fn count(&self, request: Request<v1::CountRequest>) -> Result<Response<v1::CountResponse>, Status> {
        count::count(self, request.into_inner()).await.map(Response::new)
    }

    async fn histogram(
        &self,
        request: Request<v1::HistogramRequest>,
    ) -> Result<Response<v1::HistogramResponse>, Status> {
        count::histogram(self, request.into_inner()).await.map(Response::new)
    }

    async fn context(
        &self,
        request: Request<v1::ContextRequest>,
    ) -> Result<Response<v1::ContextResponse>, Status> {
        context::context(self, request.into_inner()).await.map(Response::new)
    }

    async fn list_streams(
        &self,
        request: Request<v1::ListStreamsRequest>,
    ) -> Result<Response<v1::ListStreamsResponse>, Status> {
        let v1::ListStreamsRequest { page_size, page_token } = request.into_inner();
        let count = match page_size {
            0 => DEFAULT_PAGE,
            1..=MAX_PAGE => page_size as usize,
            _ => {
                let why = format!("{page_size} is out of range; use 0 (for {DEFAULT_PAGE}) to {MAX_PAGE}");
                return Err(error(ErrorReason::InvalidField).field("page_size", why).into());
            }
        };
        let after = (!page_token.is_empty()).then_some(page_token.as_str());
        // One more than asked for tells whether there is another page.
        let mut streams = self.engine.streams(after, count + 1);
        let more = streams.len() > count;
        streams.truncate(count);
        let last = streams.last().filter(|_| more);
        let next_page_token = last.map(|stream| stream.name().to_owned()).unwrap_or_default();
        let streams = streams.iter().map(|stream| self.info(stream)).collect();
        Ok(Response::new(v1::ListStreamsResponse { streams, next_page_token }))
    }

    async fn get_stream(
        &self,
        request: Request<v1::GetStreamRequest>,
    ) -> Result<Response<v1::GetStreamResponse>, Status> {
        let stream = plan::named_stream(&self.engine, &request.into_inner().stream)?;
        Ok(Response::new(v1::GetStreamResponse { stream: Some(self.info(&stream)) }))
    }
}

#[tonic::async_trait]
impl LogService for ReadState {
    // Both calls are served by routes of their own, `handlers::get_logs` and `handlers::stream_logs`.
}

impl ReadState {
    /// [`ReadService::count`] for other doors.
    pub(crate) async fn counted(&self, request: v1::CountRequest) -> Result<v1::CountResponse, Status> {
        count::count(self, request).await
    }

    /// [`ReadService::histogram`] for other doors.
    pub(crate) async fn drawn(&self, request: v1::HistogramRequest) -> Result<v1::HistogramResponse, Status> {
        count::histogram(self, request).await
    }

    fn info(&self, stream: &Stream) -> v1::StreamInfo {
        let status = stream.status();
        let Offset(head) = status.head;
        let Offset(tail) = status.tail;
        let (oldest_unix_nano, newest_unix_nano) = status.times_unix_nano.unwrap_or_default();
        v1::StreamInfo {
            name: stream.name().to_owned(),
            head,
            tail,
            oldest_unix_nano,
            newest_unix_nano,
            stored_bytes: status.stored_bytes,
            read_only_reason: status.read_only.map(|reason| reason.to_string()).unwrap_or_default(),
            records: stream.retained_records(),
            segments: status.segments,
            segment_records: status.segment_records,
            segment_bytes: status.segment_bytes,
            segment_raw_bytes: status.segment_raw_bytes,
            retention: Some(retention_of(stream, &self.retention)),
        }
    }
}
