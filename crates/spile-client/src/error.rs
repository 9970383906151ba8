//! The one error of this crate.

mod describe;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tonic::Status;
use tonic_types::StatusExt;

pub(crate) use describe::root_cause;

/// Why a call failed. Cheap to clone, so that everything that waited for the same call can have it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be read.
    #[error("the address {address:?} is not usable: {reason}")]
    Address {
        /// As given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A setting of the client cannot be used.
    #[error("the {setting} is not usable: {reason}")]
    Setting {
        /// The name of the setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection could be made.
    #[error("cannot reach spile at {address}: {}", root_cause(.source.as_ref()))]
    Connect {
        /// Where the server was looked for.
        address: String,
        /// What the transport says.
        source: Arc<tonic::transport::Error>,
    },
    /// The server refused or ended the call, or the connection broke ([`is_retryable`](crate::is_retryable) knows which).
    #[error("{}", describe::status(.0))]
    Status(Box<Status>),
    /// Nothing came from the server for so long, not even the progress that it sends at least every 15 s.
    #[error("nothing came from the server for {0:?}")]
    Silent(Duration),
    /// As often as the retry policy allows was tried, without getting on.
    #[error("gave up after {attempts} attempts: {last}")]
    GaveUp {
        /// How many attempts were made in a row without getting on.
        attempts: u32,
        /// How the last one failed.
        last: Box<Error>,
    },
    /// What arrived is not what the server sent.
    #[error("the records of this call are damaged: {0}")]
    Damaged(String),
    /// The server's answer does not follow the protocol.
    #[error("the server's answer does not follow the protocol: {0}")]
    Protocol(String),
    /// The source of an upload could not be read; the upload was cancelled.
    #[error("cannot read what is to be uploaded: {}", root_cause(.0.as_ref()))]
    Read(Arc<io::Error>),
    /// A record is larger than one batch may be.
    #[error("a record of {bytes} bytes is over the limit of {limit} bytes")]
    RecordTooLarge {
        /// Its encoded size.
        bytes: usize,
        /// The appender's `max_buffered_bytes`, or the limit of a message.
        limit: usize,
    },
    /// The appender was closed or dropped before this was acknowledged: it may be stored or not.
    #[error("the appender was closed before the record was acknowledged")]
    Closed,
}

impl Error {
    /// The server's status, when there is one.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        match self {
            Self::Status(status) => Some(status),
            Self::GaveUp { last, .. } => last.status(),
            _ => None,
        }
    }

    /// The reason of the server's `google.rpc.ErrorInfo`, for instance `UNKNOWN_LEVEL`: stable, for programs to match on.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let info = self.status()?.get_details_error_info()?;
        Some(info.reason)
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Status(Box::new(status))
    }
}

#[cfg(test)]
mod tests;
