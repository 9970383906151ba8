//! The examples of `docs/filter.md` are read as it says.

use super::filter;
use crate::filter::Filter;

const DOCUMENT: &str = include_str!("../../../../../docs/filter.md");

#[test]
fn every_example_is_a_filter() {
    let mut blocks = DOCUMENT.split("```filter\n").skip(1).peekable();
    assert!(blocks.peek().is_some(), "the document has examples");
    for block in blocks {
        let examples = block.split("```").next().unwrap();
        for example in examples.lines().filter(|line| !line.is_empty()) {
            filter(example);
        }
    }
}

#[test]
fn every_pair_of_expression_and_canonical_text_is_right() {
    assert!(
        check_table("| expression | canonical |", |expression, canonical| {
            assert_eq!(filter(expression).canonical(), canonical, "{expression}");
        }) > 5
    );
}

#[test]
fn every_error_is_told_as_documented() {
    assert!(
        check_table("| expression | error |", |expression, message| {
            let error = Filter::parse(expression).expect_err(expression);
            assert_eq!(error.message(), message, "{expression}");
        }) > 5
    );
}

/// Calls `check` with the two cells of each row of the table under this heading row, code marks removed.
fn check_table(heading: &str, check: impl Fn(&str, &str)) -> usize {
    let table = DOCUMENT.split_once(heading).expect("the table is there").1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [first, second] = cells[..] else { panic!("{row} has two cells") };
        check(first.trim().trim_matches('`'), second.trim().trim_matches('`'));
    })
    .count()
}
