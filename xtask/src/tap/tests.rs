//! Tests of the tally.

use super::*;

fn tally(output: &str, success: bool) -> Counts {
    let mut tally = Tally::default();
    output.lines().for_each(|line| tally.see(line));
    tally.close(success)
}

#[test]
fn counts_passed_failed_and_skipped_tests() {
    let output = "TAP version 14\n1..3\nok 1 - a # 3 ms\nnot ok 2 - b\n# why\nok 3 - c # SKIP no data\n";
    assert_eq!(tally(output, false), Counts { passed: 1, failed: 1, skipped: 1 });
}

#[test]
fn a_program_that_stops_early_has_failed() {
    assert_eq!(tally("1..2\nok 1 - a\n", true), Counts { passed: 1, failed: 1, skipped: 0 });
    assert_eq!(tally("", true), Counts { passed: 0, failed: 1, skipped: 0 });
}

#[test]
fn a_program_that_exits_badly_has_failed_even_if_each_test_passed() {
    assert_eq!(tally("1..1\nok 1 - a\n", false), Counts { passed: 1, failed: 1, skipped: 0 });
}
