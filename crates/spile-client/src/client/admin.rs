//! Administration: what is kept of a stream.

use spile_proto::v1::admin_service_client::AdminServiceClient;
use spile_proto::v1::{
    DeleteStreamRequest, DeleteStreamResponse, Retention, SealStreamRequest, SealStreamResponse,
    UpdateRetentionRequest, VerifyStreamRequest, VerifyStreamResponse,
};

use super::{Authorized, Client};
use crate::error::Error;

impl Client {
    /// Says how much of a stream (empty: `default`) is kept; `None` gives it back to the server's settings. Gives what holds now.
    pub async fn update_retention(
        &self,
        stream: &str,
        retention: Option<Retention>,
    ) -> Result<Retention, Error> {
        let request = UpdateRetentionRequest { stream: stream.to_owned(), retention };
        let response = self.admin().update_retention(request).await?.into_inner();
        response.retention.ok_or_else(|| Error::Protocol("the answer holds no retention".to_owned()))
    }

    /// Deletes a stream with everything in it, for good. `confirm` must be the same name: whoever deletes must mean it.
    pub async fn delete_stream(&self, stream: &str, confirm: &str) -> Result<DeleteStreamResponse, Error> {
        let request = DeleteStreamRequest { stream: stream.to_owned(), confirm: confirm.to_owned() };
        Ok(self.admin().delete_stream(request).await?.into_inner())
    }

    /// Moves what is in the journal of a stream (empty: `default`) to segments now, whatever its size and age.
    pub async fn seal_stream(&self, stream: &str) -> Result<SealStreamResponse, Error> {
        let request = SealStreamRequest { stream: stream.to_owned() };
        Ok(self.admin().seal_stream(request).await?.into_inner())
    }

    /// Has all that is stored of a stream (empty: `default`) read and held against its checksums. Damage is an answer, no error.
    pub async fn verify_stream(&self, stream: &str) -> Result<VerifyStreamResponse, Error> {
        let request = VerifyStreamRequest { stream: stream.to_owned() };
        Ok(self.admin().verify_stream(request).await?.into_inner())
    }

    fn admin(&self) -> AdminServiceClient<Authorized> {
        AdminServiceClient::with_interceptor(self.channel.clone(), self.connection.auth.clone())
            .max_decoding_message_size(self.connection.max_message)
            .max_encoding_message_size(self.connection.max_message)
    }
}
