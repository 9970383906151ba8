//! The harness: real `spile-server` and `spile` processes on free ports and temporary folders, and generated records to fill them with.

pub mod generate;
mod http;
mod programs;
mod server;

pub use http::{HttpStream, get, metric, post};
pub use programs::{program, run_spile};
pub use server::{Server, ServerOptions};
