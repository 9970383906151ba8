//! A file's first bytes: by them it is known again, and seen not to be a log.

use xxhash_rust::xxh3::xxh3_64;

/// How many bytes are looked at.
pub(super) const HEAD_BYTES: usize = 1024;

/// The hash of a file's first bytes. A log only grows, so it stays true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// How many bytes, at most [`HEAD_BYTES`]; never 0.
    pub(super) bytes: usize,
    pub(super) hash: u64,
}

impl Fingerprint {
    /// The fingerprint of a file that begins with `head`; `None` for one that is empty.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let head = &head[..head.len().min(HEAD_BYTES)];
        (!head.is_empty()).then(|| Self { bytes: head.len(), hash: xxh3_64(head) })
    }

    /// Whether a file that begins with `head` begins as this one did.
    pub(super) fn fits(&self, head: &[u8]) -> bool {
        head.get(..self.bytes).and_then(Self::of) == Some(*self)
    }

    /// Whether longer files can be told apart better.
    pub(super) fn can_grow(&self) -> bool {
        self.bytes < HEAD_BYTES
    }
}

/// Why a file is not a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotText {
    /// It is compressed, in the format named.
    Compressed(&'static str),
    /// It has zero bytes.
    Binary,
}

/// How compressed files begin.
const COMPRESSED: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"PK\x03\x04", "zip"),
];

/// Why a file that begins with `head` is not followed; `None` if it is.
pub(super) fn not_text(head: &[u8]) -> Option<NotText> {
    let known = COMPRESSED.iter().find(|(magic, _)| head.starts_with(magic));
    match known {
        Some((_, format)) => Some(NotText::Compressed(format)),
        None => head.contains(&0).then_some(NotText::Binary),
    }
}

impl std::fmt::Display for NotText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Compressed(format) => write!(f, "it is compressed ({format})"),
            Self::Binary => f.write_str("it is not text"),
        }
    }
}
