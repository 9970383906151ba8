//! Walks the table of errors.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use tonic_types::StatusExt;

use super::*;

#[test]
fn every_row_makes_a_status_with_its_code_and_details() {
    for reason in ErrorReason::ALL {
        let status = error(*reason).meta("key", "value").into_status();
        assert_eq!(status.code(), reason.code(), "{reason:?}");
        assert_ne!(status.code(), Code::Ok, "{reason:?}");
        assert_eq!(status.message(), reason.summary(), "{reason:?}");
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), (reason.name(), DOMAIN), "{reason:?}");
        assert_eq!(info.metadata["key"], "value");
        let retry = details.retry_info().and_then(|retry| retry.retry_delay);
        assert_eq!(retry, reason.retry_after(), "{reason:?}");
    }
}

#[test]
fn names_are_those_that_clients_know() {
    let names: Vec<&str> = ErrorReason::ALL.iter().map(|reason| reason.name()).collect();
    let distinct: HashSet<&str> = names.iter().copied().collect();
    assert_eq!(distinct.len(), names.len());
    for name in names {
        assert!(name.len() <= 63 && name.starts_with(|c: char| c.is_ascii_uppercase()), "{name}");
        assert!(name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{name}");
    }
}

#[test]
fn summaries_are_lower_case_and_without_a_period() {
    for reason in ErrorReason::ALL {
        let summary = reason.summary();
        assert!(
            summary.starts_with(|c: char| c.is_ascii_lowercase()) && !summary.ends_with('.'),
            "{summary}"
        );
    }
}

/// Retrying what the caller got wrong would fail for ever; UNAVAILABLE means that retrying helps.
#[test]
fn retry_advice_fits_the_code() {
    for reason in ErrorReason::ALL {
        match reason.code() {
            Code::InvalidArgument | Code::NotFound | Code::Unimplemented | Code::FailedPrecondition => {
                assert_eq!(reason.retry_after(), None, "{reason:?}");
            }
            Code::Unavailable => assert!(reason.retry_after().is_some(), "{reason:?}"),
            _ => {}
        }
    }
}

#[test]
fn fields_are_named_in_message_and_details() {
    let status = error(ErrorReason::InvalidLevel)
        .field("filter.level", "unknown level \"loud\"; use for instance info or error")
        .into_status();

    assert_eq!(
        status.message(),
        "not a severity level: filter.level: unknown level \"loud\"; use for instance info or error"
    );
    let details = status.get_error_details();
    let violation = &details.bad_request().unwrap().field_violations[0];
    assert_eq!(violation.field, "filter.level");
    assert!(violation.description.starts_with("unknown level"));
}

#[test]
fn text_fields_and_quotas_are_told_in_this_order() {
    let status = error(ErrorReason::StorageFull)
        .message("nothing was stored")
        .quota("data-dir", "12 MiB are left")
        .retry_after(Duration::from_secs(60))
        .into_status();

    assert_eq!(status.message(), "the storage is full: nothing was stored: data-dir: 12 MiB are left");
    let details = status.get_error_details();
    assert_eq!(details.quota_failure().unwrap().violations[0].subject, "data-dir");
    assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_secs(60)));
}

#[test]
fn code_names_are_those_of_grpc() {
    for number in 0..=16 {
        let code = Code::from_i32(number);
        let camel_case: String = code_name(code).split('_').map(capitalised).collect();
        assert_eq!(camel_case, format!("{code:?}"));
    }
}

fn capitalised(word: &str) -> String {
    format!("{}{}", &word[..1], word[1..].to_lowercase())
}
