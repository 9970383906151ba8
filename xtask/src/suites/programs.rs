//! Cases that need a program of someone else's: a terminal, a proxy, a sender, a database.
//!
//! They are the modules `with_NAME` of the integration tests. The suite `rust` leaves them out; here each is run when its programs are there,
//! or can be installed.

use anyhow::{Result, bail};

use super::rust;
use crate::process;
use crate::report::{Counts, Missing};
use crate::tools::apt;
use crate::workspace::Workspace;

/// What some cases need.
pub(crate) struct Programs {
    /// The module that they are in.
    module: &'static str,
    /// One that tells whether it is installed, by a path where it is not on the search path.
    program: &'static str,
    /// Debian's packages.
    packages: &'static [&'static str],
}

/// nginx, as a proxy with its default settings.
pub(super) const NGINX: Programs =
    Programs { module: "with_nginx::", program: "/usr/sbin/nginx", packages: &["nginx-light"] };

/// tmux, as the terminal of `spile explore`.
pub(super) const TMUX: Programs =
    Programs { module: "with_tmux::", program: "tmux", packages: &["tmux", "procps"] };

/// PostgreSQL as a source.
pub(super) const POSTGRES: Programs = Programs {
    module: "with_postgres::",
    program: "/usr/bin/pg_ctlcluster",
    packages: &["postgresql", "openssl"],
};

/// rsyslog and logger(1) as senders.
pub(super) const RSYSLOG: Programs =
    Programs { module: "with_rsyslog::", program: "/usr/sbin/rsyslogd", packages: &["rsyslog", "bsdutils"] };

/// All of them.
pub(super) const ALL: &[&Programs] = &[&NGINX, &TMUX, &POSTGRES, &RSYSLOG];

/// Installs the programs where that may be, and runs the cases.
pub(super) fn run(workspace: &Workspace, programs: &Programs) -> Result<Counts> {
    if !process::exists(programs.program) {
        let packages = programs.packages.join(" ");
        let needed = format!("needs {} (Debian, Ubuntu: apt-get install {packages})", programs.program);
        if !apt::install(programs.packages)? {
            bail!(Missing(needed));
        }
        if !process::exists(programs.program) {
            bail!("still {needed}");
        }
    }
    let counts = rust::test(workspace, &["--package", "spile-tests", "--test", "cases"], &[programs.module])?;
    if counts == Counts::default() {
        bail!("there is no case in {}", programs.module);
    }
    Ok(counts)
}

/// What keeps these cases out of a run of all tests.
pub(super) fn skipped() -> Vec<&'static str> {
    ALL.iter().flat_map(|programs| ["--skip", programs.module]).collect()
}
