//! Client library of Spile: logs go in durable, and come out as one stream that keeps going.
//!
//! - [`Client::tail`] reads what is stored, then what arrives. It keeps its cursor and resumes behind it after a broken
//!   connection, a server's restart, or silence: without a hole and without a duplicate.
//! - [`Client::explore`] does the same with a request that changes: filter, pause, seek, older records and context on one call.
//! - [`Client::appender`] writes records; each is acknowledged when it is durable, and stored once whatever happens on the way.
//! - [`Client::upload`] sends a file or pipe.
//! - [`Client::count`], [`Client::histogram`], [`Client::context`], [`Client::all_streams`], [`Client::get_stream`] answer at once.
//! - [`Client::update_retention`], [`Client::delete_stream`], [`Client::seal_stream`], [`Client::verify_stream`] administer.
//!
//! ```no_run
//! # async fn example() -> Result<(), spile_client::Error> {
//! use spile_client::{Client, TailEvent};
//! let client = Client::connect("127.0.0.1:50051").await?;
//! let mut errors = client.tail().level("error").follow().open();
//! while let Some(event) = errors.next().await {
//!     match event? {
//!         TailEvent::Batch(batch) => batch.iter().for_each(|r| println!("{}", r.record.body)),
//!         TailEvent::Gap(gap) => eprintln!("offsets {} to {} are gone", gap.from, gap.to),
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Everything is bounded and pulled: a tail that nobody polls reads nothing, an appender that is not acknowledged makes its
//! callers wait. Dropping a tail, an appender or a call's future frees all that it held and cancels what it had asked for.

mod address;
mod append;
mod auth;
mod builder;
mod checksum;
mod client;
mod error;
mod explore;
mod record;
mod retry;
mod tail;
mod upload;

#[cfg(test)]
mod tests;

pub use address::DEFAULT_PORT;
pub use append::{Ack, Appender, AppenderBuilder, PendingAck};
pub use builder::ClientBuilder;
pub use client::{Client, Context};
pub use error::Error;
pub use explore::{Explore, ExploreEvent, Explorer};
pub use record::{AttributeValue, NewRecord, key_value, resource};
pub use retry::{RetryPolicy, is_retryable};
/// The messages of the wire.
pub use spile_proto::v1 as proto;
pub use tail::{Interruption, Tail, TailBatch, TailEnd, TailEvent, TailRecord, TailStream};
pub use tonic::{Code, Status};
pub use upload::UploadProgress;
