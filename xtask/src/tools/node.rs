//! Node.js: the machine's own, or the one that a Python package carries.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Error, Result};

use super::{Python, installed, stage};
use crate::process;
use crate::report::Missing;
use crate::workspace::Workspace;

/// The oldest major version that the pinned packages run on.
const OLDEST: u32 = 18;

/// Pins the Node.js for machines that have none.
const REQUIREMENTS: &str = "xtask/tools/node/requirements.txt";

/// A Node.js with npm.
pub(crate) struct Node {
    /// A folder to be searched for `node` and `npm` before the others.
    bin: Option<PathBuf>,
    version: String,
}

impl Node {
    /// Finds Node.js, or installs it.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let own = process::probe(Command::new("node").arg("--version"));
        if let Some(version) = own.filter(|version| major(version) >= Some(OLDEST))
            && process::exists("npm")
        {
            return Ok(Self { bin: None, version });
        }
        let python = Python::with(workspace, "node", REQUIREMENTS).map_err(or_node)?;
        let mut node = Self { bin: Some(python.bin()), version: String::new() };
        node.version = process::output(node.command("node")?.arg("--version"))?;
        Ok(node)
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
fn or_node(error: Error) -> Error {
    match error.downcast::<Missing>() {
        Ok(Missing(instead)) => {
            Missing(format!("needs Node.js {OLDEST} or newer with npm; else it {instead}")).into()
        }
        Err(error) => error,
    }
}

pub(super) fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The search path with `first` before the others.
fn search_path(first: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let rest = env::split_paths(&path);
    env::join_paths([first.to_owned()].into_iter().chain(rest)).context("join the search path")
}
