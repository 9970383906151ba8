//! Debian's packages, where this process may install them.

use std::process::Command;

use anyhow::Result;

use crate::process;

/// Installs packages if this is Debian or one of its children and the user is root. `false` when that is not so.
pub(crate) fn install(packages: &[&str]) -> Result<bool> {
    let root = process::probe(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    if !root || !process::exists("apt-get") {
        return Ok(false);
    }
    process::run(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    install.args(["install", "-qq", "--no-install-recommends"]).args(packages);
    process::run(&mut install)?;
    Ok(true)
}
