//! The viewer: a fresh build against what is checked in, its types, its unit tests, and Chromium against a real server.

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::report::Counts;
use crate::server;
use crate::tap;
use crate::tools::chromium;
use crate::viewer::{self, Viewer};
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace) -> Result<Counts> {
    let chromium = chromium::find()?;
    let viewer = Viewer::set_up(workspace)?;

    let stale = viewer::stale(workspace, &viewer.build()?)?;
    let mut counts = check(stale.is_empty(), "viewer/dist is what a fresh build gives");
    if !stale.is_empty() {
        println!("these differ: {}; build it with `cargo xtask viewer`", stale.join(", "));
    }
    let typed = process::run(&mut viewer.script("check")?);
    if let Err(error) = &typed {
        println!("{error:#}");
    }
    counts += check(typed.is_ok(), "its types hold");
    counts += tap::run(reporting(&mut viewer.script("unit")?))?;

    let [server, cli] = server::build(workspace)?;
    let mut browser = viewer.script("e2e")?;
    browser.env("SPILE_SERVER", server).env("SPILE_CLI", cli).env("SPILE_CHROMIUM", chromium);
    counts += tap::run(reporting(&mut browser))?;
    Ok(counts)
}

fn reporting(command: &mut Command) -> &mut Command {
    command.env("SPILE_TAP", "1")
}

fn check(holds: bool, what: &str) -> Counts {
    println!("{} - {what}", if holds { "ok" } else { "not ok" });
    Counts { passed: holds.into(), failed: (!holds).into(), ..Counts::default() }
}
