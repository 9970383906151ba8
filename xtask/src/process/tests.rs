//! Programs are read to their end, or ended when they hang.

use std::time::Instant;

use super::*;

fn shell(script: &str, patience: Option<Duration>) -> (Result<ExitStatus>, Vec<String>) {
    let mut lines = Vec::new();
    let result = each_line(Command::new("sh").args(["-c", script]), patience, |line| lines.push(line.into()));
    (result, lines)
}

#[test]
fn each_line_is_seen_and_the_exit_status_given() {
    let (status, lines) = shell("echo one; printf two; exit 3", None);
    assert_eq!(status.unwrap().code(), Some(3));
    assert_eq!(lines, ["one", "two"]);
}

#[test]
fn a_program_that_hangs_is_ended_with_what_it_started() {
    // The program that hangs is a child of the shell, and holds its output open.
    let (result, lines) = shell("sleep 600 & echo $!; wait", Some(Duration::from_secs(2)));
    let error = result.unwrap_err().to_string();
    assert!(error.contains("printed nothing for 2s"), "{error}");
    let deadline = Instant::now() + Duration::from_secs(10);
    while runs(&lines[0]) {
        assert!(Instant::now() < deadline, "the child still runs");
        thread::yield_now();
    }
}

/// Whether a process runs; one that has ended but was not waited for does not.
fn runs(id: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { return false };
    let (_, state) = stat.rsplit_once(") ").expect("the state follows the name");
    !state.starts_with('Z')
}
