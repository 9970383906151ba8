//! What goes wrong between a database and its stream, and whether trying again may help.

use std::error::Error;

use spile_engine::AppendError;

use super::progress::ProgressError;

/// Why reading stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The database cannot be reached, or broke the connection.
    #[error("not connected: {0}")]
    Connect(String),
    /// The database refuses what it is asked.
    #[error("{0}")]
    Query(String),
    /// The table or query is not as it must be.
    #[error("{0}")]
    Shape(String),
    /// The rows are not stored.
    #[error("rows are not stored: {0}")]
    Append(#[from] AppendError),
    /// It is not known how far the database is read.
    #[error(transparent)]
    Progress(#[from] ProgressError),
}

impl Trouble {
    /// Its label in the metrics.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Query(_) => "query",
            Self::Shape(_) => "shape",
            Self::Append(_) | Self::Progress(_) => "append",
        }
    }

    /// Whether nothing but a person, and a new start of the server, can help.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Append(AppendError::Poisoned(_) | AppendError::Deleted | AppendError::Closed) => true,
            Self::Progress(error) => !matches!(error, ProgressError::Io { .. }),
            _ => false,
        }
    }
}

/// An error with what is behind it, in one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(refusal) = error.as_db_error() {
            let hint = refusal.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
            return Self::Query(format!("{}{hint} [{}]", refusal.message(), refusal.code().code()));
        }
        Self::Connect(chain(&error))
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::NotADatabase) => {
                Self::Connect(error.to_string())
            }
            _ => Self::Query(error.to_string()),
        }
    }
}
