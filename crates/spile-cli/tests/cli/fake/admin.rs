//! The fake's catalog and its administration, which changes nothing but remembers what it was asked.

use spile_proto::v1::admin_service_server::AdminService;
use spile_proto::v1::*;
use tonic::{Request, Response, Status};

use super::Service;

/// 7 days, nanoseconds.
const WEEK: u64 = 7 * 86_400_000_000_000;

/// An empty stream, and one with a past.
pub(super) fn streams() -> Vec<StreamInfo> {
    let empty = StreamInfo {
        name: "default".to_owned(),
        retention: Some(Retention { max_bytes: 0, max_age_nanos: WEEK, inherited: true }),
        ..StreamInfo::default()
    };
    let web = StreamInfo {
        name: "web".to_owned(),
        head: 5,
        tail: 12_345,
        oldest_unix_nano: 1_795_341_600_000_000_000,
        newest_unix_nano: 1_795_341_600_500_000_000,
        stored_bytes: 12_345_000,
        read_only_reason: "disk failed".to_owned(),
        records: 12_340,
        segments: 2,
        segment_records: 12_000,
        segment_bytes: 1_000_000,
        segment_raw_bytes: 8_240_000,
        retention: Some(Retention { max_bytes: 10 << 30, max_age_nanos: WEEK, inherited: false }),
    };
    vec![empty, web]
}

#[tonic::async_trait]
impl AdminService for Service {
    async fn update_retention(
        &self,
        request: Request<UpdateRetentionRequest>,
    ) -> Result<Response<UpdateRetentionResponse>, Status> {
        let request = request.into_inner();
        let inherited = Retention { max_bytes: 0, max_age_nanos: WEEK, inherited: true };
        let retention = Some(request.retention.unwrap_or(inherited));
        self.state.lock().unwrap().retentions.push(request);
        Ok(Response::new(UpdateRetentionResponse { retention }))
    }

    async fn delete_stream(
        &self,
        request: Request<DeleteStreamRequest>,
    ) -> Result<Response<DeleteStreamResponse>, Status> {
        self.state.lock().unwrap().deletions.push(request.into_inner());
        Ok(Response::new(DeleteStreamResponse { records: 12_340, bytes: 12_345_000 }))
    }

    async fn seal_stream(
        &self,
        _: Request<SealStreamRequest>,
    ) -> Result<Response<SealStreamResponse>, Status> {
        Ok(Response::new(SealStreamResponse { records: 345, sealed_to: 12_345 }))
    }

    async fn verify_stream(
        &self,
        request: Request<VerifyStreamRequest>,
    ) -> Result<Response<VerifyStreamResponse>, Status> {
        let damages = match request.into_inner().stream.as_str() {
            "web" => self.state.lock().unwrap().damages.clone(),
            _ => Vec::new(),
        };
        Ok(Response::new(VerifyStreamResponse { records: 12_340, bytes: 12_345_000, damages }))
    }
}
