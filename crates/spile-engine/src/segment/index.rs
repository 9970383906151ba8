//! What a segment has beside its columns: the rows' order, checksums, and filters over the words of each page.
//!
//! It is a protobuf message that lies before the Parquet footer; the key `spile.index` of the file's metadata says where (`offset:length:crc32c`).

use prost::Message;

/// The version of the layout.
pub(crate) const VERSION: u32 = 1;

/// The key of the file's metadata that says where the index lies.
pub(crate) const METADATA_KEY: &str = "spile.index";

/// A segment's index.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct SegmentIndex {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    /// The stream's id.
    #[prost(fixed64, tag = "2")]
    pub(crate) stream_id: u64,
    /// The offsets that it covers.
    #[prost(uint64, tag = "3")]
    pub(crate) first_offset: u64,
    #[prost(uint64, tag = "4")]
    pub(crate) next_offset: u64,
    /// `spile.v1.Resource` messages.
    #[prost(bytes = "bytes", repeated, tag = "5")]
    pub(crate) resources: Vec<bytes::Bytes>,
    /// The services that runs name: which of `resources` are of each.
    #[prost(message, repeated, tag = "6")]
    pub(crate) services: Vec<ServiceIndex>,
    /// In the order of offsets, as in the file.
    #[prost(message, repeated, tag = "7")]
    pub(crate) groups: Vec<GroupIndex>,
    /// How many rows a page of words has.
    #[prost(uint32, tag = "9")]
    pub(crate) page_records: u32,
    /// When the newest record was appended at the latest, Unix nanoseconds.
    #[prost(fixed64, tag = "8")]
    pub(crate) appended_unix_nano: u64,
}

/// The resources of one service. The first service has the records without a resource, too.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct ServiceIndex {
    #[prost(uint32, repeated, tag = "1")]
    pub(crate) resources: Vec<u32>,
}

/// What is known of a row group.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct GroupIndex {
    /// The offsets that it covers: up to where the next one starts.
    #[prost(uint64, tag = "1")]
    pub(crate) first_offset: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) next_offset: u64,
    /// Bounds over its records' times, Unix nanoseconds.
    #[prost(fixed64, tag = "3")]
    pub(crate) min_time_unix_nano: u64,
    #[prost(fixed64, tag = "4")]
    pub(crate) max_time_unix_nano: u64,
    /// Bytes of its bodies.
    #[prost(uint64, tag = "5")]
    pub(crate) body_bytes: u64,
    /// Bytes of its records as they are sent.
    #[prost(uint64, tag = "6")]
    pub(crate) raw_bytes: u64,
    /// Its rows, in the file's order: severity number, service, how many; three numbers for each run.
    #[prost(uint32, repeated, tag = "7")]
    pub(crate) runs: Vec<u32>,
    /// For each column, crc32c of its dictionary page, then of each data page. Of an empty dictionary page it is 0.
    #[prost(message, repeated, tag = "8")]
    pub(crate) checksums: Vec<ColumnChecksums>,
    /// Bit `n` is set when column `n` has a value in any row.
    #[prost(uint32, tag = "10")]
    pub(crate) columns: u32,
    /// The filters over its pages' words.
    #[prost(bytes = "bytes", tag = "9")]
    pub(crate) terms: bytes::Bytes,
}

/// The checksums of a column's pages.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct ColumnChecksums {
    #[prost(fixed32, repeated, tag = "1")]
    pub(crate) pages: Vec<u32>,
}

/// Rows that lie together and have the same severity and service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) severity: u8,
    pub(crate) service: u32,
    pub(crate) rows: u32,
}

impl GroupIndex {
    /// The runs of rows, in the file's order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        self.runs.chunks_exact(3).map(|run| Run { severity: run[0] as u8, service: run[1], rows: run[2] })
    }

    /// How many records it has.
    pub(crate) fn records(&self) -> u64 {
        self.runs().map(|run| u64::from(run.rows)).sum()
    }
}

impl SegmentIndex {
    /// Reads an index whose checksum held. `None`: of another version, or inconsistent in itself.
    pub(crate) fn read(bytes: bytes::Bytes) -> Option<Self> {
        let index = Self::decode(bytes).ok()?;
        let mut next = index.first_offset;
        let sound = index.groups.iter().all(|group| {
            let follows = group.first_offset == next && group.next_offset >= next;
            next = group.next_offset;
            let known = |run: Run| run.severity <= 24 && (run.service as usize) < index.services.len();
            follows && group.runs.len() % 3 == 0 && group.runs().all(known)
        });
        let resources = index.resources.len();
        let named =
            index.services.iter().flat_map(|service| &service.resources).all(|&at| (at as usize) < resources);
        (index.version == VERSION && index.page_records > 0 && sound && named && next == index.next_offset)
            .then_some(index)
    }
}
