//! How cells are shared out.

use super::{draw, share};

fn bar(counts: [u64; 7], most: u64, width: usize) -> String {
    let mut out = String::new();
    draw(&counts, most, width, false, &mut out);
    out
}

#[test]
fn cells_are_shared_as_the_counts_are() {
    assert_eq!(bar([0, 50, 25, 25, 0, 0, 0], 100, 20), "▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒░░░░░");
    assert_eq!(bar([0, 50, 25, 25, 0, 0, 0], 200, 20), "▓▓▓▓▓▒▒░░░");
    assert_eq!(bar([1, 1, 1, 1, 1, 1, 1], 7, 7), "█▓▒░:.+");
}

#[test]
fn a_single_error_is_seen() {
    assert_eq!(bar([0, 1, 0, 1_000_000, 0, 0, 0], 1_000_001, 10), "▓░░░░░░░░░");
    assert_eq!(bar([0, 1, 0, 5, 0, 0, 0], 1_000_000, 10), "▓", "what is not nothing has a cell");
}

#[test]
fn with_too_few_cells_the_worst_are_seen() {
    assert_eq!(share(&[1, 9, 9, 9, 0, 0, 9], 3), [1, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn nothing_is_nothing_and_the_most_is_all() {
    assert_eq!(bar([0; 7], 10, 10), "");
    assert_eq!(bar([0, 0, 0, u64::MAX, 0, 0, 0], u64::MAX, 5), "░░░░░");
}

#[test]
fn colours_are_exact_to_an_eighth_of_a_cell() {
    let mut out = String::new();
    draw(&[0, 0, 0, 12, 0, 0, 0], 64, 8, true, &mut out);
    assert_eq!(out, "\x1b[32m█▌\x1b[0m");
    out.clear();
    draw(&[0, 1, 0, 0, 0, 0, 0], 64, 8, true, &mut out);
    assert_eq!(out, "\x1b[31m▏\x1b[0m");
}
