//! Words that do not belong into the repository.

use std::fs;

use super::source;
use crate::workspace;

/// Files that tools write and that name what they must.
const EXEMPT: &[&str] = &["Cargo.lock", "LICENSE-APACHE"];

/// What is looked for is put together here, so that this file does not contain it.
fn forbidden() -> Vec<(String, &'static str)> {
    let marks = ["TO DO", "FIX ME", "XX X"];
    let places = ["/wo rk/", "/ro ot/", "/ho me/", "/Us ers/"];
    let registries = [
        "regis try.npmjs",
        "pro xy.golang",
        "py pi.org",
        "pythonhos ted.org",
        "stat ic.crates.io",
        "ind ex.crates.io",
    ];
    let kinds = [
        (&marks[..], "finish it, or say it in an issue"),
        (&places[..], "a folder of one machine"),
        (
            &registries[..],
            "name the package, not the host it comes from",
        ),
    ];
    let all = kinds
        .into_iter()
        .flat_map(|(words, why)| words.iter().map(move |word| (word.replace(' ', ""), why)));
    all.collect()
}

#[test]
fn no_unfinished_mark_no_local_place_no_registry_host() {
    let root = workspace::root();
    let forbidden = forbidden();
    let mut found = Vec::new();
    for path in source::files()
        .iter()
        .filter(|path| !EXEMPT.contains(&path.as_str()))
    {
        let bytes = fs::read(root.join(path)).unwrap();
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            for (word, why) in &forbidden {
                if contains_word(line, word) {
                    found.push(format!("{path}:{}: {word}: {why}", number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Marks are words of their own; places and hosts may stand anywhere.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let mark = word.chars().all(char::is_alphabetic);
        let beside = [
            line[..at].chars().next_back(),
            line[at + word.len()..].chars().next(),
        ];
        !mark || !beside.into_iter().flatten().any(char::is_alphanumeric)
    })
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    const VAGUE: &[&str] = &[
        "util", "utils", "helper", "helpers", "manager", "misc", "common",
    ];
    let vague: Vec<_> = source::files()
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .filter(|path| {
            let name = path.rsplit('/').next().unwrap().trim_end_matches(".rs");
            name.split('_').any(|word| VAGUE.contains(&word))
        })
        .collect();
    assert!(
        vague.is_empty(),
        "name a file after what is in it: {vague:#?}"
    );
}
