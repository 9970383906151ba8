//! The client against servers that run in the same process, over real HTTP/2: loopback TCP where the network is what is tested,
//! an in-memory pipe with paused time where time is.
#![allow(clippy::unwrap_used)]

mod append;
mod explore;
mod fake;
mod net;
mod orders;
mod paused;
mod recovery;
mod resets;
mod tail;
mod unary;
mod upload;
