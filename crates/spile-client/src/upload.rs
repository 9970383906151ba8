//! Uploads: a file or pipe goes in chunk by chunk, and is durable when the answer comes.

mod chunks;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use spile_proto::v1::{UploadHeader, UploadResponse};
use tokio::io::AsyncRead;
use tokio::sync::oneshot;
use tokio::time::sleep;

use chunks::Chunks;

use crate::client::Client;
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
        let (failed, failure) = oneshot::channel();
        let chunks = Chunks::new(reader, header, count, failed);
        let mut client = self.writing();
        tokio::select! {
            biased;
            // A request stream cannot end with an error: the call is cancelled by dropping it, so that the server does not take what
            // it has for the whole.
            Ok(error) = failure => Err(Error::Read(Arc::new(error))),
            response = client.upload(chunks) => Ok(response?.into_inner()),
        }
    }
}

/// How long to wait at least before an upload is tried again; `None` when that is of no use.
fn worth_another(error: &Error) -> Option<Duration> {
    let status = error.status()?;
    is_retryable(status).then(|| asked_wait(status))
}
