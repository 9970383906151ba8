//! The records around a position.

use spile_proto::v1::{ContextRequest, ContextResponse, Gap, Order};

use super::Client;
use crate::error::Error;
use crate::tail::{OrderCheck, ResourceTable, TailBatch};

/// The records around a position.
#[derive(Clone, Debug)]
pub struct Context {
    /// In offset order; empty when there are none.
    pub records: TailBatch,
    /// Ranges between them that can no longer be read.
    pub gaps: Vec<Gap>,
}

impl Client {
    /// Gives the records around a position: what led to a record, and what followed it. Of records so large that those of one
    /// side come to more than a mebibyte, the nearest come.
    ///
    /// ```no_run
    /// # async fn example(client: spile_client::Client) -> Result<(), spile_client::Error> {
    /// use spile_client::proto::{ContextRequest, context_request::Position};
    /// // Record 1000, three before it, and three after it.
    /// let position = Some(Position::Offset(1000));
    /// let request = ContextRequest { position, before: 3, after: 1 + 3, ..ContextRequest::default() };
    /// for line in client.context(request).await?.records.iter() {
    ///     println!("{} {}", line.offset, line.record.body);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn context(&self, request: ContextRequest) -> Result<Context, Error> {
        let response = self.reading().context(request.clone()).await?.into_inner();
        Context::of(response, &request)
    }
}

impl Context {
    /// What a response holds, if it is one to this request.
    pub(crate) fn of(response: ContextResponse, request: &ContextRequest) -> Result<Self, Error> {
        let asked = u64::from(request.before) + u64::from(request.after);
        let ContextResponse { batch, gaps } = response;
        let records = ResourceTable::default().resolve(batch.unwrap_or_default())?;
        OrderCheck::new(Order::Unspecified).accept(&records)?;
        if records.len() as u64 > asked {
            let message = format!("{} records came where at most {asked} were asked for", records.len());
            return Err(Error::Protocol(message));
        }
        Ok(Self { records, gaps })
    }
}
