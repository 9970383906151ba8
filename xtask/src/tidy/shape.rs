//! Files have one idea each: a heading that says which, and a size that it fits in.

use super::source;

const MAX_FILE_LINES: usize = 600;
const MAX_FUNCTION_LINES: usize = 100;

#[test]
fn every_file_says_in_its_first_line_what_it_is() {
    let silent: Vec<_> = source::rust()
        .iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path.clone())
        .collect();
    assert!(silent.is_empty(), "files that do not start with a `//!` sentence: {silent:#?}");
}

#[test]
fn no_file_grows_beyond_one_idea() {
    let long: Vec<_> = source::rust()
        .iter()
        .map(|source| (source.path.clone(), source.production_lines()))
        .filter(|(_, lines)| *lines > MAX_FILE_LINES)
        .collect();
    assert!(long.is_empty(), "over {MAX_FILE_LINES} lines of production code; split them: {long:#?}");
}

#[test]
fn no_function_is_too_long_to_be_read_at_once() {
    let mut long = Vec::new();
    for source in source::rust() {
        for (name, lines) in source.functions() {
            if lines > MAX_FUNCTION_LINES {
                long.push(format!("{}: fn {name}: {lines} lines", source.path));
            }
        }
    }
    assert!(long.is_empty(), "over {MAX_FUNCTION_LINES} lines; split them: {long:#?}");
}
