//! The documents lead a newcomer to everything: README to the others, ARCHITECTURE to every crate.

use std::fs;

use super::source;
use crate::workspace;

#[test]
fn readme_leads_to_the_other_documents() {
    assert_names("README.md", &["(ARCHITECTURE.md)", "(CONTRIBUTING.md)"]);
}

#[test]
fn architecture_names_every_crate() {
    let crates = fs::read_dir(workspace::root().join("crates")).unwrap();
    let mut names: Vec<_> = crates.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.push("xtask".into());
    assert_names("ARCHITECTURE.md", &names);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let root = workspace::root();
    let mut dead = Vec::new();
    let files = source::files();
    for path in files.iter().filter(|path| path.ends_with(".md")) {
        let document = root.join(path);
        let text = fs::read_to_string(&document).unwrap();
        let folder = document.parent().expect("a file lies in a folder");
        let targets =
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().expect("a split has a first part");
            if !folder.join(file).exists() {
                dead.push(format!("{path}: {target}"));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

fn assert_names(document: &str, names: &[impl AsRef<str>]) {
    let path = workspace::root().join(document);
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{document}: {error}"));
    let missing: Vec<_> = names.iter().map(AsRef::as_ref).filter(|name| !text.contains(*name)).collect();
    assert!(missing.is_empty(), "{document} does not name {missing:?}");
}
