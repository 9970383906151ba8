//! Go: the machine's own, or Debian's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{apt, installed, stage};
use crate::process;
use crate::report::Missing;
use crate::workspace::Workspace;

/// Go 1.21 and newer fetch the very toolchain that a module names.
const OLDEST: (u32, u32) = (1, 21);

/// A Go toolchain.
pub(crate) struct Go {
    version: String,
}

impl Go {
    /// Finds Go, or installs it.
    pub(crate) fn find() -> Result<Self> {
        let ask = || {
            let version = process::probe(Command::new("go").args(["env", "GOVERSION"]))?;
            (number(&version) >= Some(OLDEST)).then_some(Self { version })
        };
        if let Some(go) = ask() {
            return Ok(go);
        }
        let needed = "Go 1.21 or newer (Debian 13, Ubuntu 24.04: apt-get install golang-go ca-certificates)";
        if !process::exists("go") {
            apt::install(&["golang-go", "ca-certificates"])?;
        }
        let Some(go) = ask() else { bail!(Missing(format!("needs {needed}"))) };
        Ok(go)
    }

    /// Builds `package` of the module in `source` (a path in the workspace), whose `go.sum` pins all it uses, after
    /// `prepare` has been run in the folder that it is built in. `pins` is what else decides the result. Gives the program.
    pub(crate) fn build(
        &self,
        workspace: &Workspace,
        name: &str,
        source: &str,
        pins: &[&str],
        package: &str,
        prepare: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let source = workspace.root.join(source);
        let sources = texts(&source)?;
        let own = [self.version.as_str(), package];
        let pins: Vec<_> =
            own.into_iter().chain(pins.iter().copied()).chain(sources.iter().map(String::as_str)).collect();
        let dir = installed(workspace, name, &pins, |dir| {
            stage(&source, dir)?;
            prepare(dir)?;
            let mut go = Command::new("go");
            go.current_dir(dir).args(["build", "-mod=readonly", "-buildvcs=false", "-o", "program", package]);
            process::run(&mut go)
        })?;
        Ok(dir.join("program"))
    }
}

/// The files of a folder, in the order of their names.
fn texts(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).with_context(|| format!("read {}", dir.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).with_context(|| format!("read {}", path.display())))
        .collect()
}

/// `go1.26.8` as (1, 26).
pub(super) fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim().strip_prefix("go")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
