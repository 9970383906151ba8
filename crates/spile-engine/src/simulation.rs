//! The whole engine on a disk that fails on purpose: every crash and error of a short history, and long histories by seed.
//!
//! Nothing here depends on time or threads: what blocks is run where the test says, offsets, ids and names come from a counter, and what survives a
//! power loss from a seed. So each failure can be repeated.

#![allow(clippy::unwrap_used)]

mod crash;
mod fault;

mod history;
mod known;
mod oracle;
mod random;
mod readers;
mod reading;
mod seeded;
mod world;
