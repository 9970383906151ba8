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
    /// How many frame bytes one poll of a subscription looks through before it lets others run.
    pub scan_bytes_per_poll: usize,
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
            scan_bytes_per_poll: 2 << 20,
            streams: 4096,
        }
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
