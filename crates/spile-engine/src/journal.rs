//! The journal: the fsynced write-ahead log of one stream's recent frames.
//!
//! Frames are appended to files named by their first offset; one write and one `fdatasync` make a whole
//! commit durable. The bytes are laid out in `layout`; recovery is described in `recover`.
//!
//! # What an open can tell
//!
//! Every entry says which records were durable before it was written, and the checkpoint says it once more in
//! a file of its own: whenever the journal is opened, trimmed, or [marked](Journal::mark). Damage to records
//! that are thereby *known* to be durable is corruption: the journal does not open. Damage behind them can
//! only be what a crash left of a commit that was never acknowledged: it is cut off.
//!
//! So these are told at open: a file that is missing or cut short, or not the last one and altered in its
//! heads; any altered byte of a file's start; any altered head but those of the last commit. Not told apart
//! from a torn commit are alterations of the *last* commit, and a last file that someone cut short, unless
//! the journal was marked since, as a clean shutdown and an idle stream do. Bodies of records known to be
//! durable are verified when they are read, and by a repair; so opening takes the time of reading heads,
//! however much is stored.

mod body;
mod checkpoint;
mod entries;
mod files;
mod index;
mod layout;
mod open;
mod pass;
mod plan;
mod producers;
mod prologue;
mod reader;
mod recover;
mod repair;
mod retain;
mod scan;
#[cfg(test)]
mod tests;
mod walk;
mod writer;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

pub use entries::PendingFrame;
pub use open::{JournalOptions, Recovered};
pub use producers::{ProducerMark, ProducerState, Producers};
pub use reader::{JournalReader, ReadError, ReadRun};
pub use recover::Verdict;
pub use writer::{Committed, Journal};

use crate::offset::Offset;

/// The most bytes of one frame's batch (resources and records), before compression: 1 MiB.
pub const MAX_BATCH_BYTES: usize = 1024 * 1024;

/// The most bytes that the marks of one frame take: 8 MiB. A frame whose every record is the batch of another
/// producer with the longest name takes a quarter of it.
pub const MAX_MARKS_BYTES: usize = 8 * 1024 * 1024;

/// The longest name of a producer: 128 bytes.
pub const MAX_PRODUCER_NAME_BYTES: usize = 128;

/// How many producers are remembered: 65,536.
pub const MAX_PRODUCERS: usize = 65_536;

/// The index has one entry per this many bytes of file, or per entry if that is larger: 64 KiB.
const BLOCK_BYTES: u64 = 64 * 1024;

/// Offsets whose records are lost: `from` up to, not including, `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapRange {
    /// The first lost offset.
    pub from: Offset,
    /// The offset behind the last lost one.
    pub to: Offset,
}

/// Durable bytes that are not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub file: PathBuf,
    /// Where in the file, bytes.
    pub at: u64,
    /// The first offset that is affected.
    pub from: Offset,
    /// The offset behind the last affected one; equal to `from` when no record is.
    pub to: Offset,
    /// What is wrong.
    pub reason: &'static str,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, at, from, to, reason } = self;
        write!(f, "{} at byte {at}: {reason} (offsets {from} to {to})", file.display())
    }
}

/// Why a journal does not open.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The disk failed; nothing is said about the content.
    #[error("cannot read or write {}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Durable data is damaged: never empty, in the order of offsets.
    #[error(
        "the journal is damaged: {}; start with --repair to quarantine what is damaged and to go on with a gap", list(.0)
    )]
    Corrupt(Vec<Damage>),
    /// The journal was written by another version of this program.
    #[error("{} has layout version {found}, this program knows version {known}; use the one that wrote it", file.display())]
    Version {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u32,
        /// The version that can be read.
        known: u32,
    },
}

/// The first damages; a disk that is wholly gone has many.
fn list(damages: &[Damage]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = damages.iter().take(SHOWN).map(Damage::to_string).collect();
    let mut text = shown.join("; ");
    if damages.len() > SHOWN {
        text += &format!("; and {} more", damages.len() - SHOWN);
    }
    text
}

/// Why a commit, a new file or a checkpoint was not made.
#[derive(Debug, Error)]
pub enum CommitError {
    /// Nothing was written and the journal is as it was: it can be tried again, say when there is space.
    #[error("not written: {0}")]
    NotWritten(io::Error),
    /// What is on disk is no longer known. Every later commit fails; what was durable before stays readable.
    /// Only opening the journal again finds out.
    #[error("the journal takes no more appends since a write failed: {0}")]
    Poisoned(Arc<str>),
}
