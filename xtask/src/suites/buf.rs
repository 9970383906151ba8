//! `buf lint`: the rules are in `buf.yaml`.

use anyhow::Result;

use crate::process;
use crate::report::Counts;
use crate::tools::Buf;
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace) -> Result<Counts> {
    let mut lint = Buf::find(workspace)?.command()?;
    lint.current_dir(&workspace.root).arg("lint");
    Ok(match process::run(&mut lint) {
        Ok(()) => Counts { passed: 1, ..Counts::default() },
        Err(error) => {
            println!("{error:#}");
            Counts { failed: 1, ..Counts::default() }
        }
    })
}
