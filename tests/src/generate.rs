//! Realistic log records, made from a seed: the same seed gives the same bytes on every machine and in every version.
//!
//! Lines have the shapes and lengths that services, daemons, proxies and Java programs are known for: twenty services that differ
//! in volume as real ones do, on fifty hosts; a request id in each line; numbers, addresses, paths and durations; some JSON, some
//! logfmt, some stack traces. Times ascend nearly. Three things are planted, so that what a search must find is known: see
//! [`needles`].

mod attributes;
mod batches;
mod fill;
mod jsonl;
pub mod needles;
mod own_lines;
mod random;
mod records;
mod services;
mod shared_lines;
mod template;

pub use batches::Batches;
pub use jsonl::JsonLines;
pub use records::{Generated, Records};
pub use services::{HOSTS, SERVICES, Service};

#[cfg(test)]
mod tests;
