//! A real `spile-server` on free ports, filled with log files by the real `spile`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tempfile::TempDir;

use crate::corpus::Corpus;
use crate::process;
use crate::workspace::Workspace;

/// A running server, ended when dropped. Its data and its log are in a folder of its own.
pub(crate) struct Server {
    child: Child,
    ports: Ports,
    dir: TempDir,
    /// Held so that the server can go on printing.
    _stdout: BufReader<ChildStdout>,
}

/// What the server writes to `--ports-file` once it is bound.
#[derive(Deserialize)]
struct Ports {
    listen: String,
}

impl Server {
    /// Starts the program on free ports and waits until it is bound.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let ports_file = dir.path().join("ports.json");
        let log = File::create(dir.path().join("server.log"))?;
        let mut child = Command::new(program)
            .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .arg("--data-dir")
            .arg(dir.path().join("data"))
            .arg("--ports-file")
            .arg(&ports_file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        let mut stdout = BufReader::new(child.stdout.take().expect("standard output is piped"));
        // The file is written before the first line is printed; a server that fails ends its output instead.
        let mut line = String::new();
        let printed = stdout.read_line(&mut line)?;
        if printed == 0 {
            let status = child.wait()?;
            bail!(
                "the server did not start: {status}\n{}",
                tail(&dir.path().join("server.log"))
            );
        }
        let ports = fs::read(&ports_file).context("read the server's ports")?;
        let ports = serde_json::from_slice(&ports).context("read the server's ports")?;
        Ok(Self {
            child,
            ports,
            dir,
            _stdout: stdout,
        })
    }

    /// Asks the server to stop, as an orchestrator would, and waits for it.
    fn stop(mut self) -> Result<()> {
        process::run(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        let status = self.child.wait()?;
        ensure!(
            status.success(),
            "the server ended with {status}\n{}",
            self.log_tail()
        );
        Ok(())
    }

    fn log_tail(&self) -> String {
        tail(&self.dir.path().join("server.log"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that holds the lines of a corpus.
pub(crate) struct Filled {
    server: Server,
    corpus: Corpus,
}

impl Filled {
    /// Builds the programs, starts the server, and pushes every file.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let [server, cli] = build(workspace)?;
        let server = Server::start(&server)?;
        let corpus = Corpus::find()?;
        let mut push = Command::new(cli);
        push.env("SPILE_ADDR", &server.ports.listen)
            .arg("push")
            .args(corpus.files());
        process::run(&mut push)?;
        Ok(Self { server, corpus })
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.server.ports.listen
    }

    /// The files that were pushed, in that order.
    pub(crate) fn files(&self) -> &[PathBuf] {
        self.corpus.files()
    }

    /// How many lines were pushed.
    pub(crate) fn lines(&self) -> usize {
        self.corpus.lines()
    }

    /// The last lines of the server's log.
    pub(crate) fn log_tail(&self) -> String {
        self.server.log_tail()
    }

    /// Drains the server.
    pub(crate) fn stop(self) -> Result<()> {
        self.server.stop()
    }
}

/// Builds `spile-server` and `spile`, and says where they are.
fn build(workspace: &Workspace) -> Result<[PathBuf; 2]> {
    let mut cargo = workspace.cargo();
    cargo.args([
        "build",
        "--package=spile-server",
        "--package=spile-cli",
        "--bins",
    ]);
    cargo
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit());
    let messages = process::output(&mut cargo)?;
    Ok([
        executable(&messages, "spile-server")?,
        executable(&messages, "spile")?,
    ])
}

/// The path of a program in cargo's JSON messages.
fn executable(messages: &str, name: &str) -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    #[derive(Deserialize)]
    struct Artifact {
        target: Target,
        executable: Option<PathBuf>,
    }
    let artifacts = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok());
    let mut programs = artifacts
        .filter(|artifact| artifact.target.name == name)
        .filter_map(|artifact| artifact.executable);
    programs
        .next()
        .with_context(|| format!("cargo built no program {name}"))
}

/// The last lines of a file.
fn tail(path: &Path) -> String {
    const LINES: usize = 20;
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
