//! Which of the options counts.

use super::Start;
use crate::args::{Lines, TailArgs};

#[test]
fn a_cursor_that_is_given_counts_before_the_one_that_was_kept_and_that_before_lines() {
    let kept = || Some("kept".to_owned());
    let given = TailArgs { after_cursor: Some("given".to_owned()), ..TailArgs::default() };
    assert_eq!(Start::new(&given, kept()), Start::After("given".to_owned()));
    for (lines, start) in
        [(Lines::All, Start::Oldest), (Lines::Last(0), Start::Latest), (Lines::Last(7), Start::Last(7))]
    {
        let args = TailArgs { lines, ..TailArgs::default() };
        assert_eq!(Start::new(&args, kept()), Start::After("kept".to_owned()));
        assert_eq!(Start::new(&args, None), start);
    }
}

#[test]
fn reversed_lines_are_a_limit() {
    for (lines, limit, expected) in [
        (Lines::Last(5), None, 5),
        (Lines::Last(5), Some(3), 3),
        (Lines::Last(5), Some(9), 5),
        (Lines::All, Some(9), 9),
    ] {
        let args = TailArgs { lines, reverse: true, ..TailArgs::default() };
        let start = Start::new(&args, None);
        assert!(matches!(start, Start::Newest(_)));
        assert_eq!(start.limit(limit), expected);
    }
    let none = TailArgs { lines: Lines::Last(0), reverse: true, ..TailArgs::default() };
    assert_eq!(Start::new(&none, None), Start::Latest, "as without -r: nothing that is stored");
}
