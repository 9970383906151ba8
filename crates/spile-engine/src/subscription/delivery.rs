//! What readers yield, whatever their order.

use std::future::Future;
use std::pin::Pin;

use crate::cursor::{End, GapCause};
use crate::frame::Picked;
use crate::journal::ReadError;
use crate::offset::Offset;
use crate::stream::Stream;

/// What a reader yields. Its records come as `R`: picked where they lie, or copied out where the order is not theirs.
#[derive(Clone, Debug)]
pub enum Delivery<R = Picked> {
    /// Matching records; never none.
    Records(R),
    /// A range that is not delivered.
    Gap {
        /// First offset of it.
        from: Offset,
        /// First offset behind it.
        to: Offset,
        /// Why.
        cause: GapCause,
    },
    /// All that was stored when reading began is delivered; what follows is live. Once, and only when following.
    CaughtUp,
    /// The last one.
    End(End),
}

impl<R> Delivery<R> {
    /// The same with its records in another form.
    #[must_use]
    pub fn map<T>(self, form: impl FnOnce(R) -> T) -> Delivery<T> {
        match self {
            Self::Records(records) => Delivery::Records(form(records)),
            Self::Gap { from, to, cause } => Delivery::Gap { from, to, cause },
            Self::CaughtUp => Delivery::CaughtUp,
            Self::End(end) => Delivery::End(end),
        }
    }
}

/// Something that is waited for.
pub(super) type Waits<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What one look at the stream came to.
pub(super) enum Turn<R = Picked> {
    Deliver(Delivery<R>),
    /// Looked through so many bytes and found nothing.
    Scanned(usize),
    /// There is something to wait for now.
    Wait,
}

/// Says in the log that records are told as a gap because they are damaged.
pub(crate) fn tell_corrupt(stream: &Stream, error: &ReadError) {
    if let ReadError::Corrupt { from, to, file, at, reason } = error {
        let stream = stream.name();
        tracing::error!(stream, %file, at, reason, %from, %to, "records are corrupt and told as a gap");
    }
}
