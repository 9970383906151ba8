//! Chromium: the machine's own, or Debian's package. No browser is downloaded from anywhere else.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use super::apt;
use crate::report::Missing;

const PROGRAMS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// Debian's packages: the browser, and a font for what the viewer's own do not have.
const PACKAGES: &[&str] = &["chromium", "fonts-dejavu-core"];

/// Finds Chromium, or installs it; gives the program's path.
pub(crate) fn find() -> Result<PathBuf> {
    if let Some(program) = installed() {
        return Ok(program);
    }
    let needed = format!("needs Chromium (Debian: apt-get install {})", PACKAGES.join(" "));
    if !apt::install(PACKAGES)? {
        bail!(Missing(needed));
    }
    match installed() {
        Some(program) => Ok(program),
        None => bail!("still {needed}"),
    }
}

fn installed() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut candidates =
        env::split_paths(&path).flat_map(|dir| PROGRAMS.iter().map(move |program| dir.join(program)));
    candidates.find(|program| program.is_file())
}
