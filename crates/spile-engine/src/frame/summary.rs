//! What can be said of all records of a frame at once.

/// Bounds over a frame's records: a filter that refuses these refuses every record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The earliest record time, Unix nanoseconds.
    pub min_time_unix_nano: u64,
    /// The latest record time, Unix nanoseconds.
    pub max_time_unix_nano: u64,
    /// Bit `n` is set when a record has severity number `n`.
    pub severities: u32,
    /// The bytes of all bodies.
    pub body_bytes: u64,
}

impl Default for Summary {
    fn default() -> Self {
        Self { min_time_unix_nano: u64::MAX, max_time_unix_nano: 0, severities: 0, body_bytes: 0 }
    }
}

impl Summary {
    /// Takes one record in.
    pub(crate) fn add(&mut self, time_unix_nano: u64, severity: u8, body_bytes: usize) {
        self.min_time_unix_nano = self.min_time_unix_nano.min(time_unix_nano);
        self.max_time_unix_nano = self.max_time_unix_nano.max(time_unix_nano);
        self.severities |= 1 << severity;
        self.body_bytes += body_bytes as u64;
    }

    /// Takes the records of another summary in.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.min_time_unix_nano = self.min_time_unix_nano.min(other.min_time_unix_nano);
        self.max_time_unix_nano = self.max_time_unix_nano.max(other.max_time_unix_nano);
        self.severities |= other.severities;
        self.body_bytes += other.body_bytes;
    }

    /// The earliest and latest record time, Unix nanoseconds; `None` when there are no records.
    #[must_use]
    pub fn times_unix_nano(&self) -> Option<(u64, u64)> {
        let times = (self.min_time_unix_nano, self.max_time_unix_nano);
        (times.0 <= times.1).then_some(times)
    }

    /// The highest severity number, 0 when no record has one.
    #[must_use]
    pub fn max_severity(&self) -> u8 {
        self.severities.checked_ilog2().unwrap_or(0) as u8
    }
}
