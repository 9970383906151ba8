//! Where a tail starts: what the options, and a cursor that was kept, come to.

use spile_client::Tail;

use crate::args::{Lines, TailArgs};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Start {
    After(String),
    Oldest,
    Latest,
    Last(u32),
}

impl Start {
    /// `stored` is the cursor that the cursor file held.
    pub(super) fn new(args: &TailArgs, stored: Option<String>) -> Self {
        match (args.after_cursor.clone().or(stored), args.lines) {
            (Some(cursor), _) => Self::After(cursor),
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
