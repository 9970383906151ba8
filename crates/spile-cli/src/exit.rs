//! What can go wrong, how it is told, and the exit status that it gives.

use std::io;
use std::process::ExitCode;

use crate::notes::Notes;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Failed,
    Usage,
    /// Ended by a signal of this number.
    Signal(u8),
}

impl Exit {
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            // As shells report it.
            Self::Signal(number) => 128 + number,
        })
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Client(#[from] spile_client::Error),
    /// Nobody is there to say whether a server should run, so the message does.
    #[error("{0}; is spile-server running? (--addr or SPILE_ADDR)")]
    Unreachable(spile_client::Error),
    #[error("cannot start: {0}")]
    Start(io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    #[error("{what} {path}: {source}")]
    File { what: &'static str, path: String, source: io::Error },
    #[error("{0}")]
    Settings(String),
    /// A record does not fit the columns of Parquet.
    #[error("cannot write as Parquet: {0}")]
    Columns(#[from] spile_columns::ColumnsError),
    #[error("cannot write as Parquet: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// For a reason that leaves something out.
    #[error("the tail ended early: {0}")]
    Ended(&'static str),
    /// What the command line asks for makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Whoever read standard output has gone: nothing is wrong.
    #[error("the reader of standard output has gone")]
    ReaderGone,
    /// It has been told already.
    #[error("failed")]
    Told,
}

impl CliError {
    /// For writes to standard output.
    pub(crate) fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Output(error),
        }
    }
}

/// Tells an error, unless it is none or was told.
pub(crate) fn report(outcome: Result<(), CliError>, notes: &Notes) -> Exit {
    match outcome {
        Ok(()) | Err(CliError::ReaderGone) => Exit::Done,
        Err(CliError::Told) => Exit::Failed,
        Err(error @ CliError::Usage(_)) => {
            notes.error(&error.to_string());
            Exit::Usage
        }
        Err(error) => {
            notes.error(&error.to_string());
            Exit::Failed
        }
    }
}

/// Tells what is wrong with the command line, or gives the help that it asks for.
pub(crate) fn usage(error: &clap::Error) -> Exit {
    // With standard output or standard error gone there is nobody to tell.
    let _unheard = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}
