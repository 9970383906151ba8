//! Lines are counted as a reader would.

use super::*;

#[test]
fn a_last_line_needs_no_newline() {
    assert_eq!(count_lines(b""), 0);
    assert_eq!(count_lines(b"a\n\nb\r\n"), 3);
    assert_eq!(count_lines(b"a\nb"), 2);
}

#[test]
fn generated_lines_differ_and_have_all_severities() {
    let dir = tempfile::tempdir().unwrap();
    let files = generate(dir.path()).unwrap();
    let text: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let lines: std::collections::BTreeSet<_> = text.lines().collect();
    assert_eq!(lines.len(), GENERATED_FILES * GENERATED_LINES);
    for level in [" DEBUG ", " INFO ", " WARN ", " ERROR ", " FATAL "] {
        assert!(text.contains(level), "{level}");
    }
}
