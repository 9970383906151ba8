//! A cursor on the wire: opaque to clients, versioned, safe in URLs and headers.
//!
//! Version 1, before base64url without padding: version (1 byte), stream id (8, little-endian), offset (8,
//! little-endian), crc32c of all before (4, little-endian).

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::cursor::TokenError;
use crate::offset::Offset;

const VERSION: u8 = 1;
const LENGTH: usize = 1 + 8 + 8 + 4;

/// A position in a stream that outlives the call, the server and the stream's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorToken {
    /// The stream's id, given when it was made.
    pub stream_id: u64,
    /// The next offset to look at.
    pub next: Offset,
}

impl CursorToken {
    /// The text form: 28 characters of `A-Z a-z 0-9 - _`.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.stream_id.to_le_bytes());
        bytes.extend_from_slice(&self.next.0.to_le_bytes());
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads the text form.
    pub fn decode(text: &str) -> Result<Self, TokenError> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| TokenError::Malformed)?;
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&version) if bytes.len() >= LENGTH => return Err(TokenError::Version(version)),
            _ => return Err(TokenError::Malformed),
        }
        let (content, checksum) = bytes.split_last_chunk::<4>().ok_or(TokenError::Malformed)?;
        if crc32c::crc32c(content) != u32::from_le_bytes(*checksum) {
            return Err(TokenError::Malformed);
        }
        let [_, fields @ ..] = content else { return Err(TokenError::Malformed) };
        let (Some((stream_id, _)), Some((_, next)), 16) =
            (fields.split_first_chunk::<8>(), fields.split_last_chunk::<8>(), fields.len())
        else {
            return Err(TokenError::Malformed);
        };
        Ok(Self { stream_id: u64::from_le_bytes(*stream_id), next: Offset(u64::from_le_bytes(*next)) })
    }
}
