//! What a pattern is, and which folders are watched for it.
#![allow(clippy::unwrap_used)]

use super::{Pattern, PatternError};

fn folders(pattern: &str) -> Vec<String> {
    Pattern::parse(pattern).unwrap().folders
}

#[test]
fn folders_are_watched_from_the_first_that_may_change() {
    assert_eq!(folders("/var/log/app.log"), ["/var/log"]);
    assert_eq!(folders("/var/log/*.log"), ["/var/log"]);
    assert_eq!(folders("/var/log/pods/*/*/*.log"), ["/var/log/pods", "/var/log/pods/*", "/var/log/pods/*/*"]);
    assert_eq!(folders("/var/*/nginx/access.log"), ["/var", "/var/*", "/var/*/nginx"]);
    assert_eq!(folders("/var/log/**/*.log"), ["/var/log"]);
}

#[test]
fn a_relative_pattern_belongs_to_the_working_directory() {
    let here = std::env::current_dir().unwrap();
    let pattern = Pattern::parse("./logs/*.log").unwrap();
    assert_eq!(pattern.absolute, format!("{}/logs/*.log", here.display()));
    assert_eq!(pattern.as_str(), "./logs/*.log");
}

#[test]
fn everything_below_a_folder_means_the_files() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("a")).unwrap();
    std::fs::write(dir.path().join("a/x"), "x").unwrap();
    let pattern = Pattern::parse(&format!("{}/**", dir.path().display())).unwrap();
    let found: Vec<_> = pattern.matches().map(|path| path.unwrap()).collect();
    assert!(found.contains(&dir.path().join("a/x")), "{found:?}");
}

#[test]
fn what_is_wrong_is_said() {
    assert_eq!(Pattern::parse(""), Err(PatternError::Empty));
    let said = |pattern: &str| Pattern::parse(pattern).unwrap_err().to_string();
    assert!(said("/var/log/{a,b}.log").contains("one pattern for each"));
    assert!(
        said("/var/log/[.log").contains("\"/var/log/[.log\" cannot be read"),
        "{}",
        said("/var/log/[.log")
    );
    assert!(said("/var/a**b").contains("cannot be read"));
    assert!(Pattern::parse("/var/log/[{]x[}].log").is_ok());
}
