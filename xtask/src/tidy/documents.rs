//! README and ARCHITECTURE name every crate, so that a newcomer finds each.

use std::fs;

use crate::workspace;

#[test]
fn the_map_names_every_crate() {
    let root = workspace::root();
    let crates = fs::read_dir(root.join("crates")).unwrap();
    let mut names: Vec<_> = crates.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.push("xtask".into());
    let mut missing = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md"] {
        let text =
            fs::read_to_string(root.join(document)).unwrap_or_else(|error| panic!("{document}: {error}"));
        missing.extend(
            names.iter().filter(|name| !text.contains(*name)).map(|name| format!("{document}: {name}")),
        );
    }
    assert!(missing.is_empty(), "not named: {missing:#?}");
}
