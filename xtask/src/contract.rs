//! The golden form of the wire contract: `proto/contract.txt`, one line for each field, enum value and method.
//!
//! Taking something away, renumbering it or changing its type breaks clients that are already out there, so a test
//! refuses it. An addition is accepted by `cargo xtask codegen --accept-contract`: it then shows in review as one line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use prost_types::FileDescriptorSet;

mod text;

/// The golden file, relative to the workspace root.
const CONTRACT_FILE: &str = "proto/contract.txt";

/// What became of the contract since it was accepted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    /// Removed, renumbered, or of another type: clients break.
    breaking: Vec<String>,
    /// New: no client can mind.
    added: Vec<String>,
}

/// Says how the contract differs from the golden file; with `accept`, takes additions into it.
pub(crate) fn update(root: &Path, descriptors: &FileDescriptorSet, accept: bool) -> Result<()> {
    let path = root.join(CONTRACT_FILE);
    let accepted = fs::read_to_string(&path).with_context(|| format!("read {CONTRACT_FILE}"))?;
    let current = text::render(descriptors);
    let changes = compare(&accepted, &current);
    if !accept {
        print!("{}", changes.explain());
        return Ok(());
    }
    if !changes.breaking.is_empty() {
        bail!(
            "{}nothing is accepted. If nobody can be using them yet, remove their lines from {CONTRACT_FILE} by hand, \
             so that the break shows in review",
            changes.explain()
        );
    }
    if accepted != current {
        fs::write(&path, current).with_context(|| format!("write {CONTRACT_FILE}"))?;
        println!("accepted {} additions into {CONTRACT_FILE}", changes.added.len());
    }
    Ok(())
}

fn compare(accepted: &str, current: &str) -> Changes {
    let (old, new) = (entries(accepted), entries(current));
    let mut changes = Changes::default();
    for (name, was) in &old {
        match new.get(name) {
            None => changes.breaking.push(format!("removed: {name} = {was}")),
            Some(is) if is != was => {
                changes.breaking.push(format!("changed: {name} = {was}, now {is}"));
            }
            Some(_) => {}
        }
    }
    for (name, is) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        changes.added.push(format!("added: {name} = {is}"));
    }
    changes
}

/// The lines of a contract, by name.
fn entries(contract: &str) -> BTreeMap<&str, &str> {
    contract.lines().filter_map(|line| line.split_once(" = ")).collect()
}

impl Changes {
    fn explain(&self) -> String {
        let mut text = String::new();
        if !self.breaking.is_empty() {
            text.push_str("these changes of proto/ break existing clients; undo them:\n");
            self.breaking
                .iter()
                .for_each(|change| writeln!(text, "  {change}").expect("a String takes all text"));
        }
        if !self.added.is_empty() {
            text.push_str("new in proto/; accept it with `cargo xtask codegen --accept-contract`:\n");
            self.added
                .iter()
                .for_each(|change| writeln!(text, "  {change}").expect("a String takes all text"));
        }
        text
    }
}

#[cfg(test)]
mod tests;
