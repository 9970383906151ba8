//! Which crate may know which, and how much is built.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use crate::{process, workspace};

/// The most packages that may be locked.
const MAX_LOCKED: usize = 450;

/// For each crate, the crates of the workspace that it may use outside of its tests.
const ALLOWED: &[(&str, &[&str])] = &[
    ("spile-lines", &[]),
    ("spile-proto", &[]),
    ("spile-columns", &[]),
    ("spile-otlp", &["spile-columns", "spile-lines"]),
    ("spile-engine", &["spile-proto", "spile-columns"]),
    ("spile-server", &["spile-proto", "spile-engine", "spile-lines", "spile-columns", "spile-otlp"]),
    ("spile-client", &["spile-proto"]),
    ("spile-cli", &["spile-client", "spile-proto", "spile-lines", "spile-columns"]),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// What each crate of the workspace declares.
fn packages() -> Vec<Package> {
    let mut cargo = workspace::cargo(&workspace::root());
    cargo.args(["metadata", "--format-version=1", "--no-deps", "--offline"]);
    let metadata: Metadata = serde_json::from_str(&process::output(&mut cargo).unwrap()).unwrap();
    metadata.packages
}

#[test]
fn crates_depend_in_one_direction() {
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();
    let packages = packages();
    let own: BTreeSet<_> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let Some(allowed) = allowed.get(package.name.as_str()) else {
            // Development packages may use everything, and nothing may use them.
            assert!(
                ["xtask", "spile-tests"].contains(&package.name.as_str()),
                "{} has no rule here",
                package.name
            );
            continue;
        };
        let uses = package.dependencies.iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
        let uses = uses.map(|dependency| dependency.name.as_str()).filter(|name| own.contains(name));
        wrong.extend(
            uses.filter(|name| !allowed.contains(name)).map(|name| format!("{} uses {name}", package.name)),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let named: BTreeSet<_> = allowed.keys().copied().collect();
    assert!(named.is_subset(&own), "a crate named here is gone: {:?}", named.difference(&own));
}

#[test]
fn the_engine_builds_without_a_transport_or_telemetry() {
    // `http` may come in: object_store names its types, without a client or server behind them.
    // cargo tree resolves features for this crate alone, as a program that embeds the engine would get it.
    let mut cargo = workspace::cargo(&workspace::root());
    cargo.args([
        "tree",
        "--package=spile-engine",
        "--edges=normal",
        "--prefix=none",
        "--format={p}",
        "--locked",
    ]);
    let tree = process::output(&mut cargo).unwrap();
    let names: BTreeSet<_> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains("spile-engine"), "the tree names packages:\n{tree}");
    let unwanted: Vec<_> = names
        .iter()
        .filter(|name| {
            ["tonic", "hyper", "h2", "axum", "tower"].contains(*name) || name.starts_with("opentelemetry")
        })
        .collect();
    assert!(
        unwanted.is_empty(),
        "the engine pulls in {unwanted:?}; see `cargo tree -p spile-engine -e normal`"
    );
}

#[test]
fn the_lock_file_stays_small() {
    let lock = fs::read_to_string(workspace::root().join("Cargo.lock")).unwrap();
    let locked = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!((1..MAX_LOCKED).contains(&locked), "{locked} locked packages, at most {MAX_LOCKED}");
}

#[test]
fn versions_are_said_once_in_the_workspace() {
    let mut own_versions = Vec::new();
    for package in packages() {
        let mut in_dependencies = false;
        for line in fs::read_to_string(&package.manifest_path).unwrap().lines() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            } else if in_dependencies && line.contains('=') && !line.contains("workspace = true") {
                own_versions.push(format!("{}: {line}", package.name));
            }
        }
    }
    assert!(own_versions.is_empty(), "declare them in the root Cargo.toml: {own_versions:#?}");
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let mut without = packages();
    without.retain(|package| {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        !manifest.contains("[lints]\nworkspace = true")
    });
    let names: Vec<_> = without.iter().map(|package| &package.name).collect();
    assert!(names.is_empty(), "add `[lints]` with `workspace = true`: {names:?}");
}
