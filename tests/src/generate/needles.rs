//! What is planted for searches, so that how much they must find is known.

/// A word in 1 % of all records: it stands in one line of three services, as words do, and nowhere else.
pub const WORD: &str = "backpressure";

/// A part of a word, and of no other, in 1 % of all records: in one line of three other services.
pub const SUBSTRING: &str = "conciliat";

/// How many records in a million have the word, and how many the part of a word.
pub const PER_MILLION: u64 = 10_000;

/// A line that is planted: in INFO records of these services.
pub(super) struct Needle {
    pub(super) services: [&'static str; 3],
    pub(super) line: &'static str,
}

/// The line with [`WORD`].
pub(super) const WORD_LINE: Needle = Needle {
    services: ["catalog", "node-agent", "search"],
    line: "flow control: applying backpressure to upstream {host}, {n} requests in flight of {n2}, window {bytes} bytes request_id={req}",
};

/// The line with [`SUBSTRING`].
pub(super) const SUBSTRING_LINE: Needle = Needle {
    services: ["orders", "inventory", "payments"],
    line: "[{thread}] c.e.ledger.BatchJob - Reconciliation of batch {n2} finished: {n} entries matched, {small} open, took {ms} ms, request {req}",
};
