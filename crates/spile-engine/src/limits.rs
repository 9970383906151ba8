//! Every bound of the engine, with its unit and why it is what it is.

/// The engine's bounds. All are adjustable; none is infinite.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Memory for the recent frames of one stream and what readers have made of them, bytes. Readers within it never
    /// touch the disk.
    pub ring_bytes: usize,
    /// Memory for appends of one stream that wait for the writer, bytes. When it is used up, `append` waits, and with
    /// it the sender.
    pub waiting_bytes: usize,
    /// How many bytes one commit takes at most: bounds the time that an append waits behind another.
    pub commit_bytes: usize,
    /// When a journal file is full and the next begins, bytes.
    pub journal_file_bytes: u64,
    /// How many frame bytes one read from disk brings at most; a slow reader holds no more than that.
    pub cold_read_bytes: usize,
    /// How many readers may be on the disk at once, over all streams.
    pub cold_reads: usize,
    /// How many row groups one read of segments decodes side by side; with `cold_reads` it bounds the memory of reading: each takes a few times the
    /// 16 MiB that a row group has at most, and mostly about 10 MiB.
    pub scan_threads: usize,
    /// How segments are laid out.
    pub segment: SegmentLayout,
    /// Memory for the indexes and footers of segments that were read lately, over all streams, bytes. A record takes about 8; what does not
    /// fit is read anew by each search.
    pub segment_index_bytes: usize,
    /// Memory for frames that were made of segments lately, over all streams, bytes.
    pub cold_frame_bytes: usize,
    /// How many frame bytes one poll of a subscription looks through before it lets others run.
    pub scan_bytes_per_poll: usize,
    /// How many record bytes of either side of a position its context has at most; one record may be more.
    pub context_bytes: usize,
    /// How many bytes of records one reading by time holds at most, and what it keeps beside each. With room for two row groups of a segment
    /// what ascends more or less is read once.
    pub time_order_bytes: usize,
    /// How many streams there may be.
    pub streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ring_bytes: 64 << 20,
            waiting_bytes: 16 << 20,
            commit_bytes: 4 << 20,
            journal_file_bytes: 64 << 20,
            cold_read_bytes: 256 << 10,
            cold_reads: 8,
            scan_threads: 2,
            segment: SegmentLayout::default(),
            segment_index_bytes: 128 << 20,
            cold_frame_bytes: 64 << 20,
            scan_bytes_per_poll: 2 << 20,
            context_bytes: 1 << 20,
            time_order_bytes: 16 << 20,
            streams: 4096,
        }
    }
}

/// How segments are laid out. A segment that was written with another layout is read all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentLayout {
    /// The most records of a row group: what is decoded at a time, and how far a record may lie from its neighbours.
    pub group_records: usize,
    /// The records of a page: what a read can pass over at least. At least 1.
    pub page_records: usize,
    /// The most records of a segment.
    pub segment_records: u64,
}

impl Default for SegmentLayout {
    fn default() -> Self {
        Self { group_records: 16_384, page_records: 1_024, segment_records: 1 << 20 }
    }
}

/// When records move from the journal to segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealPolicy {
    /// When the journal of a stream has so many bytes.
    pub bytes: u64,
    /// When its oldest record was appended so long ago, nanoseconds.
    pub age_nanos: u64,
}

impl Default for SealPolicy {
    fn default() -> Self {
        Self { bytes: 64 << 20, age_nanos: 10 * 60 * 1_000_000_000 }
    }
}

/// How much of a stream is kept. Whole journal files are removed, oldest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// At most this many bytes on disk per stream; `None`: no bound.
    pub bytes: Option<u64>,
    /// At most this old, nanoseconds since the append; `None`: no bound.
    pub age_nanos: Option<u64>,
}
