//! Python with pinned packages, in virtual environments of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{apt, installed};
use crate::process;
use crate::report::Missing;
use crate::workspace::Workspace;

/// Prints the version if it is new enough for the pinned packages and can make virtual environments with pip.
const USABLE: &str =
    "import ensurepip, sys, venv; assert sys.version_info >= (3, 10); print(sys.executable, sys.version)";

/// A virtual environment.
pub(crate) struct Python {
    dir: PathBuf,
}

impl Python {
    /// The environment `name`, with the packages that `requirements` (a path in the workspace) pins by version and hash.
    pub(crate) fn with(workspace: &Workspace, name: &str, requirements: &str) -> Result<Self> {
        let interpreter = find()?;
        let requirements = workspace.root.join(requirements);
        let pins =
            fs::read_to_string(&requirements).with_context(|| format!("read {}", requirements.display()))?;
        let dir = installed(workspace, name, &[&interpreter, &pins], |dir| {
            process::run(Command::new("python3").args(["-m", "venv"]).arg(dir))?;
            let mut pip = Command::new(dir.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--require-hashes", "--requirement"]);
            process::run(pip.arg(&requirements))
        })?;
        Ok(Self { dir })
    }

    /// Where the packages' programs are.
    pub(crate) fn bin(&self) -> PathBuf {
        self.dir.join("bin")
    }

    /// The environment's interpreter.
    pub(crate) fn command(&self) -> Command {
        Command::new(self.bin().join("python"))
    }
}

/// Makes sure that there is a usable `python3` and names it.
fn find() -> Result<String> {
    let ask = || process::probe(Command::new("python3").args(["-c", USABLE]));
    if let Some(interpreter) = ask() {
        return Ok(interpreter);
    }
    let needed = "Python 3.10 or newer with venv (Debian, Ubuntu: apt-get install python3 python3-venv)";
    if !apt::install(&["python3", "python3-venv"])? {
        bail!(Missing(format!("needs {needed}")));
    }
    ask().with_context(|| format!("still no {needed}"))
}
