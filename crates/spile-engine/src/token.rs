//! Cursors on the wire: opaque to clients, versioned, safe in URLs and headers.
//!
//! Before base64url without padding, integers little-endian:
//!
//! - version 1, a place between two records in the order of offsets, of which readers in both directions make use: version (1 byte), stream
//!   id (8), offset (8), crc32c of all before (4);
//! - version 2, a place in a reading by time: version (1 byte), stream id (8), time (8) and offset (8) of the next place, the offset where the
//!   reading ends (8), the offset below which it was told what retention had removed (8), crc32c of all before (4).

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::cursor::TokenError;
use crate::offset::Offset;
use crate::time_key::{TimeKey, TimePosition};

const BY_OFFSET: u8 = 1;
const BY_TIME: u8 = 2;

/// A position in a stream that outlives the call, the server and the stream's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorToken {
    /// The stream's id, given when it was made.
    pub stream_id: u64,
    /// The next offset to look at.
    pub next: Offset,
}

/// A position in a reading by time that outlives the call and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeToken {
    /// The stream's id, given when it was made.
    pub stream_id: u64,
    /// Where the reading is.
    pub position: TimePosition,
}

impl CursorToken {
    /// The text form: 28 characters of `A-Z a-z 0-9 - _`.
    #[must_use]
    pub fn encode(&self) -> String {
        encode(BY_OFFSET, [self.stream_id, self.next.0])
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// If it is none, or one of a reading by time.
    pub fn decode(text: &str) -> Result<Self, TokenError> {
        match Token::decode(text)? {
            Token::ByOffset(token) => Ok(token),
            Token::ByTime(_) => Err(TokenError::ByTime),
        }
    }
}

impl TimeToken {
    /// The text form: 60 characters of `A-Z a-z 0-9 - _`.
    #[must_use]
    pub fn encode(&self) -> String {
        let TimePosition { next, end, floor } = self.position;
        encode(BY_TIME, [self.stream_id, next.unix_nano, next.offset.0, end.0, floor.0])
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// If it is none, or one of a reading by offset.
    pub fn decode(text: &str) -> Result<Self, TokenError> {
        match Token::decode(text)? {
            Token::ByTime(token) => Ok(token),
            Token::ByOffset(_) => Err(TokenError::ByOffset),
        }
    }
}

/// A cursor of either version.
enum Token {
    ByOffset(CursorToken),
    ByTime(TimeToken),
}

impl Token {
    fn decode(text: &str) -> Result<Self, TokenError> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| TokenError::Malformed)?;
        let (content, checksum) = bytes.split_last_chunk::<4>().ok_or(TokenError::Malformed)?;
        let sound = crc32c::crc32c(content) == u32::from_le_bytes(*checksum);
        match content.split_first() {
            Some((&BY_OFFSET, fields)) if sound => {
                let [stream_id, next] = numbers(fields)?;
                Ok(Self::ByOffset(CursorToken { stream_id, next: Offset(next) }))
            }
            Some((&BY_TIME, fields)) if sound => {
                let [stream_id, unix_nano, offset, end, floor] = numbers(fields)?;
                let next = TimeKey { unix_nano, offset: Offset(offset) };
                let position = TimePosition { next, end: Offset(end), floor: Offset(floor) };
                Ok(Self::ByTime(TimeToken { stream_id, position }))
            }
            // A later version may have another checksum.
            Some((&version, fields)) if version > BY_TIME && fields.len() >= 16 => {
                Err(TokenError::Version(version))
            }
            _ => Err(TokenError::Malformed),
        }
    }
}

fn encode<const N: usize>(version: u8, numbers: [u64; N]) -> String {
    let mut bytes = Vec::with_capacity(1 + 8 * N + 4);
    bytes.push(version);
    numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn numbers<const N: usize>(fields: &[u8]) -> Result<[u64; N], TokenError> {
    let (chunks, []) = fields.as_chunks::<8>() else { return Err(TokenError::Malformed) };
    let chunks: &[[u8; 8]; N] = chunks.try_into().map_err(|_| TokenError::Malformed)?;
    Ok(chunks.map(u64::from_le_bytes))
}
