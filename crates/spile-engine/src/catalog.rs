//! The set of streams, by name.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use thiserror::Error;

use crate::stream::Stream;

/// The stream that is meant when none is named.
pub const DEFAULT_STREAM: &str = "default";

/// The longest stream name, bytes.
pub const MAX_NAME_BYTES: usize = 128;

/// Why a stream name is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "stream name {name:?} is not acceptable: use 1 to 128 of a-z, 0-9, '.', '_' and '-', starting with a letter or digit"
)]
pub struct NameError {
    name: String,
}

/// Checks a stream's name: it is also the name of its folder.
pub fn check_name(name: &str) -> Result<(), NameError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = (1..=MAX_NAME_BYTES).contains(&name.len())
        && name.starts_with(plain)
        && name.chars().all(|c| plain(c) || matches!(c, '.' | '_' | '-'));
    if good { Ok(()) } else { Err(NameError { name: name.chars().take(160).collect() }) }
}

/// The open streams.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    streams: RwLock<BTreeMap<Arc<str>, Stream>>,
}

impl Catalog {
    pub(crate) fn get(&self, name: &str) -> Option<Stream> {
        self.streams.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub(crate) fn insert(&self, stream: Stream) {
        let mut streams = self.streams.write().unwrap_or_else(PoisonError::into_inner);
        streams.insert(stream.name().into(), stream);
    }

    pub(crate) fn remove(&self, name: &str) -> Option<Stream> {
        self.streams.write().unwrap_or_else(PoisonError::into_inner).remove(name)
    }

    /// Up to `count` streams with names behind `after`, by name.
    pub(crate) fn page(&self, after: Option<&str>, count: usize) -> Vec<Stream> {
        use std::ops::Bound::{Excluded, Unbounded};
        let streams = self.streams.read().unwrap_or_else(PoisonError::into_inner);
        let from = after.map_or(Unbounded, Excluded);
        streams.range::<str, _>((from, Unbounded)).map(|(_, s)| s.clone()).take(count).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.streams.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}
