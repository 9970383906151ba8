//! The harness: real `spile-server` and `spile` processes on free ports and temporary folders.

mod http;
mod programs;
mod server;

pub use http::{get, metric};
pub use programs::{program, run_spile};
pub use server::{Server, ServerOptions};
