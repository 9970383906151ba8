//! `Count` and `Histogram`: how many records match.

mod width;

use spile_engine::block::SeverityCounts;
use spile_engine::filter::Filter;
use spile_engine::tally::{Buckets, MAX_BUCKETS, Tally};
use spile_engine::{Offset, Stream};
use spile_proto::v1;
use tonic::Status;

use super::errors::read_status;
use super::{ReadState, plan};
use crate::status::{ErrorReason, error};

/// How many buckets a histogram has at most when nothing is said.
const DEFAULT_BUCKETS: usize = 60;

pub(super) async fn count(state: &ReadState, request: v1::CountRequest) -> Result<v1::CountResponse, Status> {
    let v1::CountRequest { stream, filter } = request;
    let stream = plan::named_stream(&state.engine, &stream)?;
    let filter = plan::filter(filter).await?;
    let up_to = stream.tail();
    let cursor = stream.token(up_to).encode();
    if let Some(records) = stream.known_count(&filter, Offset::ZERO, up_to) {
        return Ok(v1::CountResponse { records, scanned: 0, cursor });
    }
    let tally = stream.tally(&filter, Buckets::ONE, up_to).await.map_err(|failure| read_status(&failure))?;
    Ok(v1::CountResponse { records: tally.records(), scanned: tally.scanned, cursor })
}

pub(super) async fn histogram(
    state: &ReadState,
    request: v1::HistogramRequest,
) -> Result<v1::HistogramResponse, Status> {
    let v1::HistogramRequest { stream, filter, max_buckets, bucket_nanos } = request;
    let stream = plan::named_stream(&state.engine, &stream)?;
    let filter = plan::filter(filter).await?;
    let max_buckets = most_buckets(max_buckets)?;
    // The tail first: the times of the stored records then bound all that is counted.
    let up_to = stream.tail();
    let cursor = stream.token(up_to).encode();
    let Some((first, last)) = times(&stream, &filter) else {
        return Ok(v1::HistogramResponse { bucket_nanos, cursor, ..v1::HistogramResponse::default() });
    };
    let buckets = if bucket_nanos == 0 {
        width::round(first, last, max_buckets)
    } else {
        Buckets::covering(first, last, bucket_nanos).ok_or_else(|| too_narrow(first, last, bucket_nanos))?
    };
    let tally = stream.tally(&filter, buckets, up_to).await.map_err(|failure| read_status(&failure))?;
    Ok(v1::HistogramResponse {
        buckets: self::buckets(&tally),
        bucket_nanos: buckets.width_nanos(),
        records: tally.records(),
        scanned: tally.scanned,
        cursor,
    })
}

fn most_buckets(max_buckets: u32) -> Result<usize, Status> {
    match max_buckets as usize {
        0 => Ok(DEFAULT_BUCKETS),
        count @ 1..=MAX_BUCKETS => Ok(count),
        _ => {
            let why =
                format!("{max_buckets} is out of range; use 0 (for {DEFAULT_BUCKETS}) to {MAX_BUCKETS}");
            Err(error(ErrorReason::InvalidField).field("max_buckets", why).into())
        }
    }
}

/// The first and the last time that a histogram shows: the filter's, or where it has none those of the stored records. `None` when nothing
/// is stored between them.
fn times(stream: &Stream, filter: &Filter) -> Option<(u64, u64)> {
    let (earliest, latest) = stream.status().times_unix_nano?;
    let (since, until) = (filter.min_time_unix_nano(), filter.max_time_unix_nano());
    let first = if since == 0 { earliest } else { since };
    let last = if until == u64::MAX { latest } else { until };
    (first <= last && earliest <= last && first <= latest).then_some((first, last))
}

fn too_narrow(first: u64, last: u64, width: u64) -> Status {
    let count = last / width - first / width + 1;
    let fits = width::round(first, last, MAX_BUCKETS).width_nanos();
    let why = format!(
        "{width} makes {count} buckets of the time asked for, at most {MAX_BUCKETS} are made; use {fits} or more, ask for less time, \
         or leave it 0"
    );
    error(ErrorReason::InvalidField).field("bucket_nanos", why).into()
}

fn buckets(tally: &Tally) -> Vec<v1::HistogramBucket> {
    let bucket = |(nth, counts)| v1::HistogramBucket {
        start_unix_nano: tally.buckets().start_unix_nano(nth),
        counts: severity_counts(counts),
    };
    tally.counts.iter().enumerate().map(bucket).collect()
}

fn severity_counts(counts: &SeverityCounts) -> Vec<v1::SeverityCount> {
    let numbered = counts.iter().enumerate().filter(|(_, records)| **records > 0);
    numbered
        .map(|(severity, &records)| v1::SeverityCount { severity_number: severity as i32, records })
        .collect()
}
