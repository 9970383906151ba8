//! Lines in, durable records out: what uploads and followed files have in common.
//!
//! Bytes are cut into lines, each line becomes a record, records are laid down in frames, and frames are appended with several on their
//! way. Every batch is numbered by its [`Place`](place::Place) in the input, so that reading an input again stores nothing twice, however
//! its bytes were cut into batches before.

pub(crate) mod decoder;
pub(crate) mod drafts;
pub(crate) mod origin;
pub(crate) mod pipeline;
pub(crate) mod place;

pub(crate) mod convert;
pub(crate) mod resources;

#[cfg(test)]
mod tests;
