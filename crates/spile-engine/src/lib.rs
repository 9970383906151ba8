//! Spile's stream engine.
//!
//! A stream is an append-only log; a tail is a cursor over it; the only notification is one monotone watch of the tail
//! offset. The engine knows the record encoding and nothing of gRPC, HTTP or telemetry.

pub mod append;
pub mod block;
mod blocking;
pub mod catalog;
pub mod cursor;
pub mod disk;
pub mod engine;
pub mod filter;
#[cfg(test)]
mod fixture;
pub mod frame;
pub mod journal;
pub mod limits;
mod manifest;
#[cfg(test)]
mod model_tests;
pub mod offset;
pub mod record;
pub mod resource;
mod ring;
mod segment;
mod segments;
#[cfg(test)]
mod simulation;
pub mod stream;
pub mod subscription;
mod tail_watch;
pub mod tally;
pub mod terms;
pub mod time_key;
pub mod token;

pub(crate) use spile_columns::wire;

pub use append::{Ack, Append, AppendError, ProducerSequence};
pub use blocking::{Blocking, RuntimeThreads, Task};
pub use engine::{DeletedStream, Engine, EngineError, EngineOptions, SealedStreams};
pub use frame::{Frame, FrameDraft};
pub use limits::{Limits, Retention, SealPolicy, SegmentLayout};
pub use manifest::ManifestError;
pub use offset::Offset;
pub use record::RecordView;
pub use resource::ResourceDef;
pub use segments::{ChangeError, SealedRange, Verified};
pub use stream::Stream;
pub use subscription::Subscription;
pub use token::CursorToken;
pub use wire::WireError;
