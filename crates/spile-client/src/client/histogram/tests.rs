//! Which histograms are believed.

use spile_proto::v1::{HistogramBucket, HistogramResponse, SeverityCount};

use super::check;

fn histogram(starts: &[u64], counts: &[(i32, u64)], records: u64) -> HistogramResponse {
    let counts =
        |_| counts.iter().map(|&(severity_number, records)| SeverityCount { severity_number, records });
    let bucket = |start| HistogramBucket { start_unix_nano: start, counts: counts(()).collect() };
    HistogramResponse {
        buckets: starts.iter().copied().map(bucket).collect(),
        bucket_nanos: 10,
        records,
        ..HistogramResponse::default()
    }
}

#[test]
fn what_adds_up_is_believed() {
    assert_eq!(check(&HistogramResponse::default()), Ok(()));
    assert_eq!(check(&histogram(&[20, 30, 40], &[(0, 1), (9, 2), (17, 3)], 18)), Ok(()));
}

#[test]
fn what_does_not_add_up_is_refused() {
    for (what, bad) in [
        ("a hole", histogram(&[20, 40], &[], 0)),
        ("backwards", histogram(&[20, 10], &[], 0)),
        ("the same bucket twice", histogram(&[20, 20], &[], 0)),
        ("the end of time", histogram(&[u64::MAX, 5], &[], 0)),
        ("a severity twice", histogram(&[20], &[(9, 1), (9, 1)], 2)),
        ("another total", histogram(&[20], &[(9, 1)], 2)),
        ("more than there are numbers", histogram(&[20], &[(9, u64::MAX), (10, 1)], 0)),
        ("no width", HistogramResponse { bucket_nanos: 0, ..histogram(&[20], &[], 0) }),
    ] {
        assert!(check(&bad).is_err(), "{what}");
    }
}
