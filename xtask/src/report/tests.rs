//! What makes a run good or bad.

use super::*;

fn passed(passed: u64) -> Result<Counts> {
    Ok(Counts { passed, ..Counts::default() })
}

#[test]
fn a_run_is_good_when_all_that_ran_passed() {
    let mut report = Report::default();
    report.run("a", || passed(2));
    report.run("b", || Ok(Counts { passed: 1, failed: 0, skipped: 4 }));
    assert_eq!(report.counts().to_string(), "3 passed, 0 failed, 4 skipped");
    report.verdict(true).unwrap();
}

#[test]
fn a_failed_test_and_a_broken_suite_fail_the_run_but_not_the_suites_behind() {
    for bad in [Ok(Counts { failed: 1, ..Counts::default() }), Err(anyhow::anyhow!("no network"))] {
        let mut report = Report::default();
        report.run("bad", || bad);
        report.run("good", || passed(2));
        assert_eq!(report.counts(), Counts { passed: 2, failed: 1, skipped: 0 });
        report.verdict(false).unwrap_err();
    }
}

#[test]
fn a_suite_that_is_left_out_has_not_passed_and_fails_the_run_where_all_must_run() {
    let mut report = Report::default();
    report.run("a", || passed(1));
    report.run("b", || Err(Error::new(Missing("needs Go".into())).context("set up b")));
    assert_eq!(report.counts(), Counts { passed: 1, ..Counts::default() });
    report.verdict(false).unwrap();
    let error = report.verdict(true).unwrap_err().to_string();
    assert!(error.ends_with("left out, and in CI every suite must run: b"), "{error}");
}

#[test]
fn a_run_without_a_test_is_bad() {
    let mut report = Report::default();
    report.verdict(false).unwrap_err();
    report.run("a", || passed(0));
    report.verdict(false).unwrap_err();
}
