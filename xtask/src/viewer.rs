//! `cargo xtask viewer`: builds the viewer into `viewer/dist`, which is checked in; the suite `viewer` holds it against a fresh build.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::tools::Node;
use crate::workspace::Workspace;

/// The oldest Node.js that the viewer's build runs on, major and minor version.
const NODE: (u32, u32) = (20, 19);

const DIST: &str = "viewer/dist";

/// The viewer's sources with their packages installed, below `target/tools/`.
pub(crate) struct Viewer {
    node: Node,
    dir: PathBuf,
    descriptors: PathBuf,
}

impl Viewer {
    /// Finds or installs Node.js, installs the packages, and copies the sources beside them.
    pub(crate) fn set_up(workspace: &Workspace) -> Result<Self> {
        let node = Node::at_least(workspace, NODE)?;
        let dir = node.tree(workspace, "viewer", "viewer")?;
        let descriptors = workspace.root.join("crates/spile-proto/src/generated/descriptors.binpb");
        Ok(Self { node, dir, descriptors })
    }

    /// A script of its `package.json`.
    pub(crate) fn script(&self, name: &str) -> Result<Command> {
        let mut npm = self.node.command("npm")?;
        npm.current_dir(&self.dir)
            .args(["run", "--silent", name])
            .env("SPILE_DESCRIPTORS", &self.descriptors);
        Ok(npm)
    }

    /// Builds it; gives the folder with what was made.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        let dist = self.dir.join("dist");
        if dist.exists() {
            fs::remove_dir_all(&dist)?;
        }
        process::run(&mut self.script("build")?)?;
        Ok(dist)
    }
}

/// Builds the viewer and puts it in the place of the one that is checked in.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let fresh = files(&Viewer::set_up(workspace)?.build()?)?;
    let dist = workspace.root.join(DIST);
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    for (path, bytes) in &fresh {
        let file = dist.join(path);
        fs::create_dir_all(file.parent().expect("a file lies in a folder"))?;
        fs::write(&file, bytes).with_context(|| format!("write {}", file.display()))?;
    }
    println!("{DIST}: {} files, {} bytes", fresh.len(), fresh.values().map(Vec::len).sum::<usize>());
    Ok(())
}

/// What differs between a fresh build and what is checked in, as paths; empty when nothing does.
pub(crate) fn stale(workspace: &Workspace, fresh: &Path) -> Result<Vec<String>> {
    let fresh = files(fresh)?;
    let kept = files(&workspace.root.join(DIST))?;
    let names = fresh.keys().chain(kept.keys().filter(|path| !fresh.contains_key(*path)));
    Ok(names.filter(|path| fresh.get(*path) != kept.get(*path)).cloned().collect())
}

/// Every file below a folder, by its path there.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("read {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("it lies in the folder").display().to_string();
            found.insert(name, fs::read(&path)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
