//! A reader of the engine in any order, as a running stream sees it.

use std::task::{Context, Poll};

use spile_engine::frame::{Picked, Rows};
use spile_engine::journal::ReadError;
use spile_engine::subscription::{ByTime, Delivery, NewestFirst};
use spile_engine::time_key::{TimeKey, TimePosition};
use spile_engine::token::TimeToken;
use spile_engine::{Offset, Stream, Subscription};

use super::plan::Reading;

/// What reads, by its order.
pub(super) enum Reader {
    /// By offset: the only one that can follow.
    Forward(Subscription),
    NewestFirst(NewestFirst),
    ByTime(Box<ByTime>),
}

/// A position of a reader, in its order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Offset(Offset),
    Time(TimePosition),
}

/// Records as they come from the reader.
pub(super) enum Records {
    /// Where they lie, in offset order.
    Picked(Picked),
    /// Copied out, in the reader's order.
    Rows(Rows),
}

impl Records {
    /// The bytes of their fields.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Picked(picked) => picked.records().len(),
            Self::Rows(rows) => rows.records().len(),
        }
    }
}

impl Reader {
    /// Reads a stream by this plan.
    pub(super) fn open(stream: &Stream, reading: Reading) -> Self {
        match reading {
            Reading::Forward(plan) => Self::Forward(stream.subscribe(plan)),
            Reading::NewestFirst(plan) => Self::NewestFirst(stream.newest_first(plan)),
            Reading::ByTime(plan) => Self::ByTime(Box::new(stream.by_time(plan))),
        }
    }

    /// How many records it will deliver, when that is known without a scan.
    pub(super) fn known_total(&self) -> Option<u64> {
        match self {
            Self::Forward(reader) => reader.known_total(),
            Self::NewestFirst(reader) => reader.known_total(),
            Self::ByTime(reader) => reader.known_total(),
        }
    }

    pub(super) fn stream(&self) -> &Stream {
        match self {
            Self::Forward(reader) => reader.stream(),
            Self::NewestFirst(reader) => reader.stream(),
            Self::ByTime(reader) => reader.stream(),
        }
    }

    pub(super) fn scanned(&self) -> u64 {
        match self {
            Self::Forward(reader) => reader.scanned(),
            Self::NewestFirst(reader) => reader.scanned(),
            Self::ByTime(reader) => reader.scanned(),
        }
    }

    pub(super) fn delivered(&self) -> u64 {
        match self {
            Self::Forward(reader) => reader.delivered(),
            Self::NewestFirst(reader) => reader.delivered(),
            Self::ByTime(reader) => reader.delivered(),
        }
    }

    /// The offset that its cursor names.
    pub(super) fn position(&self) -> Offset {
        match self {
            Self::Forward(reader) => reader.position(),
            Self::NewestFirst(reader) => reader.position(),
            Self::ByTime(reader) => reader.position().next.offset,
        }
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        match self {
            Self::Forward(_) | Self::NewestFirst(_) => Place::Offset(self.position()),
            Self::ByTime(reader) => Place::Time(reader.position()),
        }
    }

    /// Where it stood right behind this record.
    pub(super) fn place_behind(&self, offset: Offset, time_unix_nano: u64) -> Place {
        match self {
            Self::Forward(_) => Place::Offset(offset.plus(1)),
            Self::NewestFirst(_) => Place::Offset(offset),
            Self::ByTime(reader) => {
                let next = TimeKey { unix_nano: time_unix_nano, offset }.next();
                Place::Time(TimePosition { next, ..reader.position() })
            }
        }
    }

    /// The cursor that names a place.
    pub(super) fn cursor_at(&self, place: Place) -> String {
        match place {
            Place::Offset(offset) => self.stream().token(offset).encode(),
            Place::Time(position) => TimeToken { stream_id: self.stream().id(), position }.encode(),
        }
    }

    /// Where to resume.
    pub(super) fn cursor(&self) -> String {
        self.cursor_at(self.place())
    }

    /// How far behind the tail a reader is that goes towards it.
    pub(super) fn lag(&self) -> Option<u64> {
        match self {
            Self::Forward(reader) => Some(reader.stream().tail().since(reader.position())),
            Self::NewestFirst(_) | Self::ByTime(_) => None,
        }
    }

    /// From now on, a reader that follows ends where the tail stands now.
    pub(super) fn end_at_tail(&mut self) {
        if let Self::Forward(reader) = self {
            reader.end_at_tail();
        }
    }

    /// Ready when it is known where reading starts.
    pub(super) fn poll_located(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ReadError>> {
        match self {
            Self::Forward(reader) => reader.poll_located(cx),
            Self::NewestFirst(_) | Self::ByTime(_) => Poll::Ready(Ok(())),
        }
    }

    /// The next delivery; `None` behind the last one.
    pub(super) fn poll_delivery(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Delivery<Records>, ReadError>>> {
        match self {
            Self::Forward(reader) => {
                reader.poll_delivery(cx).map(|next| next.map(|it| it.map(|it| it.map(Records::Picked))))
            }
            Self::NewestFirst(reader) => {
                reader.poll_delivery(cx).map(|next| next.map(|it| it.map(|it| it.map(Records::Rows))))
            }
            Self::ByTime(reader) => {
                reader.poll_delivery(cx).map(|next| next.map(|it| it.map(|it| it.map(Records::Rows))))
            }
        }
    }
}
