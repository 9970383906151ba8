//! Histograms, held against what they say of themselves.

use spile_proto::v1::{HistogramBucket, HistogramRequest, HistogramResponse, SeverityCount};

use super::Client;
use crate::error::Error;

impl Client {
    /// Counts the stored records that match by time and severity. What comes is checked: the buckets follow each other without
    /// holes, their severities rise, and their counts come to `records`.
    ///
    /// ```no_run
    /// # async fn example(client: spile_client::Client) -> Result<(), spile_client::Error> {
    /// use spile_client::proto::HistogramRequest;
    /// let request = HistogramRequest { max_buckets: 24, ..HistogramRequest::default() };
    /// for bucket in client.histogram(request).await?.buckets {
    ///     let records: u64 = bucket.counts.iter().map(|count| count.records).sum();
    ///     println!("{} {records}", bucket.start_unix_nano);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn histogram(&self, request: HistogramRequest) -> Result<HistogramResponse, Error> {
        let histogram = self.reading().histogram(request).await?.into_inner();
        check(&histogram).map_err(|what| Error::Protocol(format!("a histogram {what}")))?;
        Ok(histogram)
    }
}

fn check(histogram: &HistogramResponse) -> Result<(), &'static str> {
    let HistogramResponse { buckets, bucket_nanos, records, .. } = histogram;
    if *bucket_nanos == 0 && !buckets.is_empty() {
        return Err("has buckets without a width");
    }
    let follow = |a: &HistogramBucket, b: &HistogramBucket| {
        a.start_unix_nano.checked_add(*bucket_nanos) == Some(b.start_unix_nano)
    };
    if !buckets.is_sorted_by(follow) {
        return Err("has buckets that do not follow each other");
    }
    let rise = |a: &SeverityCount, b: &SeverityCount| a.severity_number < b.severity_number;
    if !buckets.iter().all(|bucket| bucket.counts.is_sorted_by(rise)) {
        return Err("has severities that do not rise");
    }
    let mut counts = buckets.iter().flat_map(|bucket| &bucket.counts);
    let total = counts.try_fold(0_u64, |total, count| total.checked_add(count.records));
    if total != Some(*records) {
        return Err("does not come to the count that it names");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
