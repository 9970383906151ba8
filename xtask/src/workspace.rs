//! Where the workspace and its build output are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;

/// The workspace's folders.
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, as set by its configuration and environment.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn find() -> Result<Self> {
        #[derive(Deserialize)]
        struct Metadata {
            target_directory: PathBuf,
        }
        let root = root();
        let metadata =
            process::output(cargo(&root).args(["metadata", "--format-version=1", "--no-deps", "--offline"]))?;
        let metadata: Metadata = serde_json::from_str(&metadata).context("read cargo's metadata")?;
        Ok(Self { root, target: metadata.target_directory })
    }

    /// The cargo that runs this task, started in the workspace root.
    pub(crate) fn cargo(&self) -> Command {
        cargo(&self.root)
    }

    /// Where installed tools and generated clients live: outside of the source tree.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }
}

/// The workspace root. The folder told by cargo at run time wins: a target folder may be shared by several clones.
pub(crate) fn root() -> PathBuf {
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR");
    let manifest_dir = manifest_dir.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest_dir).parent().expect("xtask lies in the workspace root");
    root.to_path_buf()
}

/// A cargo command that runs in `root`.
pub(crate) fn cargo(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(root);
    command
}
