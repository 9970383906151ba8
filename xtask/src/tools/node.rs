//! Node.js: the machine's own, or the one that a Python package carries.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Error, Result};

use super::{Python, installed, stage, stage_tree};
use crate::process;
use crate::report::Missing;
use crate::workspace::Workspace;

/// The oldest version, major and minor, that the pinned packages run on.
const OLDEST: (u32, u32) = (18, 0);

/// Pins the Node.js for machines that have none.
const REQUIREMENTS: &str = "xtask/tools/node/requirements.txt";

/// Folders of a project that npm and its scripts fill.
const MADE: &[&str] = &["node_modules", "dist", "generated", "test-results"];

/// A Node.js with npm.
pub(crate) struct Node {
    /// A folder to be searched for `node` and `npm` before the others.
    bin: Option<PathBuf>,
    version: String,
}

impl Node {
    /// Finds Node.js, or installs it.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        Self::at_least(workspace, OLDEST)
    }

    /// Finds a Node.js of this major and minor version or newer, or installs one.
    pub(crate) fn at_least(workspace: &Workspace, oldest: (u32, u32)) -> Result<Self> {
        let own = process::probe(Command::new("node").arg("--version"));
        if let Some(version) = own.filter(|version| release(version) >= Some(oldest))
            && process::exists("npm")
        {
            return Ok(Self { bin: None, version });
        }
        let python = Python::with(workspace, "node", REQUIREMENTS).map_err(|error| or_node(error, oldest))?;
        let mut node = Self { bin: Some(python.bin()), version: String::new() };
        node.version = process::output(node.command("node")?.arg("--version"))?;
        Ok(node)
    }

    /// As [`Node::project`], with everything below `source`.
    pub(crate) fn tree(&self, workspace: &Workspace, name: &str, source: &str) -> Result<PathBuf> {
        let dir = self.project(workspace, name, source)?;
        stage_tree(&workspace.root.join(source), &dir, MADE)?;
        Ok(dir)
    }

    /// A folder below `target/tools/` with the files of `source` (a path in the workspace) and the packages that its
    /// `package-lock.json` pins by version and hash.
    pub(crate) fn project(&self, workspace: &Workspace, name: &str, source: &str) -> Result<PathBuf> {
        let source = workspace.root.join(source);
        let read = |name| {
            fs::read_to_string(source.join(name))
                .with_context(|| format!("read {name} of {}", source.display()))
        };
        let pins = [read("package.json")?, read("package-lock.json")?];
        let dir = installed(workspace, name, &[&self.version, &pins[0], &pins[1]], |dir| {
            stage(&source, dir)?;
            let mut npm = self.command("npm")?;
            npm.current_dir(dir).args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ]);
            process::run(&mut npm)
        })?;
        // The sources may have changed since the packages were installed.
        stage(&source, &dir)?;
        Ok(dir)
    }

    /// `node`, `npm`, or a program of a package, which finds this Node.js.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Result<Command> {
        let Some(bin) = &self.bin else {
            return Ok(Command::new(program.as_ref()));
        };
        let own = bin.join(program.as_ref());
        let mut command = Command::new(if own.exists() { own } else { program.as_ref().to_owned() });
        command.env("PATH", search_path(bin)?);
        Ok(command)
    }
}

/// Where Node.js cannot be installed, installing it by hand serves as well.
fn or_node(error: Error, (major, minor): (u32, u32)) -> Error {
    match error.downcast::<Missing>() {
        Ok(Missing(instead)) => {
            Missing(format!("needs Node.js {major}.{minor} or newer with npm; else it {instead}")).into()
        }
        Err(error) => error,
    }
}

/// The major and the minor version of `v20.19.1`.
pub(super) fn release(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim().strip_prefix('v')?.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

/// The search path with `first` before the others.
fn search_path(first: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let rest = env::split_paths(&path);
    env::join_paths([first.to_owned()].into_iter().chain(rest)).context("join the search path")
}
