//! What suites need beyond cargo: installed once into `target/tools/`, at pinned versions.

pub(crate) mod apt;
mod buf;
pub(crate) mod chromium;
mod go;
mod node;
mod python;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub(crate) use self::buf::Buf;
pub(crate) use self::go::Go;
pub(crate) use self::node::Node;
pub(crate) use self::python::Python;
use crate::workspace::Workspace;

/// Gives the folder `target/tools/<name>`, filled by `install` unless it was filled for just these `pins` before.
/// Pins are the whole text of everything that decides what is installed: lock files, versions, the interpreter.
fn installed(
    workspace: &Workspace,
    name: &str,
    pins: &[&str],
    install: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let tools = workspace.tools();
    fs::create_dir_all(&tools).with_context(|| format!("create {}", tools.display()))?;
    let lock = File::create(tools.join(format!("{name}.lock")))?;
    lock.lock().context("wait for another run to install its tools")?;

    let dir = tools.join(name);
    let stamp = dir.join("installed-for");
    let pins = pins.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|stamp| stamp == pins) {
        return Ok(dir);
    }
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;
    println!("setting up {}", dir.display());
    install(&dir).with_context(|| format!("set up {name}"))?;
    fs::write(stamp, pins)?;
    Ok(dir)
}

/// Copies the files of `from` (one level) into `to`, so that nothing is written into the source tree.
fn stage(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let path = entry?.path();
        if path.is_file() {
            let name = path.file_name().expect("a folder's entry has a name");
            fs::copy(&path, to.join(name)).with_context(|| format!("copy {}", path.display()))?;
        }
    }
    Ok(())
}

/// Copies a folder and what is below it, in place of what was copied there before. Folders that tools fill (`made`) are neither copied nor
/// removed.
fn stage_tree(from: &Path, to: &Path, made: &[&str]) -> Result<()> {
    stage(from, to)?;
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let path = entry?.path();
        let name = path.file_name().expect("a folder's entry has a name");
        if !path.is_dir() || made.iter().any(|made| name == *made) {
            continue;
        }
        let copy = to.join(name);
        if copy.exists() {
            fs::remove_dir_all(&copy)?;
        }
        stage_tree(&path, &copy, made)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
