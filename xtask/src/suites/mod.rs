//! The suites, one file each: what each sets up, and how its tests are counted.

mod buf;
mod clients;
mod grpcurl;
mod parquet;
mod programs;
mod rust;
mod senders;
mod viewer;

use anyhow::Result;
use clap::ValueEnum;

use crate::report::{Counts, Report};
use crate::server::Filled;
use crate::workspace::Workspace;

/// A suite of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// Every test of the workspace but those of the suites named by a program
    Rust,
    /// Cases behind nginx with its default settings
    Nginx,
    /// `spile explore` on a terminal of tmux
    Tmux,
    /// A real PostgreSQL as a source
    Postgres,
    /// rsyslog and logger as senders
    Rsyslog,
    /// The wire contract against buf's STANDARD rules
    Buf,
    /// A grpcio client in Python
    Python,
    /// DuckDB and pyarrow on segment files
    Parquet,
    /// The viewer in Chromium, and its unit tests
    Viewer,
    /// A grpc-js client
    Node,
    /// A grpc-go client
    Go,
    /// grpcurl, which knows nothing but what reflection tells it
    Grpcurl,
    /// The OpenTelemetry SDK in Python
    OtlpPython,
    /// The OpenTelemetry SDK in JavaScript
    OtlpNode,
    /// An OpenTelemetry Collector
    Collector,
    /// Grafana's Loki client for Go, and loggers in JavaScript that push to Loki
    Loki,
}

/// A client that is set up: what it does with a filled server.
type Client = Box<dyn FnOnce(&Filled) -> Result<Counts>>;

/// Runs suites one after the other. The server that clients talk to is built and filled once, when the first needs it.
pub(crate) fn run(workspace: &Workspace, suites: &[Suite]) -> Report {
    let mut report = Report::default();
    let mut server = None;
    for suite in suites {
        let mut client = |name, set_up: fn(&Workspace) -> Result<Client>| {
            report.run(name, || against(workspace, &mut server, set_up));
        };
        match suite {
            Suite::Rust => report.run("rust", || rust::run(workspace)),
            Suite::Tmux => report.run("tmux", || programs::run(workspace, &programs::TMUX)),
            Suite::Nginx => report.run("nginx", || programs::run(workspace, &programs::NGINX)),
            Suite::Postgres => report.run("postgres", || programs::run(workspace, &programs::POSTGRES)),
            Suite::Rsyslog => report.run("rsyslog", || programs::run(workspace, &programs::RSYSLOG)),
            Suite::Buf => report.run("buf", || buf::run(workspace)),
            Suite::Parquet => report.run("parquet", || parquet::run(workspace)),
            Suite::Viewer => report.run("viewer", || viewer::run(workspace)),
            Suite::Python => client("python", clients::python),
            Suite::Node => client("node", clients::node),
            Suite::Go => client("go", clients::go),
            Suite::Grpcurl => client("grpcurl", grpcurl::set_up),
            Suite::OtlpPython => client("otlp-python", senders::python),
            Suite::OtlpNode => client("otlp-node", senders::node),
            Suite::Loki => client("loki", senders::loki),
            Suite::Collector => report.run("collector", || senders::collector(workspace)),
        }
    }
    if let Some(server) = server {
        report.run("drain", || {
            server.stop()?;
            println!("ok - the server drained on SIGTERM and exited with 0");
            Ok(Counts { passed: 1, ..Counts::default() })
        });
    }
    report
}

/// Sets a client up, then runs it against the filled server.
fn against(
    workspace: &Workspace,
    server: &mut Option<Filled>,
    set_up: fn(&Workspace) -> Result<Client>,
) -> Result<Counts> {
    let client = set_up(workspace)?;
    let server = match server {
        Some(server) => server,
        none => none.insert(Filled::start(workspace)?),
    };
    let counts = client(server)?;
    if counts.failed > 0 {
        println!("the server's log ends with:\n{}", server.log_tail());
    }
    Ok(counts)
}
