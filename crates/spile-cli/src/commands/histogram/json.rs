//! A histogram as JSON.

use serde::ser::{Serialize, Serializer};
use spile_client::proto::{HistogramBucket, HistogramResponse, SeverityCount};

use crate::output::{rfc3339, severity_name};

/// The whole histogram.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistogramJson<'a> {
    records: u64,
    scanned: u64,
    cursor: &'a str,
    bucket_nanos: u64,
    buckets: Vec<BucketJson<'a>>,
}

impl<'a> HistogramJson<'a> {
    pub(super) fn new(histogram: &'a HistogramResponse) -> Self {
        // Named one by one, so that a new field does not go missing here.
        let HistogramResponse { buckets, bucket_nanos, records, scanned, cursor } = histogram;
        Self {
            records: *records,
            scanned: *scanned,
            cursor,
            bucket_nanos: *bucket_nanos,
            buckets: buckets.iter().map(BucketJson::new).collect(),
        }
    }
}

/// One bucket; severities that do not occur are left out.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BucketJson<'a> {
    start: String,
    /// Text, since JSON's numbers have 53 bits.
    start_unix_nano: String,
    records: u64,
    counts: SeverityCounts<'a>,
}

impl<'a> BucketJson<'a> {
    pub(super) fn new(bucket: &'a HistogramBucket) -> Self {
        Self {
            start: rfc3339(bucket.start_unix_nano),
            start_unix_nano: bucket.start_unix_nano.to_string(),
            records: bucket.counts.iter().map(|count| count.records).sum(),
            counts: SeverityCounts(&bucket.counts),
        }
    }
}

/// By the short names of severities.
struct SeverityCounts<'a>(&'a [SeverityCount]);

impl Serialize for SeverityCounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(self.0.iter().map(|count| (severity_name(count.severity_number), count.records)))
    }
}
