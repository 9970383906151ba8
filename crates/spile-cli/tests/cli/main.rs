//! The built binary against a server in the test's process: what it prints where, and how it ends.
#![allow(clippy::unwrap_used)]

mod context;
mod ends;
mod export;
mod fake;
mod histogram;
mod process;
mod push;
mod queries;
mod reconnect;
mod streams;
mod tail;
mod terminal;
