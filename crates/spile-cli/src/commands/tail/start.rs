//! Where a tail starts, and how far it goes: what the options, and a cursor that was kept, come to.

use spile_client::Tail;

use crate::args::{Lines, TailArgs};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Start {
    After(String),
    Oldest,
    Latest,
    Last(u32),
    /// At the tail and downwards, so many records; 0 means all.
    Newest(u32),
}

impl Start {
    /// `stored` is the cursor that the cursor file held.
    pub(super) fn new(args: &TailArgs, stored: Option<String>) -> Self {
        match (args.after_cursor.clone().or(stored), args.lines) {
            (Some(cursor), _) => Self::After(cursor),
            (None, Lines::All) if args.reverse => Self::Newest(0),
            (None, Lines::Last(records @ 1..)) if args.reverse => Self::Newest(records),
            (None, Lines::All) => Self::Oldest,
            (None, Lines::Last(0)) => Self::Latest,
            (None, Lines::Last(records)) => Self::Last(records),
        }
    }

    pub(super) fn apply(&self, tail: Tail) -> Tail {
        match self {
            Self::After(cursor) => tail.after_cursor(cursor),
            Self::Oldest => tail.oldest(),
            Self::Latest => tail.latest(),
            Self::Last(records) => tail.last(*records),
            Self::Newest(_) => tail.latest(),
        }
    }

    /// The smaller of the limit that is asked for and of what the start brings with it; 0 means none.
    pub(super) fn limit(&self, asked: Option<u64>) -> u64 {
        match (self, asked) {
            (Self::Newest(records @ 1..), Some(asked @ 1..)) => asked.min((*records).into()),
            (Self::Newest(records @ 1..), _) => (*records).into(),
            (_, asked) => asked.unwrap_or(0),
        }
    }

    /// The cursor that stands when nothing was told.
    pub(super) fn cursor(&self) -> Option<&str> {
        match self {
            Self::After(cursor) => Some(cursor),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
