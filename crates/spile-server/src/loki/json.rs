//! The JSON form: `{"streams": [{"stream": {"label": "text"}, "values": [["unix nanoseconds", "line", {"name": "text"}]]}]}`.
//!
//! It is read entry by entry; no list of entries is built. The labels may stand behind the values, so the records of a stream are kept encoded until
//! they are known.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use spile_lines::LineParser;
use tonic::Status;

use super::entry::{self, Entry};
use super::labels::{Labels, MAX_PAIRS, Origin};
use super::push::Push;
use crate::status::{ErrorReason, error};

/// Reads a request into `push`.
pub(super) fn read(text: &[u8], push: &mut Push) -> Result<(), Status> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let read = json.deserialize_map(Request(push)).and_then(|()| json.end());
    // A request that is too much is told as such, not as the reader's error.
    match (push.failure.take(), read) {
        (Some(status), _) => Err(status),
        (None, Err(why)) => Err(error(ErrorReason::InvalidMessage)
            .message(format!("not a push request in JSON: {why}"))
            .into()),
        (None, Ok(())) => Ok(()),
    }
}

struct Request<'a>(&'a mut Push);

impl<'de> Visitor<'de> for Request<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `streams`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            if name == "streams" {
                map.next_value_seed(Streams(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Streams<'a>(&'a mut Push);

impl<'de> DeserializeSeed<'de> for Streams<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, list: D) -> Result<(), D::Error> {
        list.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Streams<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of streams")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(OneStream(self.0))?.is_some() {}
        Ok(())
    }
}

struct OneStream<'a>(&'a mut Push);

impl<'de> DeserializeSeed<'de> for OneStream<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, stream: D) -> Result<(), D::Error> {
        stream.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneStream<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stream with `stream` and `values`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut origin = None;
        let mut kept = Kept::default();
        self.0.begin_stream();
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            match name.as_ref() {
                "stream" => {
                    let Pairs(labels) = map.next_value()?;
                    origin = Some(self.0.origin(&labels).map_err(A::Error::custom)?);
                }
                "values" => {
                    map.next_value_seed(Values { push: self.0, origin: origin.as_ref(), kept: &mut kept })?;
                }
                // Passed over, its entries would be lost without a word.
                "labels" | "entries" => {
                    let why = "a stream has `labels` or `entries`, the form of before Loki 1.0; send `stream` and `values`";
                    return Err(A::Error::custom(why));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let origin = origin.unwrap_or_default();
        kept.push(self.0, &origin).map_err(A::Error::custom)
    }
}

/// Entries that came before their labels: encoded as of no origin, one behind the other.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Kept {
    fn push(self, push: &mut Push, origin: &Origin) -> Result<(), Failed> {
        let mut start = 0;
        for end in self.ends {
            push.record(&self.bytes[start..end], origin)?;
            start = end;
        }
        Ok(())
    }
}

/// Reading stops because of what is in [`Push::failure`].
pub(super) struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request is refused")
    }
}

struct Values<'a> {
    push: &'a mut Push,
    origin: Option<&'a Origin>,
    kept: &'a mut Kept,
}

impl<'de> DeserializeSeed<'de> for Values<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, list: D) -> Result<(), D::Error> {
        list.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let parser = LineParser::new();
        let unknown = Origin::default();
        let mut encoded = Vec::new();
        while let Some(OneEntry(entry)) = list.next_element()? {
            match self.origin {
                Some(origin) => {
                    encoded.clear();
                    entry::encode(entry, origin, &parser, &mut encoded);
                    self.push.record(&encoded, origin).map_err(A::Error::custom)?;
                }
                None => {
                    let before = self.kept.bytes.capacity() + self.kept.ends.capacity() * size_of::<usize>();
                    entry::encode(entry, &unknown, &parser, &mut self.kept.bytes);
                    self.kept.ends.push(self.kept.bytes.len());
                    let after = self.kept.bytes.capacity() + self.kept.ends.capacity() * size_of::<usize>();
                    self.push.grow(after - before).map_err(A::Error::custom)?;
                }
            }
        }
        Ok(())
    }
}

/// `["unix nanoseconds", "line"]`, with a third element for structured metadata.
struct OneEntry<'a>(Entry<'a>);

impl<'de> Deserialize<'de> for OneEntry<'de> {
    fn deserialize<D: Deserializer<'de>>(entry: D) -> Result<Self, D::Error> {
        struct Parts;

        impl<'de> Visitor<'de> for Parts {
            type Value = Entry<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an entry: [\"unix nanoseconds\", \"line\"]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Entry<'de>, A::Error> {
                let missing = |at| A::Error::invalid_length(at, &self);
                let Text(time) = parts.next_element()?.ok_or_else(|| missing(0))?;
                let time_unix_nano = time.parse().map_err(|_| {
                    let shown = &time[..time.floor_char_boundary(64)];
                    A::Error::custom(format_args!(
                        "an entry's time is {shown:?}; write unix nanoseconds as text"
                    ))
                })?;
                let Text(line) = parts.next_element()?.ok_or_else(|| missing(1))?;
                let metadata = parts.next_element()?.map_or_else(Vec::new, |Pairs(pairs)| pairs);
                while parts.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Entry { time_unix_nano, line, metadata })
            }
        }

        entry.deserialize_seq(Parts).map(Self)
    }
}

/// A text that stays where it is if it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        struct Borrowing;

        impl<'de> Visitor<'de> for Borrowing {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }

        text.deserialize_str(Borrowing).map(Self)
    }
}

/// An object of texts.
struct Pairs<'a>(Labels<'a>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(pairs: D) -> Result<Self, D::Error> {
        struct Listing;

        impl<'de> Visitor<'de> for Listing {
            type Value = Labels<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Vec::new())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(Text(name)) = map.next_key()? {
                    let Text(text) = map.next_value()?;
                    pairs.push((name, text));
                    if pairs.len() > MAX_PAIRS {
                        return Err(A::Error::custom(format_args!(
                            "an object has more than {MAX_PAIRS} names"
                        )));
                    }
                }
                Ok(pairs)
            }
        }

        pairs.deserialize_any(Listing).map(Self)
    }
}
