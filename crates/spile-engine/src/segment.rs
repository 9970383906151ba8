//! Segments: immutable Parquet files, each with a contiguous range of a stream's offsets.
//!
//! Any Parquet reader can read them; `docs/data.md` describes the columns. What Spile adds lies before the footer, where other readers do not
//! look: an index with the rows' order, a checksum of every page, and filters over the words of each page.
//!
//! A row group has some thousands of records with consecutive offsets. Inside of it they are ordered by severity (the worst first), shape of line,
//! service and resource, so that a page holds like records: it compresses better, and most pages can be passed over unread. Reading gives the
//! offset order back.
//!
//! In reading order: `shape` and `write` make a segment, `index` is what is added, `open` and `pages` are how it is read back and checked, `rows`
//! makes frames of its columns, `select` says which rows are worth reading, `read` does it.

pub(crate) mod index;
mod open;
mod pages;
mod read;
mod rows;
mod select;
mod shape;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;

use object_store::path::Path;
use parquet::errors::ParquetError;
use spile_columns::ColumnsError;
use thiserror::Error;

pub(crate) use open::{Group, OpenSegment};
pub(crate) use read::{Rows, Worth};
pub(crate) use write::{Sealed, SegmentWriter};

use crate::block::SeverityCounts;
use crate::frame::Summary;
use crate::offset::Offset;

/// The most bytes of a row group's records, as they are sent: 16 MiB.
pub(crate) const GROUP_BYTES: usize = 16 << 20;

/// What is known of a segment without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentMeta {
    /// Its file, relative to the store.
    pub(crate) path: Path,
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// crc32c of the file.
    pub(crate) crc: u32,
    /// Where the index and the footer start.
    pub(crate) tail_at: u64,
    /// crc32c of the index and the footer.
    pub(crate) tail_crc: u32,
    /// The offsets that it covers.
    pub(crate) first_offset: Offset,
    pub(crate) next_offset: Offset,
    /// How many records it has; fewer than the offsets that it covers when some are lost.
    pub(crate) records: u64,
    /// Bounds over its records.
    pub(crate) summary: Summary,
    /// How many records have each severity number.
    pub(crate) severities: SeverityCounts,
    /// Bytes of its records as they are sent.
    pub(crate) raw_bytes: u64,
    /// When the newest of its records was appended at the latest, Unix nanoseconds.
    pub(crate) appended_unix_nano: u64,
}

/// Why a segment could not be written.
#[derive(Debug, Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Why a segment, or a part of it, could not be read.
#[derive(Clone, Debug, Error)]
pub(crate) enum SegmentError {
    /// The file is not there.
    #[error("the file is missing")]
    Missing,
    /// What lies there is not what was written.
    #[error("{reason}")]
    Damaged { at: u64, reason: &'static str },
    /// The store failed; nothing is said about the content.
    #[error("{0}")]
    Io(Arc<str>),
}

impl SegmentError {
    fn damaged(at: u64, reason: &'static str) -> Self {
        Self::Damaged { at, reason }
    }

    /// Where the file is not what was written, and what is wrong; the error of a store that failed, which says nothing of that.
    pub(crate) fn damage(self) -> Result<(u64, &'static str), Arc<str>> {
        match self {
            Self::Missing => Ok((0, "the file is missing")),
            Self::Damaged { at, reason } => Ok((at, reason)),
            Self::Io(reason) => Err(reason),
        }
    }
}

impl From<object_store::Error> for SegmentError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            other => Self::Io(other.to_string().into()),
        }
    }
}
