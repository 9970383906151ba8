//! The buf CLI, from its makers' npm package.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::Node;
use crate::workspace::Workspace;

/// buf, at the version that `xtask/tools/buf/package-lock.json` pins.
pub(crate) struct Buf {
    node: Node,
    dir: PathBuf,
}

impl Buf {
    /// Finds buf, or installs it.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let node = Node::find(workspace)?;
        let dir = node.project(workspace, "buf", "xtask/tools/buf")?;
        Ok(Self { node, dir })
    }

    /// A buf command, to be run where the configuration is.
    pub(crate) fn command(&self) -> Result<Command> {
        self.node.command(self.dir.join("node_modules/.bin/buf"))
    }
}
