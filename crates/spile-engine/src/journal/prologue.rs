//! The start of a journal file: its header, and the producers as they were when it was begun.

use std::io;

use super::layout::Numbers;
use super::producers::Producers;
use super::{MAX_PRODUCER_NAME_BYTES, MAX_PRODUCERS};
use crate::disk::{DiskFile, read_up_to};
use crate::offset::Offset;

const MAGIC: [u8; 8] = *b"spilejnl";
/// The version of the layout.
pub(super) const VERSION: u32 = 1;
const HEADER_BYTES: usize = 48;

/// No producer table is larger: a name with its length, and 20 bytes, each.
const MAX_TABLE_BYTES: usize = MAX_PRODUCERS * (1 + MAX_PRODUCER_NAME_BYTES + 20);

/// A file's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) stream_id: u64,
    pub(super) first_offset: Offset,
    table_len: usize,
    table_crc: u32,
}

/// Why a file's header cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderError {
    Damaged(&'static str),
    /// It is intact, but of another version of the layout.
    Version(u32),
}

/// The bytes of a file's start.
pub(super) fn encode(stream_id: u64, first_offset: Offset, producers: &Producers) -> Vec<u8> {
    let table = producers.encode();
    let mut bytes = Vec::with_capacity(HEADER_BYTES + table.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(table.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&stream_id.to_le_bytes());
    bytes.extend_from_slice(&first_offset.0.to_le_bytes());
    bytes.extend_from_slice(&crc32c::crc32c(&table).to_le_bytes());
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    bytes.extend_from_slice(&table);
    bytes
}

impl Header {
    /// Reads a file's header. The outer error is the disk's.
    pub(super) fn read(file: &dyn DiskFile) -> io::Result<Result<Self, HeaderError>> {
        Ok(Self::decode(&read_up_to(file, 0, HEADER_BYTES)?))
    }

    fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        if bytes.len() < HEADER_BYTES {
            return Err(HeaderError::Damaged("the file's header is cut short"));
        }
        let (covered, crc) = bytes.split_at(HEADER_BYTES - 4);
        if covered[..8] != MAGIC || Numbers(crc).u32() != crc32c::crc32c(covered) {
            return Err(HeaderError::Damaged("the file's header is damaged"));
        }
        let mut numbers = Numbers(&covered[8..]);
        let (version, table_len) = (numbers.u32(), numbers.u32() as usize);
        if version != VERSION {
            return Err(HeaderError::Version(version));
        }
        if table_len > MAX_TABLE_BYTES {
            return Err(HeaderError::Damaged("the file's producer table is too long"));
        }
        let (stream_id, first_offset) = (numbers.u64(), Offset(numbers.u64()));
        Ok(Self { stream_id, first_offset, table_len, table_crc: numbers.u32() })
    }

    /// Where the entries start.
    pub(super) fn entries_at(&self) -> u64 {
        (HEADER_BYTES + self.table_len) as u64
    }

    /// The bytes of the producer table; `None` when they are damaged.
    pub(super) fn read_table(&self, file: &dyn DiskFile) -> io::Result<Option<Vec<u8>>> {
        let table = read_up_to(file, HEADER_BYTES as u64, self.table_len)?;
        let intact = table.len() == self.table_len && crc32c::crc32c(&table) == self.table_crc;
        Ok(intact.then_some(table))
    }

    /// The producers as they were when the file was begun; `None` when its start is damaged.
    pub(super) fn read_producers(file: &dyn DiskFile) -> io::Result<Option<(Self, Producers)>> {
        let Ok(header) = Self::read(file)? else { return Ok(None) };
        let producers = header.read_table(file)?.and_then(|table| Producers::decode(&table));
        Ok(producers.map(|producers| (header, producers)))
    }
}
