//! Bounds of the waits, and which ends are worth another try.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::{Backoff, RetryPolicy, asked_wait, is_retryable};

fn policy(min: u64, max: u64) -> RetryPolicy {
    RetryPolicy::default().min(Duration::from_millis(min)).max(Duration::from_millis(max))
}

proptest! {
    #[test]
    fn every_wait_is_within_its_doubling_ceiling(min in 0_u64..5_000, max in 0_u64..100_000, tries in 1_u32..200) {
        let mut backoff = Backoff::new(policy(min, max));
        let mut ceiling = min;
        for _ in 0..tries {
            let wait = backoff.next_wait(Duration::ZERO).unwrap();
            prop_assert!(wait <= Duration::from_millis(ceiling.min(max)), "{wait:?} > {ceiling} ms");
            ceiling = ceiling.saturating_mul(2);
        }
        backoff.reset();
        prop_assert!(backoff.next_wait(Duration::ZERO).unwrap() <= Duration::from_millis(min.min(max)));
    }

    #[test]
    fn a_wait_is_never_shorter_than_the_server_asks(floor in 0_u64..100_000, tries in 1_u32..50) {
        let mut backoff = Backoff::new(policy(100, 30_000));
        for _ in 0..tries {
            prop_assert!(backoff.next_wait(Duration::from_millis(floor)).unwrap() >= Duration::from_millis(floor));
        }
    }
}

#[test]
fn waits_fill_their_whole_range() {
    let waits: Vec<_> =
        (0..200).map(|_| Backoff::new(policy(1_000, 1_000)).next_wait(Duration::ZERO).unwrap()).collect();
    assert!(waits.iter().any(|wait| *wait < Duration::from_millis(250)));
    assert!(waits.iter().any(|wait| *wait > Duration::from_millis(750)));
}

#[test]
fn the_policy_gives_up_after_its_attempts_and_starts_anew_after_success() {
    let mut backoff = Backoff::new(policy(1, 1).max_attempts(2));
    let tries = |backoff: &mut Backoff| std::iter::from_fn(|| backoff.next_wait(Duration::ZERO)).count();
    assert_eq!(tries(&mut backoff), 2);
    backoff.reset();
    assert_eq!(tries(&mut backoff), 2);
}

#[test]
fn only_what_may_pass_is_retryable() {
    let mut broken = Status::internal("h2 protocol error");
    broken.set_source(Arc::new(io::Error::from(io::ErrorKind::BrokenPipe)));
    assert!(is_retryable(&broken));
    assert!(is_retryable(&Status::unavailable("draining")));
    assert!(is_retryable(&Status::unknown("missing grpc-status trailer")));
    for code in [
        Code::Cancelled,
        Code::InvalidArgument,
        Code::DeadlineExceeded,
        Code::NotFound,
        Code::PermissionDenied,
        Code::ResourceExhausted,
        Code::FailedPrecondition,
        Code::OutOfRange,
        Code::Unimplemented,
        Code::Internal,
        Code::DataLoss,
        Code::Unauthenticated,
    ] {
        assert!(!is_retryable(&Status::new(code, "no")), "{code:?}");
    }
}

#[test]
fn a_full_server_is_asked_again_when_it_says_when() {
    let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(7)));
    let status = Status::with_error_details(Code::ResourceExhausted, "too many streams", details);
    assert!(is_retryable(&status));
    assert_eq!(asked_wait(&status), Duration::from_secs(7));
}
