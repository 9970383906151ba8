//! `GET /v1/count` and `GET /v1/histogram`: the unary calls of these names.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use spile_columns::object::rfc3339;
use spile_proto::v1;
use tonic::Status;

use super::query::parse_u32;
use super::{answer, parameters};
use crate::read::ReadState;
use crate::read::text::severity_name;

pub(super) async fn count(State(state): State<ReadState>, uri: Uri) -> Response {
    answer(counted(&state, &uri).await)
}

async fn counted(state: &ReadState, uri: &Uri) -> Result<Response, Status> {
    let mut parameters = parameters(uri);
    let (stream, filter) = parameters.filter(&state.context.clock);
    parameters.finish()?;
    let request = v1::CountRequest { stream, filter: Some(filter) };
    let v1::CountResponse { records, scanned, cursor } = state.counted(request).await?;
    Ok(Json(json!({ "records": records, "scanned": scanned, "cursor": cursor })).into_response())
}

pub(super) async fn histogram(State(state): State<ReadState>, uri: Uri) -> Response {
    answer(drawn(&state, &uri).await)
}

async fn drawn(state: &ReadState, uri: &Uri) -> Result<Response, Status> {
    let mut parameters = parameters(uri);
    let (stream, filter) = parameters.filter(&state.context.clock);
    let max_buckets = parameters.read("buckets", parse_u32).unwrap_or_default();
    let width = parameters.duration("width").map(|width| u64::try_from(width.as_nanos()).unwrap_or(u64::MAX));
    parameters.finish()?;
    let bucket_nanos = width.unwrap_or_default();
    let request = v1::HistogramRequest { stream, filter: Some(filter), max_buckets, bucket_nanos };
    let histogram = state.drawn(request).await?;
    let v1::HistogramResponse { buckets, bucket_nanos, records, scanned, cursor } = histogram;
    let buckets: Vec<Value> = buckets.iter().map(bucket).collect();
    let text = json!({
        "records": records, "scanned": scanned, "cursor": cursor, "bucketNanos": bucket_nanos, "buckets": buckets,
    });
    Ok(Json(text).into_response())
}

fn bucket(bucket: &v1::HistogramBucket) -> Value {
    let count = |count: &v1::SeverityCount| {
        let name = severity_name(u64::try_from(count.severity_number).unwrap_or_default());
        (name.to_owned(), Value::from(count.records))
    };
    json!({
        "start": rfc3339(bucket.start_unix_nano),
        "startUnixNano": bucket.start_unix_nano.to_string(),
        "records": bucket.counts.iter().map(|count| count.records).sum::<u64>(),
        "counts": bucket.counts.iter().map(count).collect::<Map<_, _>>(),
    })
}
