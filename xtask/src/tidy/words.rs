//! Words that do not belong into the repository.

use std::fs;

use super::source;
use crate::workspace;

/// Files that tools write, and OpenTelemetry's protos with what is generated of them: they name what they must.
fn is_exempt(path: &str) -> bool {
    path == "Cargo.lock"
        || path.starts_with("proto/opentelemetry/")
        || path.starts_with("crates/spile-proto/src/generated/opentelemetry.")
}

/// Every line in which one of the words stands, as `path:line: word`.
fn lines_with(words: &[String], stands: fn(&str, &str) -> bool) -> Vec<String> {
    let root = workspace::root();
    let mut found = Vec::new();
    for path in source::files().iter().filter(|path| !is_exempt(path)) {
        let Ok(text) = String::from_utf8(fs::read(root.join(path)).unwrap()) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            let words = words.iter().filter(|word| stands(line, word));
            found.extend(words.map(|word| format!("{path}:{}: {word}", number + 1)));
        }
    }
    found
}

/// Puts words together that are written apart here, so that this file does not contain them.
fn joined(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.replace(' ', "")).collect()
}

#[test]
fn nothing_is_marked_as_unfinished() {
    let marks = joined(&["TO DO", "FIX ME", "XX X"]);
    let found =
        lines_with(&marks, |line, mark| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == mark));
    assert!(found.is_empty(), "finish it, or say it in an issue: {found:#?}");
}

#[test]
fn no_registry_is_named_by_its_host() {
    let hosts = joined(&[
        "regis try.npmjs",
        "regis try.yarnpkg",
        "pro xy.golang",
        "py pi.org",
        "pythonhos ted.org",
        "stat ic.crates.io",
        "ind ex.crates.io",
    ]);
    let found = lines_with(&hosts, |line, host| line.contains(host));
    assert!(found.is_empty(), "name the package, not where it comes from: {found:#?}");
}

#[test]
fn no_folder_of_this_machine_is_named() {
    let root = workspace::root().display().to_string();
    let found = lines_with(&[root], |line, root| line.contains(root));
    assert!(found.is_empty(), "say where it is in the repository: {found:#?}");
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    const VAGUE: &[&str] = &["util", "utils", "helper", "helpers", "manager", "misc", "common"];
    let mut files = source::files();
    files.retain(|path| {
        let name = path.rsplit('/').next().expect("a path has a last part");
        let mut words = name.split(|c: char| !c.is_alphanumeric());
        words.any(|word| VAGUE.contains(&word)) && !is_exempt(path)
    });
    assert!(files.is_empty(), "name a file after what is in it: {files:#?}");
}
