//! Spile's stream engine.
//!
//! A stream is an append-only log; a tail is a cursor over it; the only notification is one monotone watch of the tail
//! offset. The engine knows the record encoding and nothing of gRPC, HTTP or telemetry.

pub mod frame;
pub mod offset;
pub mod record;
pub mod resource;
mod wire;

pub use frame::{Frame, FrameDraft};
pub use offset::Offset;
pub use record::RecordView;
pub use resource::ResourceDef;
pub use wire::WireError;
