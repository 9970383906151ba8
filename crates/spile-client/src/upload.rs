//! Uploads: a file or pipe goes in chunk by chunk, and is durable when the answer comes.

mod chunks;
mod codec;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use spile_proto::v1::{UploadHeader, UploadResponse};
use tokio::io::AsyncRead;
use tokio::time::sleep;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Request, Response, Status};

use chunks::{Chunks, Failure, Piece};
use codec::UploadCodec;

use crate::client::{Authorized, Client};
use crate::error::Error;
use crate::retry::{Backoff, RetryPolicy, asked_wait, is_retryable};

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadProgress {
    /// How many bytes of the source were handed to the connection in this attempt.
    pub bytes: u64,
    /// 0 for the first attempt.
    pub attempt: u32,
}

impl Client {
    /// Uploads what a reader gives, to its end. The lines that are complete are durable bit by bit, all of them when the answer comes.
    ///
    /// A reader cannot be read twice, so a broken connection is an error here; [`upload_with`](Self::upload_with) tries again.
    ///
    /// ```no_run
    /// # async fn example(client: spile_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let header = spile_client::proto::UploadHeader {
    ///     stream: "web".to_owned(),
    ///     file_name: "access.log".to_owned(),
    ///     ..Default::default()
    /// };
    /// let file = tokio::fs::File::open("access.log").await?;
    /// let summary = client.upload(file, header, |progress| eprintln!("{} bytes", progress.bytes)).await?;
    /// println!("{} records", summary.records);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn upload<R>(
        &self,
        reader: R,
        header: UploadHeader,
        mut progress: impl FnMut(UploadProgress) + Send + 'static,
    ) -> Result<UploadResponse, Error>
    where
        R: AsyncRead + Send + Unpin + 'static,
    {
        let count = move |bytes| progress(UploadProgress { bytes, attempt: 0 });
        self.upload_once(reader, header, count).await
    }

    /// Uploads a source that can be opened again: after a broken connection it is sent anew, and what the server has already is
    /// not stored twice, by the header's `producer_id` or, when that is empty, a random one.
    ///
    /// ```no_run
    /// # async fn example(client: spile_client::Client) -> Result<(), spile_client::Error> {
    /// # let header = spile_client::proto::UploadHeader::default();
    /// let open = || tokio::fs::File::open("access.log");
    /// let retry = spile_client::RetryPolicy::default().max_attempts(10);
    /// let summary = client.upload_with(open, header, retry, |_| {}).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn upload_with<R, F>(
        &self,
        mut open: impl FnMut() -> F,
        mut header: UploadHeader,
        retry: RetryPolicy,
        progress: impl Fn(UploadProgress) + Send + Sync + 'static,
    ) -> Result<UploadResponse, Error>
    where
        R: AsyncRead + Send + Unpin + 'static,
        F: Future<Output = io::Result<R>>,
    {
        if header.producer_id.is_empty() {
            header.producer_id = format!("{:032x}", rand::random::<u128>());
        }
        let progress = Arc::new(progress);
        let mut backoff = Backoff::new(retry);
        loop {
            let attempt = backoff.attempts();
            let reader = open().await.map_err(|error| Error::Read(Arc::new(error)))?;
            let progress = Arc::clone(&progress);
            let count = move |bytes| progress(UploadProgress { bytes, attempt });
            let error = match self.upload_once(reader, header.clone(), count).await {
                Ok(summary) => return Ok(summary),
                Err(error) => error,
            };
            let Some(floor) = worth_another(&error) else {
                return Err(error);
            };
            let Some(wait) = backoff.next_wait(floor) else {
                return Err(match attempt {
                    0 => error,
                    attempts => Error::GaveUp { attempts, last: Box::new(error) },
                });
            };
            sleep(wait).await;
        }
    }

    async fn upload_once<R>(
        &self,
        reader: R,
        header: UploadHeader,
        count: impl FnMut(u64) + Send + 'static,
    ) -> Result<UploadResponse, Error>
    where
        R: AsyncRead + Send + Unpin + 'static,
    {
        let failure = Failure::default();
        let chunks = Chunks::new(reader, header, count, failure.clone());
        let response = open(self.writing(), chunks).await;
        match failure.take() {
            // The call has failed because of it.
            Some(error) => Err(Error::Read(Arc::new(error))),
            None => Ok(response?.into_inner()),
        }
    }
}

/// As the generated client does it, but for the codec.
async fn open<S>(mut client: Grpc<Authorized>, chunks: S) -> Result<Response<UploadResponse>, Status>
where
    S: Stream<Item = Piece> + Send + 'static,
{
    let unready = |error| Status::unavailable(format!("the connection is not ready: {error}"));
    client.ready().await.map_err(unready)?;
    let path = PathAndQuery::from_static("/spile.v1.WriteService/Upload");
    client.client_streaming(Request::new(chunks), path, UploadCodec).await
}

/// How long to wait at least before an upload is tried again; `None` when that is of no use.
fn worth_another(error: &Error) -> Option<Duration> {
    let status = error.status()?;
    is_retryable(status).then(|| asked_wait(status))
}
