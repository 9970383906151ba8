//! The fake's administration: it keeps nothing, and answers what it is asked with numbers to know it by.

use spile_proto::v1::admin_service_server::AdminService;
use spile_proto::v1::*;
use tonic::{Request, Response, Status};

use super::Fake;

#[tonic::async_trait]
impl AdminService for Fake {
    async fn update_retention(
        &self,
        request: Request<UpdateRetentionRequest>,
    ) -> Result<Response<UpdateRetentionResponse>, Status> {
        let request = request.into_inner();
        let inherited = Retention { max_bytes: 7, max_age_nanos: 8, inherited: true };
        let retention =
            if request.stream == "silent" { None } else { Some(request.retention.unwrap_or(inherited)) };
        self.state().retentions.push(request);
        Ok(Response::new(UpdateRetentionResponse { retention }))
    }

    async fn delete_stream(
        &self,
        request: Request<DeleteStreamRequest>,
    ) -> Result<Response<DeleteStreamResponse>, Status> {
        let DeleteStreamRequest { stream, confirm } = request.into_inner();
        if stream != confirm {
            return Err(Status::invalid_argument("confirm: it is not the name of the stream"));
        }
        Ok(Response::new(DeleteStreamResponse { records: 1, bytes: 2 }))
    }

    async fn seal_stream(
        &self,
        _: Request<SealStreamRequest>,
    ) -> Result<Response<SealStreamResponse>, Status> {
        Ok(Response::new(SealStreamResponse { records: 3, sealed_to: 4 }))
    }

    async fn verify_stream(
        &self,
        _: Request<VerifyStreamRequest>,
    ) -> Result<Response<VerifyStreamResponse>, Status> {
        let damage =
            Damage { file: "x.parquet".to_owned(), at: 5, from: 6, to: 7, reason: "torn".to_owned() };
        Ok(Response::new(VerifyStreamResponse { records: 8, bytes: 9, damages: vec![damage] }))
    }
}
